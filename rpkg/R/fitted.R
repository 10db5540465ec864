# The class "pyflows_fit": everything that R must know of a fitted or built flow, the model's bytes, and an
# environment with the live Python object, which is rebuilt from the bytes when a new session needs it.

# `flow` is NULL for loaded models; `frame`: did the data come as a data frame.
new_fit <- function(pointer, flow, frame, made) {
  facts <- jsonlite::parse_json(r_text(door("facts", fit = pointer)))
  described <- flow %||% flow_from_json(flow_json(facts$flow))
  live <- new.env(parent = emptyenv())
  live$model <- pointer
  columns <- list(x = unlist(facts$columns), context = unlist(facts$context_columns))
  history <- history_frame(facts$history)
  facts[c("flow", "history", "columns", "context_columns")] <- NULL
  structure(
    list(
      flow = described, facts = facts, history = history, columns = columns,
      frame = frame %||% !is.null(columns$x), call = made,
      bytes = if (!length(split_objects(described)$objects)) r_bytes(door("to_bytes", model = pointer)),
      live = live
    ),
    class = "pyflows_fit"
  )
}

history_frame <- function(history) {
  # A file keeps no order.
  known <- c("epoch", "train_log_prob", "validation_log_prob", "train_elbo", "elbo", "learning_rate")
  names <- intersect(known, names(history) %||% setdiff(known, c("train_elbo", "elbo")))
  columns <- lapply(history[names], function(values) vapply(values, function(value) as.double(value %||% NA), 0))
  as.data.frame(stats::setNames(columns, names))
}

# The live model: as it is, or rebuilt from the bytes after readRDS().
live_model <- function(fit, call) {
  if (is_dead_pointer(fit$live$model)) {
    if (is.null(fit$bytes)) {
      message <- "This flow holds a live Python object (a `flow_tfb()` layer), which did not survive the R session."
      pyflows_abort("argument", message, "Fit it again.", call = call)
    }
    fit$live$model <- door("from_bytes", data = fit$bytes, call = call)
  }
  fit$live$model
}

#' @export
print.pyflows_fit <- function(x, ...) {
  writeLines(format(x, ...))
  invisible(x)
}

#' @export
format.pyflows_fit <- function(x, ...) {
  facts <- x$facts
  spec <- format(x$flow, ...)
  kind <- if (is_trained(x) || is_target_fit(x)) "<pyflows fit>" else "<pyflows model>"
  spec[[1]] <- sub("<pyflows flow>", kind, spec[[1]], fixed = TRUE)
  spec[[1]] <- paste0(spec[[1]], ", ", plural(facts$weights_count, "weight"))
  columns <- if (length(x$columns$x)) paste0(": ", paste(x$columns$x, collapse = ", ")) else ""
  columns <- paste0(plural(facts$event_size, "column"), columns)
  context <- if (facts$context_size > 0) {
    paste0(plural(facts$context_size, "column"),
           if (length(x$columns$context)) paste0(": ", paste(x$columns$context, collapse = ", ")))
  }
  rows <- if (is_target_fit(x)) {
    c(columns = columns, context = context, target = target_text(facts), training = training_text(facts))
  } else if (is_trained(x)) {
    c(
      data = sprintf("%s (and %s held out), %s", plural(facts$n, "row"), plain(facts$n_validation), columns),
      context = context, `log-density` = score_text(facts), training = training_text(facts)
    )
  } else {
    c(size = columns, context = context, training = paste0("none, seed ", facts$seed, ", ", facts$dtype))
  }
  c(spec, unlist(Map(labelled, format(names(rows)), rows), use.names = FALSE))
}

# A label, and its text wrapped beside it.
labelled <- function(label, text) {
  lines <- strwrap(text, width = max(getOption("width"), 40) - nchar(label) - 2)
  paste0(c(label, rep(strrep(" ", nchar(label)), length(lines) - 1)), "  ", lines)
}

is_trained <- function(fit) !is.null(fit$facts$train_log_prob)
is_target_fit <- function(fit) !is.null(fit$facts$draws)

plain <- function(n) format(n, big.mark = ",", scientific = FALSE, trim = TRUE)

score_text <- function(facts) {
  held_out <- facts$validation_log_prob
  paste0(sprintf("%.4f nats a row (training)", facts$train_log_prob),
         if (!is.null(held_out)) sprintf(", %.4f (held out)", held_out),
         if (isTRUE(facts$bound)) "; lower bounds, of log-probabilities")
}

target_text <- function(facts) {
  estimate <- function(name) {
    value <- facts[[name]]
    if (is.null(value)) "not finite" else sprintf("%.4f (se %.4f)", value, facts[[paste0(name, "_se")]] %||% NA_real_)
  }
  rest <- if (!is.null(facts$ess)) {
    sprintf(", log Z %s, %s effective of %s", estimate("log_z"), plain(round(facts$ess)), plural(facts$draws, "draw"))
  }
  paste0("ELBO ", estimate("elbo"), rest)
}

training_text <- function(facts) {
  why <- switch(facts$stopped %||% "", patience = ", no better since", interrupt = ", interrupted",
                callback = ", stopped by the user", "")
  paste0(plural(facts$epochs, "epoch"), " (best: ", facts$best_epoch, ")", why,
         sprintf(", %.1f s, seed %s, %s", facts$seconds, facts$seed, facts$dtype))
}

#' @describeIn flow_fit More on a fitted flow than `print()` shows: the versions it was made with, and how the
#'   training went.
#' @param object (fitted flow) Result of `flow_fit()`.
#' @param ... Not used.
#' @export
summary.pyflows_fit <- function(object, ...) {
  facts <- object$facts
  structure(
    list(fit = format(object), call = object$call, history = utils::tail(object$history, 5),
         restarts = facts$restarts %||% 0L, steps = facts$steps, versions = unlist(facts$versions),
         bytes = length(object$bytes)),
    class = "summary.pyflows_fit"
  )
}

#' @export
print.summary.pyflows_fit <- function(x, ...) {
  if (!is.null(x$call)) writeLines(c("Call:", paste0("  ", utils::head(deparse(x$call), 5)), ""))
  writeLines(x$fit)
  if (nrow(x$history)) {
    writeLines(c("", sprintf("Last epochs (%s in all, rolled back %s):", plural(x$steps, "step"),
                             plural(x$restarts, "time"))))
    print(x$history, row.names = FALSE, digits = 5)
  }
  writeLines(c("", paste0("Versions: ", paste(names(x$versions), x$versions, collapse = ", "))))
  invisible(x)
}
