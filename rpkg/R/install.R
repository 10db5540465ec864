#' Install the Python packages that pyflows needs
#'
#' Creates a virtual environment with TensorFlow and TensorFlow Probability, in versions that work together;
#' pyflows' own Python code comes with the R package. With reticulate 1.41 or later nothing need be installed:
#' they are declared by `py_require()`, and come at the first use where no other Python was chosen. Restart R
#' afterwards if Python was in use already.
#'
#' @param envname (string) Name or path of the virtual environment. `"r-pyflows"` is found without being
#'   chosen; any other name is chosen by [reticulate::use_virtualenv()].
#' @param ... Passed on to [reticulate::virtualenv_create()], such as `python`.
#' @returns The name of the environment, invisibly.
#' @family pyflows set-up
#' @examples
#' if (interactive()) install_pyflows()
#' @export
install_pyflows <- function(envname = "r-pyflows", ...) {
  envname <- check_string(envname)
  create_environment(envname, ..., call = current_env())
  cli::cli_inform(c(v = "The virtual environment {.val {envname}} is ready."))
  invisible(envname)
}

#' Is Python ready, and which one?
#'
#' `pyflows_available()` says whether a Python with TensorFlow and TensorFlow Probability can be used; it
#' starts Python, but not TensorFlow. `pyflows_config()` gives versions and paths, for bug reports.
#'
#' @returns `pyflows_available()` `TRUE` or `FALSE`. `pyflows_config()` a list of class `pyflows_config`, with
#'   the versions of R and its packages and, where Python is available, of Python and its packages; otherwise
#'   `problem` says why it is not.
#' @family pyflows set-up
#' @examples
#' pyflows_available()
#' @export
pyflows_available <- function() is.null(python_problem())

#' @rdname pyflows_available
#' @export
pyflows_config <- function() {
  versions <- vapply(c("pyflows", "reticulate", "cli", "rlang", "jsonlite"), function(package) {
    as.character(utils::packageVersion(package))
  }, "")
  problem <- python_problem()
  python <- if (is.null(problem)) jsonlite::fromJSON(r_text(door("config")))
  structure(
    list(R = as.character(getRversion()), packages = versions, python = python, problem = problem,
         core = core_path()),
    class = "pyflows_config"
  )
}

#' @export
print.pyflows_config <- function(x, ...) {
  flat <- unlist(x$python) %||% character()
  names(flat) <- sub("^versions[.]", "", names(flat))
  lines <- c(R = x$R, x$packages, flat, core = x$core, problem = x$problem)
  writeLines(c("<pyflows configuration>", paste0("  ", format(names(lines)), "  ", lines)))
  invisible(x)
}
