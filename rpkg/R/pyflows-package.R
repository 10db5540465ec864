#' pyflows: normalizing flows with pipes
#'
#' A flow is described layer by layer, from the base distribution to the data
#' (`flow_affine() |> flow_prelu()`), fitted to a data frame or matrix with [flow_fit()], and then used
#' as a probability distribution: [flow_log_prob()], [flow_sample()], [flow_forward()],
#' [flow_inverse()], and R's own generics such as [predict()], [simulate()], [logLik()] and [plot()].
#'
#' Describing, printing, comparing and checking a flow needs no Python. Python, TensorFlow and TensorFlow
#' Probability start at the first [flow_fit()], [flow_build()] or [flow_load()]; [install_pyflows()]
#' installs them.
#'
#' @section Errors:
#' Every error of this package has class `pyflows_error` and one of `pyflows_error_argument`,
#' `pyflows_error_shape`, `pyflows_error_data`, `pyflows_error_training`, `pyflows_error_file` and
#' `pyflows_error_backend`, for use with [tryCatch()].
#'
#' @importFrom generics augment glance tidy
#' @importFrom magrittr %>%
#' @importFrom rlang .data %||% caller_arg caller_env current_env
#' @importFrom stats logLik nobs predict residuals simulate
#' @keywords internal
"_PACKAGE"

#' @export
magrittr::`%>%`

#' @export
generics::tidy

#' @export
generics::glance

#' @export
generics::augment
