#' Tidy summaries of a fitted flow
#'
#' Methods for the generics of the package generics (as in broom): `tidy()` gives a row for each layer,
#' `glance()` one row for the whole fit, and `augment()` the data with log-densities and latent values beside
#' them.
#'
#' @param x (fitted flow) Result of [flow_fit()].
#' @param data (data frame or numeric matrix) Data with the columns that were fitted.
#' @param context (data frame, numeric matrix or `NULL`) Needed if and only if the flow was fitted with one.
#' @param ... Must be empty.
#' @returns Data frames. `tidy()`: `layer`, `kind`, `arguments`. `glance()`: `n`, `n_validation`,
#'   `event_size`, `context_size`, `weights`, `epochs`, `best_epoch`, `train_log_prob` and
#'   `validation_log_prob` (nats a row), `logLik`, `AIC`, `BIC`, `stopped`, `seconds`. `augment()`: the
#'   columns of `data`, then `.log_prob` and `.z1`, `.z2`, ...
#' @family pyflows generics
#' @examplesIf pyflows_available()
#' fit <- flow_affine() |> flow_prelu() |> flow_fit(faithful, epochs = 5, seed = 1)
#' tidy(fit)
#' glance(fit)
#' head(augment(fit, faithful))
#' @name pyflows-tidiers
NULL

#' @rdname pyflows-tidiers
#' @export
tidy.pyflows_fit <- function(x, ...) {
  check_dots_empty(...)
  layers <- x$flow$layers
  data.frame(
    layer = seq_along(layers),
    kind = vapply(layers, `[[`, "", "kind"),
    arguments = vapply(layers, function(layer) paste(format_args(layer), collapse = ", "), "")
  )
}

#' @rdname pyflows-tidiers
#' @export
glance.pyflows_fit <- function(x, ...) {
  check_dots_empty(...)
  check_trained(x, current_env())
  facts <- x$facts
  data.frame(
    n = facts$n, n_validation = facts$n_validation, event_size = facts$event_size,
    context_size = facts$context_size, weights = facts$weights_count, epochs = facts$epochs,
    best_epoch = facts$best_epoch, train_log_prob = facts$train_log_prob,
    validation_log_prob = facts$validation_log_prob %||% NA_real_, logLik = as.numeric(stats::logLik(x)),
    AIC = stats::AIC(x), BIC = stats::BIC(x), stopped = facts$stopped, seconds = facts$seconds
  )
}

#' @rdname pyflows-tidiers
#' @export
augment.pyflows_fit <- function(x, data, context = NULL, ...) {
  check_dots_empty(...)
  if (missing(data)) abort_missing("data")
  call <- current_env()
  log_prob <- rows_through("log_prob", x, data, context, x$columns$x, call, label = "data")
  latent <- latent_values(x, data, context, call, label = "data")
  colnames(latent) <- paste0(".", colnames(latent))
  cbind(as.data.frame(data), .log_prob = log_prob, latent)
}
