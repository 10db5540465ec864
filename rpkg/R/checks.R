# One check a kind of argument, the twins of Python's checks. Each takes a value and returns it in the one
# form that a spec holds (integer, double, string, list), or raises `pyflows_error_argument` in the call that
# the user made. `null = TRUE` also allows NULL.

check_whole <- function(x, min = NULL, max = NULL, null = FALSE,
                        arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  must <- paste0("a whole number", bounds_text(min, max), or_null(null))
  if (!is_plain_number(x) || x != round(x) || !in_bounds(x, min, max)) abort_argument(arg, must, x, call)
  if (abs(x) > .Machine$integer.max) as.double(x) else as.integer(x)
}

check_number <- function(x, min = NULL, max = NULL, open = FALSE, null = FALSE,
                         arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  must <- paste0("a number", bounds_text(min, max, open), or_null(null))
  if (!is_plain_number(x) || !in_bounds(x, min, max, open)) abort_argument(arg, must, x, call)
  as.double(x)
}

check_choice <- function(x, values, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  if (is_string(x) && x %in% values) return(as.character(x))
  near <- if (is_string(x)) values[which(utils::adist(x, values, ignore.case = TRUE) <= 2)]
  hint <- if (length(near)) paste0("Did you mean ", encodeString(near[[1]], quote = "\""), "?")
  must <- paste0("one of ", paste(encodeString(values, quote = "\""), collapse = ", "), or_null(null))
  abort_argument(arg, must, x, call, hint)
}

check_flag <- function(x, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  if (!is.logical(x) || is.object(x) || length(x) != 1 || is.na(x)) {
    abort_argument(arg, paste0("TRUE or FALSE", or_null(null)), x, call)
  }
  as.vector(x)
}

check_string <- function(x, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  if (!is_string(x) || !nzchar(x)) abort_argument(arg, paste0("a non-empty string", or_null(null)), x, call)
  as.vector(x)
}

check_whole_list <- function(x, min = NULL, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  must <- paste0("one or more whole numbers", bounds_text(min, NULL), or_null(null))
  values <- if (is.list(x) && !is.object(x) && all(lengths(x) == 1)) unlist(x) else x
  if (!is_plain_numeric(values) || length(values) == 0) abort_argument(arg, must, x, call)
  bad <- which(is.na(values) | values != round(values) | !in_bounds(values, min, .Machine$integer.max))
  if (length(bad)) {
    message <- sprintf("`%s` must be %s, but its entry %d is %s.", arg, must, bad[[1]],
                       format(values[[bad[[1]]]], digits = 15))
    pyflows_abort("argument", message, call = call, argument = arg)
  }
  as.list(as.integer(values))
}

# Column names stay names; positions are counted from 1 in R and from 0 in the spec.
check_permutation <- function(x, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  must <- paste0("distinct column names, or the numbers 1 to the number of columns in a new order", or_null(null))
  values <- if (is.list(x) && !is.object(x) && all(lengths(x) == 1)) unlist(x) else x
  if (is.character(values) && !is.object(values)) {
    fine <- length(values) > 0 && !anyNA(values) && !anyDuplicated(values) && all(nzchar(values))
    if (!fine) abort_order(x, values, arg, must, call)
    return(as.list(as.vector(values)))
  }
  if (!is_plain_numeric(values) || length(values) == 0) abort_argument(arg, must, x, call)
  if (anyNA(values) || !setequal(values, seq_along(values)) || anyDuplicated(values)) {
    abort_order(x, values, arg, must, call)
  }
  as.list(as.integer(values) - 1L)
}

check_order <- function(x, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is_string(x)) return(check_choice(x, c("natural", "reversed", "random"), null, arg, call))
  check_permutation(x, null, arg, call)
}

# For each column 1 if it stays and 0 if it changes, or the name of a rule.
check_mask <- function(x, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  rules <- c("half", "alternating")
  if (is_string(x)) return(check_choice(x, rules, arg = arg, call = call))
  values <- as_bits(x)
  if (is.null(values) || all(values == 1)) {
    must <- "\"half\", \"alternating\", or 1 for each column that stays and 0 for each that changes"
    must <- paste0(must, or_null(null))
    abort_argument(arg, must, x, call)
  }
  as.list(values)
}

# A matrix as the list of its rows, which is also what JSON gives.
check_adjacency <- function(x, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  rows <- if (is.matrix(x)) lapply(seq_len(nrow(x)), function(i) as.vector(x[i, ])) else if (is.list(x)) x
  rows <- lapply(rows, as_bits)
  if (length(rows) == 0 || any(lengths(rows) != length(rows))) {
    abort_argument(arg, paste0("a square matrix of 0 and 1", or_null(null)), x, call)
  }
  lapply(unname(rows), as.list)
}

# Numbers 0 and 1, or FALSE and TRUE, as integers; NULL for anything else.
as_bits <- function(x) {
  values <- if (is.list(x) && !is.object(x) && all(lengths(x) == 1)) unlist(x) else x
  plain <- (is.numeric(values) || is.logical(values)) && !is.object(values) && is.null(dim(values))
  if (plain && length(values) && all(values %in% c(0, 1))) as.integer(values)
}

# Some of the columns, each once; counted like those of an order.
check_columns <- function(x, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  must <- paste0("distinct column names, or distinct positions counted from 1", or_null(null))
  values <- if (is.list(x) && !is.object(x) && all(lengths(x) == 1)) unlist(x) else x
  if (length(values) == 0 || is.object(values) || anyNA(values) || anyDuplicated(values)) {
    abort_argument(arg, must, x, call)
  }
  if (is.character(values) && all(nzchar(values))) return(as.list(as.vector(values)))
  if (!is_plain_numeric(values) || any(values != round(values) | !in_bounds(values, 1, .Machine$integer.max))) {
    abort_argument(arg, must, x, call)
  }
  as.list(as.integer(values) - 1L)
}

abort_order <- function(x, values, arg, must, call) {
  if (length(values) < 2 || length(values) > 20) abort_argument(arg, must, x, call)
  came <- paste(if (is.character(values)) quote_text(values, 20) else format(values, trim = TRUE), collapse = ", ")
  message <- paste0("`", arg, "` must be ", must, ", not ", came, ".")
  pyflows_abort("argument", message, call = call, argument = arg)
}

check_flow <- function(x, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (!null && missing(x)) abort_missing(arg, call)
  if (is.null(x) && null) return(new_flow())
  if (inherits(x, "pyflows_flow")) return(x)
  hint <- if (inherits(x, "pyflows_fit")) {
    paste0("This flow is fitted already; its description is `", arg, "$flow`.")
  } else {
    paste0("Start one with a layer, such as `flow_affine()`; name the other arguments, as in `rank = 2`.")
  }
  abort_argument(arg, "a flow", x, call, hint)
}

check_fit <- function(x, arg = caller_arg(x), call = caller_env()) {
  if (missing(x)) abort_missing(arg, call)
  if (inherits(x, "pyflows_fit")) return(x)
  hint <- if (inherits(x, "pyflows_flow")) "Fit it first with `flow_fit()`, or build it untrained with `flow_build()`."
  abort_argument(arg, "a fitted or built flow", x, call, hint)
}

check_dots_empty <- function(..., call = caller_env()) {
  if (...length() == 0) return(invisible())
  named <- setdiff(...names(), "")
  what <- if (length(named)) paste("unknown argument", list_names(named)) else "an argument without a name"
  pyflows_abort("argument", paste0("`...` must be empty, but there is ", what, "."), call = call)
}

# With no seed one is drawn from R's generator, so that set.seed() governs fits and samples.
check_seed <- function(seed, call = caller_env()) {
  seed <- check_whole(seed, min = 0, max = .Machine$integer.max, null = TRUE, arg = "seed", call = call)
  seed %||% sample.int(.Machine$integer.max, 1)
}

check_path <- function(path, null = FALSE, arg = caller_arg(path), call = caller_env()) {
  path <- check_string(path, null = null, arg = arg, call = call)
  if (!is.null(path)) normalizePath(path, mustWork = FALSE)
}

# -- small predicates -------------------------------------------------------------------------------

is_plain_numeric <- function(x) is.numeric(x) && !is.object(x) && is.null(dim(x))
is_plain_number <- function(x) is_plain_numeric(x) && length(x) == 1 && is.finite(x)
is_string <- function(x) is.character(x) && !is.object(x) && length(x) == 1 && !is.na(x)

in_bounds <- function(x, min, max, open = FALSE) {
  above <- if (is.null(min)) TRUE else if (open) x > min else x >= min
  below <- if (is.null(max)) TRUE else if (open) x < max else x <= max
  above & below
}

bounds_text <- function(min, max, open = FALSE) {
  number <- function(x) format(x, digits = 15)
  if (is.null(min) && is.null(max)) return("")
  if (is.null(max)) return(paste(if (open) " >" else " >=", number(min)))
  if (is.null(min)) return(paste(if (open) " <" else " <=", number(max)))
  paste0(" between ", number(min), " and ", number(max), if (open) " (both excluded)")
}

or_null <- function(null) if (null) ", or NULL" else ""
