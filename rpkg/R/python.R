# The only file that names reticulate. Python is started by the first verb that needs it, never by library().

python_state <- new.env(parent = emptyenv())

# What the Python core asks of its environment; the core itself comes with this package, in inst/python.
python_version <- ">=3.10,<3.14"
python_packages <- c(
  "tensorflow>=2.16", "tensorflow-probability>=0.24", "tf-keras>=2.16", "numpy>=1.26,<2.4", "safetensors>=0.4",
  "tqdm>=4.60", "setuptools<81"
)

# Reticulate takes a second to load, so it is told where to look for Python when somebody loads it.
.onLoad <- function(libname, pkgname) {
  register_tensor_methods()
  if (isNamespaceLoaded("reticulate")) {
    declare_python()
  } else {
    setHook(packageEvent("reticulate", "onLoad"), function(...) declare_python())
  }
}

declare_python <- function() {
  reticulate::import("tensorflow", delay_load = list(environment = "r-pyflows"))
  py_require <- get0("py_require", asNamespace("reticulate"))
  if (!is.null(py_require)) py_require(python_packages, python_version = python_version)
}

# The module pyflows.rbridge; starts Python when that has not been done.
bridge <- function(call) {
  if (is.null(python_state$bridge)) {
    problem <- python_problem()
    if (!is.null(problem)) {
      hint <- paste("Run `pyflows::install_pyflows()` once, or choose a Python by the environment variable",
                    "RETICULATE_PYTHON or `reticulate::use_virtualenv()`; then restart R.")
      pyflows_abort("backend", problem, hint, call = call)
    }
    python_state$bridge <- tryCatch(
      reticulate::import_from_path("pyflows.rbridge", core_path(), convert = FALSE),
      error = function(e) {
        message <- paste0("Python's part of pyflows could not be loaded: ", conditionMessage(e))
        pyflows_abort("backend", message, "`pyflows_config()` shows the Python in use.", call = call)
      }
    )
    # The same module, for what is handed to users: their calls on it give R values back.
    python_state$users <- reticulate::import("pyflows.rbridge", convert = TRUE)
    # R ends without ending Python, which then leaves its temporary files behind: they go with R's own.
    temporary <- reticulate::import("tempfile", convert = FALSE)
    temporary$tempdir <- tempdir()
    python_state$pid <- Sys.getpid()
    reg.finalizer(python_state, finish_python, onexit = TRUE)
  }
  if (!identical(python_state$pid, Sys.getpid())) {
    message <- "TensorFlow was started before this R process was forked; using it here would hang for ever."
    hint <- "Use separate processes, such as `parallel::makeCluster(type = \"PSOCK\")`, instead of `mclapply()`."
    pyflows_abort("fork", message, hint, call = call)
  }
  python_state$bridge
}

# R ends without ending Python. A compiled call that was left behind by Ctrl-C would crash the process then, so wait
# for it, as Python does at its own end.
finish_python <- function(state) {
  if (!identical(state$pid, Sys.getpid())) return()
  try(reticulate::import("concurrent.futures.thread")[["_python_exit"]](), silent = TRUE)
}

core_path <- function() system.file("python", package = "pyflows", mustWork = TRUE)

# Why Python can't be used, in a sentence, or NULL. Looks for TensorFlow without importing it.
python_problem <- function() {
  found <- tryCatch(reticulate::py_available(initialize = TRUE), error = function(e) conditionMessage(e))
  if (!isTRUE(found)) return(paste(c("Python could not be started", if (is.character(found)) found), collapse = ": "))
  spec <- reticulate::import("importlib.util", convert = TRUE)$find_spec
  needed <- c("numpy", "tensorflow", "tensorflow_probability", "tf_keras", "safetensors", "tqdm")
  missing <- needed[vapply(needed, function(module) is.null(spec(module)), NA)]
  python <- reticulate::py_config()$python
  if (length(missing)) {
    return(sprintf("The Python in use, %s, lacks %s %s.", python,
                   if (length(missing) == 1) "the module" else "the modules", list_names(missing, 10)))
  }
  numpy <- tryCatch(as.character(reticulate::import("numpy")[["__version__"]]), error = function(e) "2")
  if (utils::packageVersion("reticulate") < "1.38" && numeric_version(sub("[^0-9.].*", "", numpy)) >= "2") {
    sprintf("The R package reticulate %s can't work with numpy %s: it needs numpy < 2, or reticulate >= 1.38.",
            utils::packageVersion("reticulate"), numpy)
  }
}

# The one way into Python: a verb and its arguments by name; those that are NULL are left out. Errors come back as
# data, so that they arrive alike under every version of reticulate, and are raised here in the user's call.
door <- function(verb, ..., call = caller_env()) {
  module <- bridge(call)
  args <- Filter(function(arg) !is.null(arg) && !identical(arg, list()), list(...))
  args <- lapply(args, to_python)
  args <- if (length(args)) reticulate::r_to_py(args) else reticulate::dict()
  answer <- with_callbacks(module$door(verb, args))
  error <- reticulate::py_get_item(answer, "error", silent = TRUE)
  replay_callbacks()
  if (!is.null(error)) abort_from_python(error, call)
  told <- reticulate::py_get_item(answer, "warnings", silent = TRUE)
  for (text in if (!is.null(told)) reticulate::py_to_r(told)) pyflows_warn("python", drop_caller(text))
  reticulate::py_get_item(answer, "value")
}

abort_from_python <- function(error, call) {
  field <- function(name) {
    value <- reticulate::py_get_item(error, name, silent = TRUE)
    if (is.null(value)) NULL else reticulate::py_to_r(value)
  }
  kind <- field("kind") %||% "internal"
  if (kind == "interrupt") {
    # R may have taken note of the same Ctrl-C: one interrupt, not two.
    tryCatch(Sys.sleep(0.01), interrupt = function(e) NULL)
    rlang::interrupt()
  }
  hint <- in_r_words(field("hint"))
  # A function of R failed: its own error is told with the one that Python made of it.
  parent <- happened$error
  if (!is.null(parent)) {
    pyflows_abort(c("callback", "argument"), drop_caller(field("message")), call = call, argument = field("argument"),
                  parent = parent)
  }
  if (kind == "internal") {
    hint <- "This is a bug in pyflows: please report it, with `rlang::last_error()$traceback` and `pyflows_config()`."
  }
  pyflows_abort(kind, drop_caller(field("message")), hint, call = call, argument = field("argument"),
                traceback = field("traceback"), model = reticulate::py_get_item(error, "model", silent = TRUE))
}

# Python's messages begin with the function, "fit(): "; R's conditions have their call. What they name is R's too.
drop_caller <- function(text) in_r_words(sub("^[a-z_.0-9]+\\(\\): ", "", text))

in_r_words <- function(text) {
  if (is.null(text)) return(NULL)
  words <- c("\\b(tf[bd])\\.([a-z_0-9]+)\\(" = "\\1_\\2(", "\\bTrue\\b" = "TRUE", "\\bFalse\\b" = "FALSE",
             "\\bNone\\b" = "NULL", "\\ba dict\\b" = "a named list")
  for (word in names(words)) text <- gsub(word, words[[word]], text)
  text
}

# -- crossing the border --------------------------------------------------------------------------------

is_py_object <- function(x) inherits(x, "python.builtin.object")

# NULL and empty arguments are left out of a call: what Python must get as None is marked.
py_none <- function() structure(list(NULL), class = "pyflows_none")

to_python <- function(x) {
  if (inherits(x, "pyflows_none")) return(reticulate::r_to_py(NULL))
  if (is.function(x)) return(reticulate::r_to_py(x, convert = TRUE))
  x
}

# A matrix goes as a view of R's memory; a vector needs its dim to become an array instead of a list.
py_vector <- function(x) if (!is.null(x)) as.array(x)

r_matrix <- function(x) reticulate::py_to_r(x)
r_vector <- function(x) as.vector(reticulate::py_to_r(x))
r_text <- function(x) as.character(reticulate::py_to_r(x))
r_bytes <- function(x) {
  reticulate::py_to_r(reticulate::import_builtins(convert = FALSE)$bytearray(x))
}

r_flag <- function(x) isTRUE(reticulate::py_to_r(x))
r_list <- function(x) reticulate::py_to_r(x)

# TFP's own objects and tensors are handed to users, whose calls on them should give R values back.
r_object <- function(x) python_state$users$handed_over(x)

py_module <- function(name, call) {
  door("start", call = call)
  reticulate::import(name, convert = TRUE)
}

is_dead_pointer <- function(x) is.null(x) || reticulate::py_is_null_xptr(x)

create_environment <- function(envname, ..., call) {
  packages <- python_packages
  if (utils::packageVersion("reticulate") < "1.38") packages <- sub("numpy>=1.26,<2.4", "numpy>=1.26,<2", packages)
  tryCatch(
    # One that is there, perhaps half made, is not made anew.
    if (reticulate::virtualenv_exists(envname) && !isTRUE(list(...)$force)) {
      reticulate::virtualenv_install(envname, packages)
    } else {
      reticulate::virtualenv_create(envname, packages = packages, ...)
    },
    error = function(e) {
      message <- paste0("The virtual environment could not be made: ", conditionMessage(e))
      pyflows_abort("backend", message, "Python 3.10 to 3.13 with its `venv` module is needed.", call = call)
    }
  )
}
