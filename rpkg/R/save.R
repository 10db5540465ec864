#' Save and load a fitted flow
#'
#' One file (safetensors), which Python's `pyflows.load()` reads as well: the description, the weights, column
#' names, history, seed and versions, with a digest that shows damage. `saveRDS()` works too, for R alone.
#'
#' @inheritParams flow_log_prob
#' @param path (string) Name of the file. An existing file is replaced, and only when the new one is complete.
#' @returns `flow_save()` the fit, invisibly; `flow_load()` a fitted flow, of class `pyflows_fit`.
#' @family pyflows verbs
#' @examplesIf pyflows_available()
#' fit <- flow_fit(flow_affine(), faithful, epochs = 5, seed = 1)
#' file <- tempfile(fileext = ".flow")
#' flow_save(fit, file)
#' again <- flow_load(file)
#' identical(flow_log_prob(fit, faithful), flow_log_prob(again, faithful))
#' @export
flow_save <- function(fit, path) {
  call <- current_env()
  fit <- check_fit(fit)
  if (missing(path)) abort_missing("path")
  path <- check_path(path)
  if (!dir.exists(dirname(path))) {
    message <- paste0("There is no folder ", quote_text(dirname(path), 200), ".")
    pyflows_abort("file", message, call = call, argument = "path")
  }
  door("save", fit = live_model(fit, call), path = path, call = call)
  invisible(fit)
}

#' @rdname flow_save
#' @export
flow_load <- function(path) {
  call <- current_env()
  if (missing(path)) abort_missing("path")
  path <- check_path(path)
  if (!file.exists(path) || dir.exists(path)) {
    message <- paste0("There is no file ", quote_text(path, 200), ".")
    pyflows_abort("file", message, call = call, argument = "path")
  }
  new_fit(door("load", path = path, call = call), NULL, NULL, match.call())
}
