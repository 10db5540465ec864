#' Log-density of a fitted flow
#'
#' The natural logarithm of the density at each row of `x`, on the scale of the data that the flow was fitted
#' to. For columns of whole numbers ([flow_dequantize()], or `support = list(n = "count")`) it is a lower bound of the
#' log-probability, in expectation. Memory beyond input and output does not grow with the number of rows.
#'
#' @param fit (fitted flow) Result of [flow_fit()], [flow_build()] or [flow_load()].
#' @param x (data frame or numeric matrix) Columns as in the data that were fitted; they are found by name
#'   where there are names, and a data frame may have more of them.
#' @param context (data frame, numeric matrix or `NULL`) Needed if and only if the flow was fitted with one: a
#'   row for each row of `x`, or one row for all.
#' @returns A numeric vector, nats, one value for each row of `x`.
#' @family pyflows verbs
#' @examplesIf pyflows_available()
#' fit <- flow_fit(flow_affine(), faithful, epochs = 5, seed = 1)
#' mean(flow_log_prob(fit, faithful))
#' @export
flow_log_prob <- function(fit, x, context = NULL) {
  fit <- check_fit(fit)
  if (missing(x)) abort_missing("x")
  rows_through("log_prob", fit, x, context, fit$columns$x, current_env())
}

# What log_prob, forward and inverse share: check, cross over, come back. `arg` is the name in Python, `label` the
# one that the user knows. No rows need no Python.
rows_through <- function(verb, fit, x, context, names, call, arg = "x", label = arg) {
  size <- if (verb == "forward") fit$facts$latent_size else fit$facts$event_size
  table <- new_table(x, names, size, label, call)
  rows <- nrow(table$values)
  if (verb == "inverse") check_in_support(fit$flow, table, label, call)
  context <- context_table(context, fit, rows, call)
  width <- if (verb == "inverse") fit$facts$latent_size else fit$facts$event_size
  if (rows == 0) return(if (verb == "log_prob") numeric() else matrix(0, 0, width))
  argument <- stats::setNames(list(table$values), arg)
  value <- rlang::exec(door, verb, fit = live_model(fit, call), !!!argument, context = context, call = call)
  if (verb == "log_prob") r_vector(value) else r_matrix(value)
}

latent_values <- function(fit, x, context, call, label = "newdata") {
  values <- rows_through("inverse", fit, x, context, fit$columns$x, call, label = label)
  colnames(values) <- paste0("z", seq_len(ncol(values)))
  values
}
