#' Apply a bijector
#'
#' `tfb_forward()` gives `y = g(x)`, `tfb_inverse()` the `x` that `y` comes from. The other two give the logarithm of
#' the absolute value of the Jacobian determinant of that direction, summed over the last `event_ndims` dimensions.
#'
#' Either the bijector or the value comes first, so that both can be piped: `b %>% tfb_forward(x)` and
#' `x %>% tfb_forward(b)`.
#'
#' @param bijector (bijector or fitted flow) One of `tfb_*()`, [flow_bijector()], or a fitted flow.
#' @param x,y (tensor, numeric, data frame, or list of these) Values on the base side and on the data side. Numbers
#'   become tensors of the dtype of the bijector, or of that in force, `options(pyflows.dtype = "float32")`.
#' @param event_ndims (whole number >= 0, or `NULL`) Over how many of the last dimensions the bijector is meant to
#'   work on one event; `NULL` is the smallest that it allows.
#' @param name (string) Name of the operation in graphs.
#' @param ... Named: what a conditional bijector is conditioned on, by the names of its arguments; for a chain, lists
#'   by the name of the bijector.
#' @returns A tensor, or a list of tensors where the bijector works on lists.
#' @family low-level functions
#' @examplesIf pyflows_available()
#' b <- tfb_exp()
#' b %>% tfb_forward(c(0, 1))
#' c(1, 10) %>% tfb_inverse(b)
#' tfb_forward_log_det_jacobian(b, c(0, 1), event_ndims = 0)
#' @export
tfb_forward <- function(bijector, x, name = "forward", ...) {
  if (missing(bijector)) abort_missing("bijector")
  if (missing(x)) abort_missing("x")
  bijector_verb("forward", bijector, x, "x", list(name = name, ...), current_env())
}

#' @rdname tfb_forward
#' @export
tfb_inverse <- function(bijector, y, name = "inverse", ...) {
  if (missing(bijector)) abort_missing("bijector")
  if (missing(y)) abort_missing("y")
  bijector_verb("inverse", bijector, y, "y", list(name = name, ...), current_env())
}

#' @rdname tfb_forward
#' @export
tfb_forward_log_det_jacobian <- function(bijector, x, event_ndims = NULL, name = "forward_log_det_jacobian", ...) {
  if (missing(bijector)) abort_missing("bijector")
  if (missing(x)) abort_missing("x")
  rest <- list(event_ndims = event_ndims, name = name, ...)
  bijector_verb("forward_log_det_jacobian", bijector, x, "x", rest, current_env())
}

#' @rdname tfb_forward
#' @export
tfb_inverse_log_det_jacobian <- function(bijector, y, event_ndims = NULL, name = "inverse_log_det_jacobian", ...) {
  if (missing(bijector)) abort_missing("bijector")
  if (missing(y)) abort_missing("y")
  rest <- list(event_ndims = event_ndims, name = name, ...)
  bijector_verb("inverse_log_det_jacobian", bijector, y, "y", rest, current_env())
}

bijector_verb <- function(verb, bijector, value, arg, rest, call) {
  args <- rlang::set_names(in_order(bijector, value, "Bijector"), c("bijector", arg))
  if (startsWith(verb, "inverse")) args[2] <- list(own_columns(args[[1]], args[[2]], arg, call))
  lowlevel("tfb", verb, c(args, rest), call)
}
