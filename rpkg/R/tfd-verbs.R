#' Draw from a distribution
#'
#' @param distribution (distribution or fitted flow) One of `tfd_*()`, [flow_distribution()], or a fitted flow.
#' @param sample_shape (whole numbers >= 0, or an empty list) Shape of the draws: a number for that many, `list()` for
#'   one without a dimension of its own.
#' @param ... Named: what a conditional distribution is conditioned on, by the names of its arguments.
#' @param seed (whole number >= 0, or `NULL`) The same seed gives the same draws; `NULL` draws it from R's generator, so
#'   that [set.seed()] governs it, but inside of functions that are being compiled it leaves new draws to each run.
#' @returns A tensor: first `sample_shape`, then the shape of the batch, then that of one event. A joint distribution
#'   gives a list of tensors.
#' @family low-level functions
#' @examplesIf pyflows_available()
#' tfd_normal(0, 1) %>% tfd_sample(3, seed = 1)
#' @export
tfd_sample <- function(distribution, sample_shape = list(), ..., seed = NULL) {
  call <- current_env()
  if (missing(distribution)) abort_missing("distribution")
  if (is.null(seed) && r_flag(door("is_eager"))) seed <- check_seed(NULL)
  args <- list(distribution = distribution, sample_shape = sample_shape, seed = seed)
  lowlevel("tfd", "sample", c(args, list(...)), call)
}

#' Densities and probabilities
#'
#' `tfd_log_prob()` and `tfd_prob()` give the density, or for discrete distributions the probability, of values;
#' `tfd_cdf()` the probability of at most a value and `tfd_survival_function()` that of more, with their logarithms;
#' `tfd_quantile()` is the inverse of `tfd_cdf()`.
#'
#' Either the distribution or the value comes first, so that both can be piped: `d %>% tfd_log_prob(x)` and
#' `x %>% tfd_log_prob(d)`.
#'
#' @inheritParams tfd_sample
#' @param value (tensor, numeric, data frame, or list of these) Values of the shape of draws; probabilities for
#'   `tfd_quantile()`. Numbers become tensors of the dtype of the distribution.
#' @returns A tensor without the dimensions of the event.
#' @family low-level functions
#' @examplesIf pyflows_available()
#' d <- tfd_normal(0, 1)
#' d %>% tfd_log_prob(c(-1, 0, 1))
#' c(0.025, 0.975) %>% tfd_quantile(d)
#' @export
tfd_log_prob <- function(distribution, value, ...) {
  distribution_verb("log_prob", distribution, value, list(...), current_env())
}

#' @rdname tfd_log_prob
#' @export
tfd_prob <- function(distribution, value, ...) {
  distribution_verb("prob", distribution, value, list(...), current_env())
}

#' @rdname tfd_log_prob
#' @export
tfd_cdf <- function(distribution, value, ...) {
  distribution_verb("cdf", distribution, value, list(...), current_env())
}

#' @rdname tfd_log_prob
#' @export
tfd_log_cdf <- function(distribution, value, ...) {
  distribution_verb("log_cdf", distribution, value, list(...), current_env())
}

#' @rdname tfd_log_prob
#' @export
tfd_survival_function <- function(distribution, value, ...) {
  distribution_verb("survival_function", distribution, value, list(...), current_env())
}

#' @rdname tfd_log_prob
#' @export
tfd_log_survival_function <- function(distribution, value, ...) {
  distribution_verb("log_survival_function", distribution, value, list(...), current_env())
}

#' @rdname tfd_log_prob
#' @export
tfd_quantile <- function(distribution, value, ...) {
  distribution_verb("quantile", distribution, value, list(...), current_env())
}

distribution_verb <- function(verb, distribution, value, rest, call) {
  if (missing(distribution)) abort_missing("distribution", call)
  if (missing(value)) abort_missing("value", call)
  args <- rlang::set_names(in_order(distribution, value, "Distribution"), c("distribution", "value"))
  if (verb != "quantile") args[2] <- list(own_columns(args[[1]], args[[2]], "value", call))
  lowlevel("tfd", verb, c(args, rest), call)
}

#' Properties of a distribution
#'
#' Mean, mode, variance, standard deviation, covariance matrix and entropy, in nats.
#'
#' @inheritParams tfd_sample
#' @returns A tensor.
#' @family low-level functions
#' @examplesIf pyflows_available()
#' d <- tfd_gamma(concentration = 2, rate = 1)
#' tfd_mean(d)
#' tfd_stddev(d)
#' @export
tfd_mean <- function(distribution, ...) property_verb("mean", distribution, list(...), current_env())

#' @rdname tfd_mean
#' @export
tfd_mode <- function(distribution, ...) property_verb("mode", distribution, list(...), current_env())

#' @rdname tfd_mean
#' @export
tfd_variance <- function(distribution, ...) property_verb("variance", distribution, list(...), current_env())

#' @rdname tfd_mean
#' @export
tfd_stddev <- function(distribution, ...) property_verb("stddev", distribution, list(...), current_env())

#' @rdname tfd_mean
#' @export
tfd_covariance <- function(distribution, ...) property_verb("covariance", distribution, list(...), current_env())

#' @rdname tfd_mean
#' @export
tfd_entropy <- function(distribution, ...) property_verb("entropy", distribution, list(...), current_env())

property_verb <- function(verb, distribution, rest, call) {
  if (missing(distribution)) abort_missing("distribution", call)
  lowlevel("tfd", verb, c(list(distribution = distribution), rest), call)
}

#' Compare two distributions
#'
#' The Kullback-Leibler divergence from `other` to `distribution`, E log(p(x) / q(x)) for x drawn from `distribution`,
#' and the cross entropy, -E log q(x), in nats, where TensorFlow Probability knows them in closed form.
#'
#' @inheritParams tfd_sample
#' @param other (distribution or fitted flow) What it is compared with, q.
#' @param name (string) Name of the operation in graphs.
#' @returns A tensor.
#' @family low-level functions
#' @examplesIf pyflows_available()
#' tfd_kl_divergence(tfd_normal(0, 1), tfd_normal(1, 1))
#' @export
tfd_kl_divergence <- function(distribution, other, name = "kl_divergence") {
  comparison_verb("kl_divergence", distribution, other, name, current_env())
}

#' @rdname tfd_kl_divergence
#' @export
tfd_cross_entropy <- function(distribution, other, name = "cross_entropy") {
  comparison_verb("cross_entropy", distribution, other, name, current_env())
}

comparison_verb <- function(verb, distribution, other, name, call) {
  if (missing(distribution)) abort_missing("distribution", call)
  if (missing(other)) abort_missing("other", call)
  lowlevel("tfd", verb, list(distribution = distribution, other = other, name = name), call)
}
