#' Fit a flow to a target density
#'
#' Brings a flow to a density that is known up to a constant, by reverse KL: it maximises the ELBO, the mean of
#' `log p(x) - log q(x)` over draws of the flow q, which is at most log Z, the logarithm of the integral of p.
#' An epoch is 100 steps here; after each the weights are judged, and the best are kept. Pressing Ctrl-C stops
#' early, as in [flow_fit()].
#'
#' Reverse KL keeps q out of where p is low: of modes that are far apart it may find one only, and tails come out
#' too thin. Every step draws, so take a flow that is fast in that direction, such as [flow_iaf()] or
#' [flow_real_nvp()], and let it end in [flow_positive()] or the like where the target has a support.
#'
#' @param flow (flow) What to fit.
#' @param log_prob_fn (function) log p up to a constant: a function of a tensor `[n, d]` that gives a tensor `[n]`, by
#'   operations of TensorFlow; with a context, of x and the context `[n, c]`. A Python function, or one of R that
#'   works on tensors; it is called a few times to be traced, and not in every step.
#' @param event_size (whole number >= 1) Number of columns.
#' @param context (data frame, numeric matrix or `NULL`) What the target depends on; each draw gets a row at random.
#' @param epochs (whole number >= 1) Hundreds of steps.
#' @param batch_size (whole number >= 1) Draws a step.
#' @param patience (whole number >= 1, or `NULL`) Stop when the ELBO has not improved for that many epochs.
#' @inheritParams flow_fit
#' @returns A fitted flow, of class `pyflows_fit`, as of [flow_fit()]. Its `facts` have, from draws that training has
#'   not seen, `elbo`, `elbo_se`, `log_z` (by importance sampling), `log_z_se`, `ess` (effective sample size) and
#'   `draws`; its `history` has columns `train_elbo` and `elbo`. It has no log-likelihood.
#' @family pyflows verbs
#' @examplesIf pyflows_available()
#' tf <- reticulate::import("tensorflow")
#' log_prob <- function(x) tf$multiply(-0.5, tf$reduce_sum(tf$square(x), axis = 1L))
#' fit <- flow_affine() |> flow_fit_target(log_prob, event_size = 2, epochs = 2, seed = 1)
#' fit$facts$log_z  # log(2 pi) is 1.838
#' @export
flow_fit_target <- function(flow, log_prob_fn, event_size, context = NULL, epochs = 50, batch_size = 256,
                            learning_rate = 1e-3, schedule = "constant", patience = NULL, clip_norm = 100,
                            dtype = "float32", seed = NULL, jit_compile = NULL, progress = TRUE) {
  call <- current_env()
  flow <- check_flow(flow)
  if (missing(log_prob_fn)) abort_missing("log_prob_fn")
  if (missing(event_size)) abort_missing("event_size")
  if (!is.function(log_prob_fn) && !is_py_object(log_prob_fn)) {
    abort_argument("log_prob_fn", "a function of a tensor [n, d] that gives a tensor [n]", log_prob_fn, call)
  }
  context <- if (!is.null(context)) fit_context(context, NULL)
  options <- list(
    event_size = check_whole(event_size, min = 1),
    epochs = check_whole(epochs, min = 1),
    batch_size = check_whole(batch_size, min = 1),
    learning_rate = check_number(learning_rate, min = 0, open = TRUE),
    schedule = check_choice(schedule, c("cosine", "constant")),
    patience = check_whole(patience, min = 1, null = TRUE),
    dtype = check_choice(dtype, c("float32", "float64")),
    jit_compile = check_flag(jit_compile, null = TRUE)
  )
  clip_norm <- check_number(clip_norm, min = 0, open = TRUE, null = TRUE)
  check_flag(progress)
  bar <- progress_bar(progress, options$epochs)
  target <- guard_target(log_prob_fn)
  described <- split_objects(flow)
  made <- match.call()
  pointer <- tryCatch(
    rlang::exec(
      door, "fit_target",
      flow = described$json, objects = described$objects, log_prob_fn = target$fn, !!!options,
      context = context$values, context_columns = as.list(context$names), clip_norm = clip_norm %||% py_none(),
      seed = check_seed(seed), progress = bar$callback, call = call
    ),
    pyflows_error_argument = function(cnd) {
      if (!is.null(target$state$error)) {
        message <- paste0("`log_prob_fn` failed: ", conditionMessage(target$state$error))
        pyflows_abort("argument", message, "It must work on tensors, by operations of TensorFlow.", call = call,
                      argument = "log_prob_fn")
      }
      rlang::cnd_signal(cnd)
    },
    pyflows_error_training = function(cnd) {
      if (!is.null(cnd$model)) cnd$fit <- new_fit(cnd$model, flow, FALSE, made)
      cnd$model <- NULL
      rlang::cnd_signal(cnd)
    },
    finally = bar$done()
  )
  fit <- new_fit(pointer, flow, FALSE, made)
  bar$replay()
  if (identical(fit$facts$stopped, "interrupt") || isTRUE(bar$state$interrupted)) {
    message <- sprintf("The fit was interrupted after %s; it has the best weights found so far.",
                       plural(fit$facts$epochs, "epoch"))
    pyflows_warn("interrupted", message)
  }
  fit
}

# Nothing may jump out of R over Python's frames: an error is kept in `state`, and Python gets NULL, which it refuses.
guard_target <- function(fn) {
  state <- new.env(parent = emptyenv())
  if (!is.function(fn) || is_py_object(fn)) return(list(fn = fn, state = state))
  guarded <- function(...) {
    tryCatch(
      suppressWarnings(fn(...)),
      error = function(e) {
        state$error <- e
        NULL
      }
    )
  }
  list(fn = guarded, state = state)
}
