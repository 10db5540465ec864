# The progress bar of flow_fit(). Python stays silent and calls back a few times a second; R draws.

# `callback` for Python, `done()` to take the bar away, `replay()` for what happened inside the callback.
progress_bar <- function(show, epochs) {
  state <- new.env(parent = emptyenv())
  owner <- environment()
  id <- NULL
  if (show && (interactive() || cli::is_dynamic_tty())) {
    id <- cli::cli_progress_bar(
      format = "{cli::pb_bar} epoch {cli::pb_current}/{cli::pb_total} {cli::pb_extra$text}",
      total = epochs, clear = TRUE, auto_terminate = FALSE, extra = list(text = ""),
      .auto_close = FALSE, .envir = owner
    )
  }
  draw <- function(epoch, epochs, loss, validation_loss, best_validation_loss) {
    if (is.null(id)) return(TRUE)
    text <- progress_text(loss, validation_loss)
    cli::cli_progress_update(id = id, set = epoch, extra = list(text = text), .envir = owner)
    TRUE
  }
  list(
    state = state,
    callback = guard_callback(draw, state),
    done = function() if (!is.null(id)) cli::cli_progress_done(id = id, .envir = owner),
    replay = function() replay_conditions(state)
  )
}

# Short, to leave the bar its room in 80 columns.
progress_text <- function(loss, validation_loss) {
  values <- -c(train = loss, `held out` = validation_loss)
  values <- values[is.finite(values)]
  if (length(values)) paste(names(values), sprintf("%.3f", values), collapse = ", ") else ""
}

# Nothing may jump out of R over Python's frames: whatever happens inside a callback is kept in `state`, to be
# replayed when Python has returned, and FALSE asks Python to stop.
guard_callback <- function(callback, state) {
  function(...) {
    tryCatch(
      withCallingHandlers(
        !isFALSE(callback(...)),
        warning = function(w) {
          state$warnings <- c(state$warnings, list(w))
          tryInvokeRestart("muffleWarning")
        }
      ),
      error = function(e) {
        state$error <- e
        FALSE
      },
      interrupt = function(e) {
        state$interrupted <- TRUE
        FALSE
      }
    )
  }
}

replay_conditions <- function(state) {
  for (condition in state$warnings) warning(condition)
  if (is.null(state$error)) return(invisible())
  message <- paste("The progress bar failed, so the fit stopped early:", conditionMessage(state$error))
  pyflows_warn("progress", message, "`progress = FALSE` fits without one.")
}
