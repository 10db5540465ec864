#' TensorFlow and TensorFlow Probability
#'
#' The Python modules, for everything that has no function of its own in R: `tf$constant()`, `tf$Variable()`,
#' `tf$GradientTape()`, `tf$optimizers$Adam()`, `tfp$math`, `tfp$glm` ... Loading pyflows starts no Python; the first
#' use of `$` does. Numbers become Python's as reticulate makes them: `2L` is a whole number, `2` is not, a vector of
#' length 1 is a number, `list(2L, 3L)` a list. Functions of R that are handed to these modules, and not to one of
#' pyflows, must not fail: pyflows can't catch their errors.
#'
#' @format Objects of class `pyflows_module`.
#' @returns With `$`, what the module has under that name.
#' @family low-level functions
#' @examplesIf pyflows_available()
#' x <- tf$Variable(c(1, 2))
#' with(tf$GradientTape() %as% tape, y <- sum(x^2))
#' tape$gradient(y, x)
#' @export
tf <- structure(list(module = "tensorflow"), class = "pyflows_module")

#' @rdname tf
#' @format NULL
#' @export
tfp <- structure(list(module = "tensorflow_probability"), class = "pyflows_module")

live_module <- function(x, call) py_module(unclass(x)$module, call)

#' @export
`$.pyflows_module` <- function(x, name) live_module(x, caller_env())[[name]]

#' @export
`[[.pyflows_module` <- function(x, i, ...) live_module(x, caller_env())[[i]]

#' @rawNamespace S3method(utils::.DollarNames, pyflows_module)
.DollarNames.pyflows_module <- function(x, pattern = "") {
  grep(pattern, names(live_module(x, caller_env())), value = TRUE)
}

#' @export
print.pyflows_module <- function(x, ...) {
  writeLines(sprintf("<Python module %s>", unclass(x)$module))
  invisible(x)
}

#' A shape
#'
#' The extents of a tensor, where a function of Python asks for a shape: a list of whole numbers. `shape()` is that of a
#' single number.
#'
#' @param ... (whole numbers >= 0, or `NULL`) The extents; `NULL` for one that is not known. A vector of several numbers
#'   stands for as many extents.
#' @returns A list of integers, and `NULL` for an extent that is not known.
#' @family low-level functions
#' @examples
#' shape(2, 3)
#' @examplesIf pyflows_available()
#' tf$zeros(shape(2, 3))
#' @export
shape <- function(...) {
  call <- current_env()
  extents <- lapply(list(...), function(extent) {
    if (is.null(extent)) list(NULL) else check_whole_list(extent, min = 0, arg = "...", call = call)
  })
  unlist(unname(extents), recursive = FALSE) %||% list()
}

#' Name the context of `with()`
#'
#' `with(object %as% name, { ... })` enters a context manager of Python, such as `tf$GradientTape()`, calls what it
#' gives `name`, runs the code, and leaves the context, also after an error. The name stays there afterwards.
#'
#' @param object (Python object) A context manager.
#' @param name (name) What it shall be called.
#' @returns `object`, marked with the name, for `with()`.
#' @family low-level functions
#' @examplesIf pyflows_available()
#' x <- tf$Variable(3)
#' with(tf$GradientTape() %as% tape, {
#'   y <- x^2
#' })
#' tape$gradient(y, x)
#' @export
`%as%` <- function(object, name) {
  if (!is_py_object(object)) abort_argument("object", "a context manager of Python", object, current_env())
  # The method of with() for Python objects is reticulate's, and looks for these two.
  attr(object, "as") <- gsub("[`\"]", "", deparse(substitute(name)))
  attr(object, "as_envir") <- parent.frame()
  object
}
