#' Both directions of a fitted flow
#'
#' `flow_inverse()` takes data to the latent space of the base distribution: its values are the flow's
#' residuals, which are draws from the base (independent standard normals) if the model is right.
#' `flow_forward()` takes latent values to the space of the data.
#'
#' @inheritParams flow_log_prob
#' @param z (data frame or numeric matrix) Latent values, as many columns as the data have (one less under
#'   [flow_simplex()]), taken in their order.
#' @param context (data frame, numeric matrix or `NULL`) Needed if and only if the flow was fitted with one: a
#'   row for each row of the data, or one row for all.
#' @returns `flow_inverse()` a matrix with columns `z1`, `z2`, ...; `flow_forward()` a data frame or matrix
#'   with the columns of the data that were fitted.
#' @family pyflows verbs
#' @examplesIf pyflows_available()
#' fit <- flow_fit(flow_affine(), faithful, epochs = 5, seed = 1)
#' z <- flow_inverse(fit, head(faithful))
#' z
#' flow_forward(fit, z)
#' @export
flow_forward <- function(fit, z, context = NULL) {
  fit <- check_fit(fit)
  if (missing(z)) abort_missing("z")
  values <- rows_through("forward", fit, z, context, NULL, current_env(), arg = "z")
  as_user_table(values, fit$columns$x, fit$frame)
}

#' @rdname flow_forward
#' @export
flow_inverse <- function(fit, x, context = NULL) {
  fit <- check_fit(fit)
  if (missing(x)) abort_missing("x")
  latent_values(fit, x, context, current_env(), label = "x")
}
