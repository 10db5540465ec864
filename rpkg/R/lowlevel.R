# What the generated functions tfb_*() and tfd_*() call. Python checks and converts by the kind of each argument; here
# values of R are brought into a form in which nothing of them is lost on the way.

lowlevel <- function(face, name, args, call = caller_env()) {
  if (!all(nzchar(names(args)))) {
    message <- "Arguments in `...` must be given by their names, such as what an object is conditioned on."
    pyflows_abort("argument", message, call = call, argument = "...")
  }
  # Layers start from R's random numbers, like everything else.
  if (face == "tfb" && "seed" %in% names(args)) args["seed"] <- list(check_seed(args$seed, call))
  args <- Map(function(value, arg) py_argument(value, arg, call), args, names(args))
  value <- door("lowlevel", face = face, name = name, args = args, dtype = dtype_in_force(call), call = call)
  r_object(value)
}

# NULL stays a part of a list, and becomes None.
py_argument <- function(x, arg, call) {
  if (inherits(x, "pyflows_fit")) {
    verb <- if (grepl("bijector", arg, fixed = TRUE)) "bijector" else "distribution"
    return(door(verb, fit = live_model(x, call), call = call))
  }
  py_value(x, arg, call)
}

# A value of R for Python: numbers and arrays, strings, functions, lists of these; what Python would take for something
# else is refused.
py_value <- function(x, arg, call) {
  if (is.null(x) || is_py_object(x)) return(x)
  if (is.function(x)) return(py_closure(x, arg, call))
  if (is.data.frame(x)) return(frame_values(x, arg, call))
  if (is.list(x) && !is.object(x)) {
    return(lapply(x, function(part) py_argument(part, arg, call)))
  }
  if (inherits(x, c("pyflows_fit", "pyflows_flow"))) {
    hint <- if (inherits(x, "pyflows_flow")) "A flow must be fitted or built first, by `flow_fit()` or `flow_build()`."
    abort_argument(arg, "numbers, or an object of TensorFlow Probability", x, call, hint)
  }
  if (is.character(x) && !is.object(x)) {
    refuse_na(x, arg, call)
    x <- as.vector(x)
    return(if (length(x) == 1) x else as.list(x))
  }
  py_numbers(x, arg, call)
}

frame_values <- function(x, arg, call) {
  values <- as_table(x, arg, call)$values
  refuse_na(values, arg, call)
  values
}

# Data for a fit: its columns are found by their names, as by flow_*().
own_columns <- function(object, value, arg, call) {
  named <- is.data.frame(value) || (is.matrix(value) && !is.null(colnames(value)))
  if (!inherits(object, "pyflows_fit") || !named) return(value)
  new_table(value, object$columns$x, object$facts$event_size, arg, call)$values
}

# Numbers: a vector of length one is a number, anything else an array. A vector would become a list in Python, and lose
# its type.
py_numbers <- function(x, arg, call) {
  plain <- (is.numeric(x) || is.logical(x) || is.complex(x)) && !is.object(x)
  if (!plain) abort_argument(arg, "numbers, or an object of Python", x, call)
  refuse_na(x, arg, call)
  if (is.null(dim(x)) && length(x) == 1) return(as.vector(x))
  if (is.null(dim(x))) as.array(unname(x)) else unname(x)
}

# NaN is a number; NA is none, and Python would take it for one.
refuse_na <- function(x, arg, call) {
  bad <- if (is.double(x) || is.complex(x)) is.na(x) & !is.nan(x) else is.na(x)
  if (!any(bad)) return(invisible())
  if (length(x) == 1) abort_argument(arg, "a value that is not missing", x, call)
  message <- sprintf("`%s` must hold no missing values, but element %d is NA.", arg, which(bad)[[1]])
  pyflows_abort("argument", message, call = call, argument = arg)
}

# The precision that R's numbers get.
dtype_in_force <- function(call) {
  dtype <- getOption("pyflows.dtype", "float32")
  if (is_string(dtype) && dtype %in% c("float32", "float64")) return(dtype)
  message <- paste0("The option `pyflows.dtype` must be \"float32\" or \"float64\", not ", describe(dtype), ".")
  pyflows_abort("argument", message, call = call, argument = "pyflows.dtype")
}

# Verbs take their object and their value in both orders, so that either can be piped in.
in_order <- function(object, value, class) {
  if (!is_tfp(object, class) && is_tfp(value, class)) list(value, object) else list(object, value)
}

is_tfp <- function(x, class) {
  inherits(x, "pyflows_fit") || (is_py_object(x) && any(endsWith(class(x), paste0(".", class))))
}
