# Errors and warnings. Every message names the argument, says what is allowed and what came; hints say how
# to go on. Text that may hold braces (column names, file names, Python's words) is never run through
# cli's glue: hence `use_cli_format = FALSE`, which takes the text as it is.

pyflows_abort <- function(kind, message, hint = NULL, call = caller_env(), ...) {
  rlang::abort(
    c(message, if (length(hint)) c(i = hint)),
    class = c(paste0("pyflows_error_", kind), "pyflows_error"),
    call = call, ..., use_cli_format = FALSE
  )
}

pyflows_warn <- function(kind, message, hint = NULL, ...) {
  rlang::warn(
    c(message, if (length(hint)) c(i = hint)),
    class = c(paste0("pyflows_warning_", kind), "pyflows_warning"), ..., use_cli_format = FALSE
  )
}

abort_argument <- function(arg, must, x, call, hint = NULL) {
  message <- paste0("`", arg, "` must be ", must, ", not ", describe(x), ".")
  pyflows_abort("argument", message, hint, call = call, argument = arg)
}

abort_missing <- function(arg, call = caller_env()) {
  pyflows_abort("argument", paste0("`", arg, "` is missing, with no default."), call = call, argument = arg)
}

# What came, in the user's terms: "the number -500", "a character vector of length 2".
describe <- function(x) {
  if (is.null(x)) return("NULL")
  if (is.function(x)) return("a function")
  if (is.data.frame(x)) return(sprintf("a data frame with %d rows and %d columns", nrow(x), ncol(x)))
  if (is.factor(x)) return("a factor")
  if (is.object(x)) return(paste0("an object of class <", class(x)[[1]], ">"))
  if (is.matrix(x)) return(sprintf("a %s matrix with %d rows and %d columns", type_word(x), nrow(x), ncol(x)))
  if (is.list(x)) return(if (length(x)) sprintf("a list of length %d", length(x)) else "an empty list")
  if (!is.atomic(x)) return(paste0("an object of type ", typeof(x)))
  if (length(x) != 1) return(sprintf("a %s vector of length %d", type_word(x), length(x)))
  if (is.na(x) && !is.nan(x)) return("NA")
  if (is.character(x)) return(paste0("the string ", quote_text(x)))
  if (is.numeric(x)) return(paste("the number", format(x, digits = 15)))
  if (is.logical(x)) return(as.character(x))
  paste("a", type_word(x), "value")
}

type_word <- function(x) if (is.numeric(x)) "numeric" else typeof(x)

# Strings in messages: quoted, and cut where somebody passed a whole file.
quote_text <- function(x, width = 60) {
  long <- nchar(x, type = "chars") > width
  x[long] <- paste0(substr(x[long], 1, width), "...")
  encodeString(x, quote = "\"")
}

# `a`, `b` and 3 more
list_names <- function(x, most = 5) {
  shown <- paste0("`", utils::head(x, most), "`")
  rest <- length(x) - length(shown)
  if (rest > 0) return(paste0(paste(shown, collapse = ", "), " and ", rest, " more"))
  if (length(shown) < 2) return(shown)
  paste0(paste(shown[-length(shown)], collapse = ", "), " and ", shown[length(shown)])
}

plural <- function(n, one, many = paste0(one, "s")) {
  paste(format(n, big.mark = ",", scientific = FALSE, trim = TRUE), if (n == 1) one else many)
}
