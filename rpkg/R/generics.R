# R's own generics on a fitted flow. A fit does not hold the data, so what needs data asks for `newdata`.

#' Predict, simulate and score with a fitted flow
#'
#' R's generics for models, on a fitted flow:
#' `predict()` is [flow_log_prob()] or, with `type = "latent"`, [flow_inverse()]; `residuals()` are the latent
#' values of the data, independent standard normals if the model is right; `simulate()` is [flow_sample()];
#' `logLik()` is the log-likelihood of the rows that were trained on, at the weights that were kept, so that
#' [AIC()] and [BIC()] work (take them with caution: the weights are stopped early, and need not be at the
#' maximum); `nobs()` is the number of those rows.
#'
#' @param object (fitted flow) Result of [flow_fit()].
#' @param newdata (data frame or numeric matrix) Data with the columns that were fitted. A fit does not keep
#'   its data, so there is no default.
#' @param type (string) `"log_prob"`, the log-density, or `"latent"`, the latent values.
#' @param context (data frame, numeric matrix or `NULL`) Needed if and only if the flow was fitted with one.
#' @param nsim (whole number >= 0) Number of draws.
#' @param seed (whole number >= 0, or `NULL`) As in [flow_sample()].
#' @param ... Must be empty.
#' @returns `predict()` a numeric vector or a matrix, `residuals()` a matrix, `simulate()` a data frame or
#'   matrix with `nsim` rows, `logLik()` an object of class `logLik`, `nobs()` a number.
#' @family pyflows generics
#' @examplesIf pyflows_available()
#' fit <- flow_fit(flow_affine(), faithful, epochs = 5, seed = 1)
#' head(predict(fit, faithful))
#' simulate(fit, 3, seed = 1)
#' cor(residuals(fit, faithful))
#' AIC(fit)
#' @export
predict.pyflows_fit <- function(object, newdata, type = "log_prob", context = NULL, ...) {
  check_dots_empty(...)
  if (missing(newdata)) abort_missing("newdata")
  type <- check_choice(type, c("log_prob", "latent"))
  if (type == "latent") return(latent_values(object, newdata, context, current_env()))
  rows_through("log_prob", object, newdata, context, object$columns$x, current_env(), label = "newdata")
}

#' @rdname predict.pyflows_fit
#' @export
residuals.pyflows_fit <- function(object, newdata, context = NULL, ...) {
  check_dots_empty(...)
  if (missing(newdata)) abort_missing("newdata")
  latent_values(object, newdata, context, current_env())
}

#' @rdname predict.pyflows_fit
#' @export
simulate.pyflows_fit <- function(object, nsim = 1, seed = NULL, context = NULL, ...) {
  check_dots_empty(...)
  draw(object, check_whole(nsim, min = 0, max = .Machine$integer.max), context, seed, current_env())
}

#' @rdname predict.pyflows_fit
#' @export
logLik.pyflows_fit <- function(object, ...) {
  check_trained(object, current_env())
  n <- nobs.pyflows_fit(object)
  structure(object$facts$train_log_prob * n, df = object$facts$weights_count, nobs = n, class = "logLik")
}

#' @rdname predict.pyflows_fit
#' @export
nobs.pyflows_fit <- function(object, ...) {
  check_trained(object, current_env())
  object$facts$n
}

check_trained <- function(fit, call) {
  if (is_trained(fit)) return(invisible())
  if (is_target_fit(fit)) {
    pyflows_abort("argument", "This flow was fitted to a target density and not to data, so it has no log-likelihood.",
                  "`fit$facts` has its ELBO, and `fit$history` how that went.", call = call, argument = "object")
  }
  pyflows_abort("argument", "This model was built and not fitted, so it has no log-likelihood.",
                "Fit it by `flow_fit()`.", call = call, argument = "object")
}
