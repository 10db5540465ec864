#' Register a layer of your own
#'
#' A layer is three functions, made of TensorFlow operations, and parameters that are learned with the flow. Each
#' function is called with the parameters (a named list of tensors) and the values (a tensor with a row for each
#' observation), and is traced once for each number of columns; after that it is part of the compiled flow.
#' When a flow with such a layer is built, the three are tried out: an `inverse` that does not undo `forward`, and a
#' `log_det` that is not its log-derivative, are refused.
#'
#' A flow with such a layer is fitted, saved and loaded like any other. In a new session it must be registered again
#' before the file is loaded.
#'
#' @param name (string) Name of the kind, of letters, digits and underscores.
#' @param forward (function) Base -> data, of `(parameters, value)`.
#' @param inverse (function) Data -> base.
#' @param log_det (function) Of `forward`, at base-side values: for maps of each element on its own the logarithm of
#'   the absolute derivative, of the shape of the values; for others the log |det Jacobian|, one for each row.
#' @param parameters (named list) What is learned, with starting values: a number stands for one number for each
#'   column, a longer vector for itself.
#' @returns A function, `function(flow = NULL)`, that adds the layer to a flow.
#' @family pyflows layers
#' @examplesIf pyflows_available()
#' stretch <- flow_register(
#'   "stretch",
#'   forward = function(p, z) tf$multiply(z, tf$exp(p$log_scale)),
#'   inverse = function(p, x) tf$multiply(x, tf$exp(tf$negative(p$log_scale))),
#'   log_det = function(p, z) tf$add(tf$zeros_like(z), p$log_scale),
#'   parameters = list(log_scale = 0)
#' )
#' flow_affine() |> stretch()
#' @export
flow_register <- function(name, forward, inverse, log_det, parameters = list()) {
  call <- current_env()
  name <- check_string(name)
  check_function(forward)
  check_function(inverse)
  check_function(log_det)
  numbers <- is.list(parameters) && !is.object(parameters) && all(vapply(parameters, is_plain_numeric, NA))
  if (!numbers || length(parameters) != sum(nzchar(names(parameters)))) {
    abort_argument("parameters", "a list of names and starting values, numbers", parameters, call)
  }
  door("register_inline", name = name, forward = py_closure(forward, "forward", call),
       inverse = py_closure(inverse, "inverse", call), log_det = py_closure(log_det, "log_det", call),
       parameters = parameters, call = call)
  function(flow = NULL) add_layer(flow, name)
}

check_function <- function(x, arg = caller_arg(x), call = caller_env()) {
  if (!is.function(x)) abort_argument(arg, "a function of (parameters, value)", x, call)
}
