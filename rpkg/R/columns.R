# Data from the user: a numeric matrix or data frame becomes one matrix of doubles, checked here, before Python
# is started, so that messages can name the row and column.

# The table as list(values = double matrix, names = column names or NULL, frame = was it a data frame).
as_table <- function(x, arg = caller_arg(x), call = caller_env()) {
  if (is.data.frame(x)) {
    if (ncol(x) == 0) pyflows_abort("shape", paste0("`", arg, "` has no columns."), call = call, argument = arg)
    check_names(names(x), arg, call)
    check_column_types(x, arg, call)
    values <- matrix(unlist(lapply(x, as.double), use.names = FALSE), nrow = nrow(x), ncol = length(x))
    return(list(values = values, names = names(x), frame = TRUE))
  }
  if (!is.matrix(x) || is.object(x) || !(is.numeric(x) || is.logical(x))) {
    hint <- if (is_plain_numeric(x)) "One column is `data.frame(x = ...)` or `matrix(..., ncol = 1)`."
    if (is_py_object(x)) hint <- "Turn it into an R matrix first, for example with `as.matrix()`."
    abort_argument(arg, "a data frame or a numeric matrix", x, call, hint)
  }
  if (ncol(x) == 0) pyflows_abort("shape", paste0("`", arg, "` has no columns."), call = call, argument = arg)
  names <- colnames(x)
  if (!is.null(names)) check_names(names, arg, call)
  values <- if (is.double(x)) x else matrix(as.double(x), nrow(x), ncol(x))
  list(values = unname(values), names = names, frame = FALSE)
}

check_names <- function(names, arg, call) {
  if (anyNA(names) || !all(nzchar(names))) {
    message <- sprintf("Every column of `%s` must have a name, but column %d has none.", arg,
                       which(is.na(names) | !nzchar(names))[[1]])
    pyflows_abort("shape", message, call = call, argument = arg)
  }
  if (anyDuplicated(names)) {
    message <- sprintf("The columns of `%s` must have different names, but %s comes more than once.", arg,
                       list_names(unique(names[duplicated(names)])))
    pyflows_abort("shape", message, call = call, argument = arg)
  }
}

check_column_types <- function(x, arg, call) {
  kind <- vapply(x, function(column) {
    if (is.factor(column)) "a factor"
    else if (inherits(column, "integer64")) "of class <integer64>"
    else if (!is.null(dim(column))) "a matrix"
    else if (is.numeric(column) || is.logical(column)) ""
    else if (is.object(column)) paste0("of class <", class(column)[[1]], ">")
    else paste("of type", typeof(column))
  }, "")
  bad <- which(nzchar(kind))
  if (!length(bad)) return(invisible())
  what <- paste0("`", names(x)[bad], "` is ", kind[bad])
  if (length(what) > 5) what <- c(what[1:5], paste(length(what) - 5, "more are not numeric"))
  message <- sprintf("The columns of `%s` must be numeric, but %s.", arg, paste(what, collapse = ", "))
  pyflows_abort("data", message, "Leave them out, or turn them into numbers.", call = call, argument = arg)
}

# The sum is finite when every value is, and takes no memory; only then is there nothing to look for.
check_finite <- function(table, arg, call) {
  values <- table$values
  if (is.finite(sum(values))) return(invisible())
  bad <- which(!is.finite(values))
  if (!length(bad)) return(invisible())
  place <- arrayInd(bad, dim(values))
  first <- place[order(place[, 1], place[, 2]), , drop = FALSE][1, ]
  how_many <- if (length(bad) == 1) "1 value is" else plural(length(bad), "", "values are")
  message <- sprintf("`%s` must hold finite numbers, but %s missing or infinite; the first is %s in row %d, column %s.",
                     arg, how_many, format(values[first[1], first[2]]), first[1], column_label(table$names, first[2]))
  hint <- if (anyNA(values)) "Leave such rows out, for example by `na.omit()`, or fill them in."
  pyflows_abort("data", message, hint, call = call, argument = arg)
}

column_label <- function(names, i) if (is.null(names)) as.character(i) else paste0("`", names[[i]], "`")

# Data to fit to: finite, two rows or more, no constant column (its density would be infinite).
fit_table <- function(x, arg = caller_arg(x), call = caller_env()) {
  table <- as_table(x, arg, call)
  rows <- nrow(table$values)
  if (rows < 2) {
    message <- sprintf("`%s` must have at least 2 rows to fit a flow to, not %d.", arg, rows)
    pyflows_abort("data", message, call = call, argument = arg)
  }
  check_finite(table, arg, call)
  constant <- which(apply(table$values, 2, function(column) all(column == column[[1]])))
  if (length(constant)) {
    labels <- vapply(constant, function(i) column_label(table$names, i), "")
    message <- sprintf("`%s` must vary in every column, but %s (all %s).", arg,
                       paste0(if (length(labels) == 1) "column " else "columns ", paste(labels, collapse = ", "),
                              if (length(labels) == 1) " is constant" else " are constant"),
                       paste(format(table$values[1, constant], digits = 15, trim = TRUE), collapse = ", "))
    pyflows_abort("data", message, "Leave constant columns out: they have no density.", call = call, argument = arg)
  }
  table
}

# New data for a fitted flow: columns found by name, in any order; a data frame may have more of them. Without
# names on either side, the number of columns must be right.
new_table <- function(x, names, size, arg = caller_arg(x), call = caller_env()) {
  given <- if (is.data.frame(x)) base::names(x) else if (is.matrix(x)) colnames(x)
  if (length(names) && !is.null(given)) {
    missing <- setdiff(names, given)
    if (length(missing)) {
      message <- sprintf("`%s` lacks %s %s; it has %s.", arg, if (length(missing) == 1) "column" else "columns",
                         list_names(missing, 10), if (length(given)) list_names(given, 10) else "no columns")
      pyflows_abort("shape", message, call = call, argument = arg)
    }
    x <- x[, match(names, given), drop = FALSE]
  }
  table <- as_table(x, arg, call)
  if (ncol(table$values) != size) {
    message <- sprintf("`%s` must have %s, as in the data that the flow was made for, not %d.", arg,
                       plural(size, "column"), ncol(table$values))
    pyflows_abort("shape", message, call = call, argument = arg)
  }
  table$names <- names %||% table$names
  check_finite(table, arg, call)
  table
}

# The context of a verb: needed exactly when the flow was fitted with one, and a row for every row of the data.
context_table <- function(context, fit, rows = NULL, call = caller_env()) {
  size <- fit$facts$context_size
  if (size == 0) {
    if (is.null(context)) return(NULL)
    pyflows_abort("argument", "`context` must be left out: this flow was made without one.", call = call,
                  argument = "context")
  }
  if (is.null(context)) {
    names <- fit$columns$context
    message <- paste0("`context` is missing: this flow was made with ", plural(size, "context column"),
                      if (length(names)) paste0(" (", list_names(names), ")"), ".")
    pyflows_abort("argument", message, call = call, argument = "context")
  }
  table <- new_table(context, fit$columns$context, size, "context", call)
  check_rows(table$values, rows, "context", call)
  table$values
}

check_rows <- function(values, rows, arg, call) {
  if (is.null(rows) || nrow(values) %in% c(1, rows)) return(invisible())
  message <- sprintf("`%s` must have 1 row, or %s as the data, not %d.", arg, plural(rows, "row"), nrow(values))
  pyflows_abort("shape", message, call = call, argument = arg)
}

# Results in the user's form: a data frame or matrix with the user's column names.
as_user_table <- function(values, names, frame) {
  if (!frame) {
    if (length(names)) colnames(values) <- names
    return(values)
  }
  columns <- lapply(seq_len(ncol(values)), function(i) values[, i])
  names(columns) <- names %||% paste0("x", seq_along(columns))
  structure(columns, class = "data.frame", row.names = .set_row_names(nrow(values)))
}
