#' Draw from a fitted flow
#'
#' @inheritParams flow_log_prob
#' @param n (whole number >= 0) Number of draws.
#' @param context (data frame, numeric matrix or `NULL`) Needed if and only if the flow was fitted with one:
#'   `n` rows, one for each draw, or one row for all.
#' @param seed (whole number >= 0, or `NULL`) The same seed gives the same draws; `NULL` takes one from R's
#'   generator, so that [set.seed()] governs the draws.
#' @returns What was fitted: a data frame for a data frame, a matrix for a matrix, with the same column names
#'   and `n` rows. (A flow from [flow_load()] gives a data frame if its columns have names.)
#' @family pyflows verbs
#' @examplesIf pyflows_available()
#' fit <- flow_fit(flow_affine(), faithful, epochs = 5, seed = 1)
#' set.seed(1)
#' flow_sample(fit, 3)
#' @export
flow_sample <- function(fit, n, context = NULL, seed = NULL) {
  fit <- check_fit(fit)
  if (missing(n)) abort_missing("n")
  n <- check_whole(n, min = 0, max = .Machine$integer.max)
  draw(fit, n, context, seed, current_env())
}

draw <- function(fit, n, context, seed, call) {
  context <- context_table(context, fit, n, call)
  seed <- check_seed(seed, call)
  values <- if (n == 0) {
    matrix(0, 0, fit$facts$event_size)
  } else {
    r_matrix(door("sample", fit = live_model(fit, call), n = n, context = context, seed = seed, call = call))
  }
  as_user_table(values, fit$columns$x, fit$frame)
}
