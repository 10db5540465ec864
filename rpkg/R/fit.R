#' Fit a flow to data by maximum likelihood
#'
#' Estimates the flow's weights from the rows of `x` by stochastic gradient ascent (Adam) on the mean
#' log-density, watched on rows that are held out (`validation`); the weights that are best there are kept.
#' Pressing Ctrl-C stops the fit early: the best weights so far are returned, with a warning of class
#' `pyflows_warning_interrupted`.
#'
#' Fits are reproducible: with `seed = NULL` the seed is drawn from R's generator, so that [set.seed()]
#' governs it, and it is kept in the fit. The same seed and data on the same machine give the same weights.
#'
#' A loss that is not finite does not end a fit: it goes back to the best weights and on with a smaller
#' learning rate. If that fails again and again, the error, of class `pyflows_error_training`, has the best
#' fit as its field `fit`.
#'
#' @param flow (flow) What to fit, such as `flow_affine() |> flow_maf()`.
#' @param x (data frame or numeric matrix) One row an observation. Columns are kept by name; they must be
#'   numeric, finite and not constant, and there must be two rows or more.
#' @param context (data frame, numeric matrix or `NULL`) What the distribution of `x` is conditioned on, with
#'   a row for each row of `x`.
#' @param weights (numeric vector or `NULL`) Observation weights >= 0, one for each row of `x`; only their
#'   ratios count.
#' @param validation (number >= 0 and < 1, data, list or `NULL`) The fraction of rows that is held out at
#'   random; or the held-out data, as `x`, or as `list(x = , context = , weights = )` where the flow needs
#'   those. 0 or `NULL` holds nothing out, and then nothing stops the training early.
#' @param epochs (whole number >= 1) The most passes over the data.
#' @param batch_size (whole number >= 1, or `NULL`) Rows a gradient step; `NULL` takes a tenth of the rows, but
#'   between 32 and 256.
#' @param learning_rate (number > 0) Step size at the start.
#' @param schedule (string) How the learning rate goes on: `"cosine"` falls to zero at the last epoch,
#'   `"constant"` stays.
#' @param patience (whole number >= 1, or `NULL`) Stop when the held-out log-density has not improved for that
#'   many epochs; `NULL` runs all epochs.
#' @param clip_norm (number > 0, or `NULL`) Gradients longer than that are shortened to it.
#' @param standardize (`TRUE` or `FALSE`) Bring the columns to mean 0 and standard deviation 1 inside the
#'   flow. Densities stay on the scale of the data.
#' @param dtype (`"float32"` or `"float64"`) Precision of the weights and densities.
#' @param seed (whole number >= 0, or `NULL`) Where all randomness of the fit comes from.
#' @param checkpoint (string or `NULL`) A folder where the state of the training is kept; the same fit, when it was
#'   stopped goes on from there.
#' @param jit_compile (`TRUE`, `FALSE` or `NULL`) Compile by XLA; `NULL` decides by the size of the task.
#' @param progress (`TRUE` or `FALSE`) Show a progress bar, where the session can show one.
#' @param support (list or `NULL`) Which values columns can have, by name (or by position, as in `"2"`, where the data
#'   have no names): `"positive"`, `list("lower", low)`, `list("upper", high)`, `list("interval", low, high)`,
#'   `"periodic"` (on a circle of length 2 pi; or `list("periodic", length)`, `list("periodic", length, low)`),
#'   `"simplex"` (all columns with that add up to 1), `"integer"` (whole numbers) or `"count"` (whole numbers >= 0). It
#'   adds the layers of these names ([flow_positive()], [flow_periodic()], [flow_simplex()], ...) at the data end of the
#'   flow; for whole numbers that is [flow_dequantize()], and what is reported then are **lower bounds** of
#'   log-probabilities (`facts$bound` of the fit is `TRUE`).
#' @returns A fitted flow, of class `pyflows_fit`: a list with, among others, `flow` (the description),
#'   `facts` (log-likelihoods, epochs, seed, ...) and `history` (a data frame with a row for each epoch). It
#'   can be kept by [saveRDS()] or [flow_save()].
#' @family pyflows verbs
#' @seealso [flow_log_prob()], [flow_sample()], [predict.pyflows_fit()], [plot.pyflows_fit()]
#' @examplesIf pyflows_available()
#' fit <- flow_affine() |> flow_prelu() |> flow_fit(faithful, epochs = 5, seed = 1)
#' fit
#' @export
flow_fit <- function(flow, x, context = NULL, weights = NULL, validation = 0.1, epochs = 200, batch_size = NULL,
                     learning_rate = 1e-3, schedule = "constant", patience = 30, clip_norm = 100, standardize = TRUE,
                     dtype = "float32", seed = NULL, checkpoint = NULL, jit_compile = NULL, progress = TRUE,
                     support = NULL) {
  call <- current_env()
  flow <- check_flow(flow)
  if (missing(x)) abort_missing("x")
  table <- fit_table(x)
  rows <- nrow(table$values)
  context <- if (!is.null(context)) fit_context(context, rows)
  options <- list(
    epochs = check_whole(epochs, min = 1),
    batch_size = check_whole(batch_size, min = 1, null = TRUE),
    learning_rate = check_number(learning_rate, min = 0, open = TRUE),
    schedule = check_choice(schedule, c("cosine", "constant")),
    standardize = check_flag(standardize),
    dtype = check_choice(dtype, c("float32", "float64")),
    checkpoint = check_path(checkpoint, null = TRUE),
    jit_compile = check_flag(jit_compile, null = TRUE)
  )
  # NULL means something here, so these two go even when they are NULL.
  patience <- check_whole(patience, min = 1, null = TRUE)
  clip_norm <- check_number(clip_norm, min = 0, open = TRUE, null = TRUE)
  weights <- check_weights(weights, rows)
  validation <- check_validation(validation, table, context)
  check_flag(progress)
  check_order_names(flow, table$names, call)
  flow <- add_support(flow, support, table)
  check_layer_columns(flow, table, call)
  check_in_support(flow, table, "x", call)
  if (is.list(validation)) {
    check_in_support(flow, list(values = validation$x, names = table$names), "validation", call)
  }
  # A run that is resumed keeps its seed.
  resumed <- is.null(seed) && !is.null(checkpoint) && file.exists(file.path(checkpoint, "state.safetensors"))
  seed <- if (!resumed) check_seed(seed)

  bar <- progress_bar(progress, options$epochs)
  described <- split_objects(flow)
  made <- match.call()
  pointer <- tryCatch(
    rlang::exec(
      door, "fit",
      flow = described$json, objects = described$objects, x = table$values, columns = as.list(table$names),
      context = context$values, context_columns = as.list(context$names), weights = py_vector(weights),
      validation = validation, !!!options, patience = patience %||% py_none(), clip_norm = clip_norm %||% py_none(),
      seed = seed, progress = bar$callback, call = call
    ),
    pyflows_error_training = function(cnd) {
      if (!is.null(cnd$model)) cnd$fit <- new_fit(cnd$model, flow, table$frame, made)
      cnd$model <- NULL
      rlang::cnd_signal(cnd)
    },
    finally = bar$done()
  )
  fit <- new_fit(pointer, flow, table$frame, made)
  bar$replay()
  if (identical(fit$facts$stopped, "interrupt") || isTRUE(bar$state$interrupted)) {
    message <- sprintf("The fit was interrupted after %s; it has the best weights found so far.",
                       plural(fit$facts$epochs, "epoch"))
    pyflows_warn("interrupted", message)
  }
  fit
}
