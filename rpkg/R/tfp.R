#' The TensorFlow Probability objects of a fitted flow
#'
#' `flow_bijector()` gives the map as an ordinary `tfb.Bijector` (forward: base -> data),
#' `flow_distribution()` the fitted distribution as an ordinary `tfd.Distribution`, on the model's own
#' variables: for use with the packages reticulate, tensorflow and tfprobability.
#'
#' @inheritParams flow_log_prob
#' @param context (data frame, numeric matrix or `NULL`) What the object is conditioned on; needed if and only
#'   if the flow was fitted with one.
#' @returns A Python object.
#' @family pyflows verbs
#' @examplesIf pyflows_available()
#' model <- flow_build(flow_affine(), event_size = 2, seed = 1)
#' flow_distribution(model)
#' @export
flow_bijector <- function(fit, context = NULL) {
  tfp_object("bijector", check_fit(fit), context, current_env())
}

#' @rdname flow_bijector
#' @export
flow_distribution <- function(fit, context = NULL) {
  tfp_object("distribution", check_fit(fit), context, current_env())
}

tfp_object <- function(verb, fit, context, call) {
  context <- context_table(context, fit, call = call)
  r_object(door(verb, fit = live_model(fit, call), context = context, call = call))
}
