# The checks of flow_fit()'s data arguments beside `x`.

# `rows` is NULL where there are no data beside it.
fit_context <- function(context, rows, arg = "context", call = caller_env()) {
  table <- as_table(context, arg, call)
  if (!is.null(rows) && nrow(table$values) != rows) {
    message <- sprintf("`%s` must have %s, as the data, not %d.", arg, plural(rows, "row"), nrow(table$values))
    pyflows_abort("shape", message, call = call, argument = arg)
  }
  check_finite(table, arg, call)
  table
}

check_weights <- function(weights, rows, arg = "weights", call = caller_env()) {
  if (is.null(weights)) return(NULL)
  if (!is_plain_numeric(weights)) abort_argument(arg, "a numeric vector, or NULL", weights, call)
  if (length(weights) != rows) {
    message <- sprintf("`%s` must have one entry for each of the %s, not %d.", arg, plural(rows, "row"),
                       length(weights))
    pyflows_abort("shape", message, call = call, argument = arg)
  }
  wrong <- which(!is.finite(weights) | weights < 0)
  if (length(wrong)) {
    message <- sprintf("`%s` must be finite and >= 0, but entry %d is %s.", arg, wrong[[1]],
                       format(weights[[wrong[[1]]]]))
    pyflows_abort("data", message, call = call, argument = arg)
  }
  if (!any(weights > 0)) pyflows_abort("data", paste0("`", arg, "` are all 0."), call = call, argument = arg)
  as.double(weights)
}

# The fraction as it is; held-out data as list(x =, context =, weights =), in the order of the fitted columns.
check_validation <- function(validation, table, context, call = caller_env()) {
  if (is.null(validation)) return(0)
  if (is.numeric(validation) && is.null(dim(validation))) {
    if (is_plain_number(validation) && validation >= 0 && validation < 1) return(as.double(validation))
    abort_argument("validation", "a fraction >= 0 and < 1, or held-out data", validation, call)
  }
  if (is.data.frame(validation) || is.matrix(validation)) validation <- list(x = validation)
  known <- is.list(validation) && !is.object(validation) && all(names(validation) %in% c("x", "context", "weights"))
  if (!known || is.null(validation$x)) {
    abort_argument("validation", "a fraction >= 0 and < 1, data like `x`, or `list(x = , context = , weights = )`",
                   validation, call)
  }
  x <- new_table(validation$x, table$names, ncol(table$values), "validation$x", call)$values
  rows <- nrow(x)
  if (rows == 0) pyflows_abort("data", "`validation` has no rows.", call = call, argument = "validation")
  if (is.null(context) != is.null(validation$context)) {
    message <- paste("`validation` must", if (is.null(context)) "not" else "also", "hold `context`: the data have",
                     if (is.null(context)) "none." else "one.")
    pyflows_abort("argument", message, "As in `validation = list(x = , context = )`.", call = call,
                  argument = "validation")
  }
  if (!is.null(context)) {
    given <- new_table(validation$context, context$names, ncol(context$values), "validation$context", call)
    validation$context <- fit_context(given$values, rows, "validation$context", call)$values
  }
  weights <- check_weights(validation$weights, rows, "validation$weights", call)
  Filter(Negate(is.null), list(x = x, context = validation$context, weights = py_vector(weights)))
}

# Python would find this too, but only after it was started.
check_order_names <- function(flow, names, call) {
  for (i in seq_along(flow$layers)) {
    order <- flow$layers[[i]]$args$order
    if (!identical(flow$layers[[i]]$kind, "permute") || !all(vapply(order, is.character, NA))) next
    if (setequal(unlist(order), names)) next
    message <- sprintf("`order` in layer %d (permute) must hold every column name once: it has %s, the data have %s.",
                       i, list_names(unlist(order), 10),
                       if (length(names)) list_names(names, 10) else "no column names")
    pyflows_abort("argument", message, call = call, argument = "order")
  }
}
