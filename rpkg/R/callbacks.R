# Functions of R that Python calls, and what happened inside of them. Nothing may jump out of R over Python's frames:
# conditions are kept here, Python is told that the function failed, and door() raises them when Python has returned.

happened <- new.env(parent = emptyenv())
happened$depth <- 0L

# `f` for Python, as the argument `name` of the user's call.
py_closure <- function(f, name, call) {
  parameters <- lapply(formals(args(f)), function(default) !rlang::is_missing(default))
  names <- names(parameters)
  # Names that Python can't have leave it without a signature; so do functions that are part of R's language.
  known <- !is.null(args(f)) && all(grepl("^([A-Za-z_][A-Za-z0-9_]*|[.]{3})$", names))
  parameters <- if (known) Map(function(name, optional) list(name = name, optional = optional), names, parameters)
  door("closure", `function` = guarded(f), name = name, dtype = dtype_in_force(call),
       parameters = unname(parameters), signature = known, call = call)
}

guarded <- function(f) {
  force(f)
  function(...) {
    tryCatch(
      withCallingHandlers(
        py_result(f(...)),
        warning = function(w) keep_condition(w, "muffleWarning"),
        message = function(m) keep_condition(m, "muffleMessage")
      ),
      error = function(e) {
        happened$error <- e
        list(pyflows_failed = conditionMessage(e))
      },
      interrupt = function(e) list(pyflows_failed = "interrupted", pyflows_interrupted = TRUE)
    )
  }
}

keep_condition <- function(condition, restart) {
  happened$told <- c(happened$told, list(condition))
  tryInvokeRestart(restart)
}

# What a function of R gives back to Python: tensors as they are, lists part by part, numbers as numbers.
py_result <- function(x) {
  if (is_py_object(x) || is.null(x)) return(x)
  if (is.list(x) && !is.object(x)) return(lapply(x, py_result))
  py_value(x, "the value of the function", caller_env())
}

# Runs code that may call Python. What functions of R did inside of it is told when the outermost call is over; inside
# of such a function it must wait.
with_callbacks <- function(code) {
  if (happened$depth == 0L) happened$error <- happened$told <- NULL
  happened$depth <- happened$depth + 1L
  on.exit(happened$depth <- happened$depth - 1L)
  code
}

replay_callbacks <- function() {
  if (happened$depth > 0L) return(invisible())
  told <- happened$told
  happened$told <- NULL
  for (condition in told) if (inherits(condition, "warning")) warning(condition) else message(condition)
}
