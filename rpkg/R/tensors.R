#' Tensors in R
#'
#' What the low-level functions (`tfb_*()`, `tfd_*()`, and everything of [tf]) give is tensors: arrays of TensorFlow.
#' They print as numbers with their shape and dtype, and can be used like R's arrays, without the R package tensorflow:
#'
#' * `as.numeric()`, `as.integer()`, `as.logical()`, `as.character()`, `as.vector()`, `as.array()`, `as.matrix()` give
#'   R's values, with the first index running fastest, as always in R; `dim()` and `length()` give the extents;
#' * `+ - * / ^ %% %/%`, comparisons, `& | !`, and R's functions of numbers (`exp()`, `log()`, `sqrt()`, `abs()`, ...)
#'   give tensors, between two tensors or a tensor and a number, vector or array. Numbers take the dtype of the
#'   tensor. Extents are compared from the last one on, and an extent of 1 is repeated: a vector beside a matrix is a
#'   row, not recycled as in R;
#' * `sum()`, `prod()`, `min()`, `max()`, `range()`, `mean()`, `any()` and `all()` give a tensor with one number
#'   (`range()` two), so that a loss made by them has a gradient;
#' * `x[i, j]` counts from 1, with negative numbers and logical vectors as in R. An axis that is given a single number
#'   goes away, unless `drop = FALSE`; an axis that is left empty stays. With one index, `x[i]` counts the elements in
#'   R's order;
#' * `t()` turns a matrix, `rev()` turns the order of the rows, `%*%` is the matrix product.
#'
#' All of this also works on variables, and on the tensors inside of functions that are being compiled, which have no
#' numbers yet.
#'
#' `%*%` looks for methods of such classes since R 4.3. For older versions of R, and only there, pyflows exports a
#' `%*%` of its own, which passes everything but tensors on to R's.
#'
#' The methods are registered when pyflows is loaded, for the class that all tensors and variables of TensorFlow have in
#' common, and none is where another package has one for that class. With the R package tensorflow loaded, tensors
#' have a further class, `tensorflow.tensor`, and its methods come first.
#'
#' @param x,y (tensor or numeric) What is multiplied.
#' @returns A tensor; of two R matrices, a matrix.
#' @name tensors
#' @family low-level functions
#' @examplesIf pyflows_available()
#' x <- tf$constant(matrix(1:6 / 2, nrow = 2))
#' x
#' dim(x)
#' as.matrix(exp(x) + 1)
#' x[1, ]
#' x %*% t(x)
#' mean(x)
NULL

# Tensors of all kinds and variables; TFP's own deferred ones.
tensor_classes <- c(
  "tensorflow.python.types.core.Tensor", "tensorflow_probability.python.util.deferred_tensor.DeferredTensor"
)

is_tensor <- function(x) inherits(x, tensor_classes)

# A table and not S3method() in NAMESPACE: one function serves several classes, which R wants to be the same function
# for operators between them, and a method that another package has registered is left alone.
register_tensor_methods <- function(classes = tensor_classes) {
  for (class in classes) {
    for (generic in names(tensor_methods)) {
      if (is.null(utils::getS3method(generic, class, optional = TRUE, envir = baseenv()))) {
        registerS3method(generic, class, tensor_methods[[generic]], envir = baseenv())
      }
    }
  }
}

# A verb that gives a tensor.
tensor_door <- function(verb, ..., call) r_object(door(verb, ..., call = call))

# -- values ---------------------------------------------------------------------------------------------

# R's values as an array; of a single number, that number.
tensor_array <- function(x, call) r_matrix(door("tensor_values", x = x, call = call))

tensor_dim <- function(x) {
  extents <- r_list(door("tensor_shape", x = x, call = caller_env()))
  vapply(extents, function(extent) if (is.null(extent)) NA_integer_ else as.integer(extent), 0L)
}

tensor_length <- function(x) {
  extents <- tensor_dim(x)
  if (length(extents)) prod(extents) else 1
}

tensor_as <- function(convert) {
  force(convert)
  function(x, ...) convert(as.vector(tensor_array(x, current_env())))
}

tensor_as_matrix <- function(x, ...) {
  values <- tensor_array(x, current_env())
  if (length(dim(values)) > 2) {
    message <- paste0("`x` has ", length(dim(values)), " dimensions, and a matrix has 2.")
    pyflows_abort("shape", message, "`as.array()` keeps them all.", call = current_env(), argument = "x")
  }
  as.matrix(values)
}

tensor_as_vector <- function(x, mode = "any") as.vector(tensor_array(x, current_env()), mode)

tensor_test <- function(test) {
  force(test)
  function(x) test(tensor_array(x, current_env()))
}

tensor_format <- function(x, ...) {
  about <- r_list(door("tensor_about", x = x, call = current_env()))
  extents <- vapply(about$shape, function(extent) if (is.null(extent)) "?" else format(extent), "")
  shape <- if (is.null(about$shape)) "of unknown shape" else paste0("[", paste(extents, collapse = ", "), "]")
  paste0("<", about$kind, " ", shape, " ", about$dtype, if (!about$known) ", not yet known", ">")
}

tensor_print <- function(x, ..., max = 200) {
  header <- tensor_format(x)
  writeLines(header)
  if (!endsWith(header, "not yet known>")) {
    values <- tensor_array(x, current_env())
    print(if (length(dim(values)) < 2) as.vector(values) else values, ..., max = max)
  }
  invisible(x)
}

# -- operators and functions ----------------------------------------------------------------------------

tensor_ops <- function(e1, e2) {
  call <- current_env()
  if (missing(e2)) return(tensor_door("tensor_unary", op = .Generic, x = e1, call = call))
  tensor_door("tensor_binary", op = .Generic, x = tensor_operand(e1, "e1", call), y = tensor_operand(e2, "e2", call),
              dtype = dtype_in_force(call), call = call)
}

tensor_math <- function(x, ...) {
  extra <- list(...)
  if (.Generic == "signif" || length(extra) > 1) {
    pyflows_abort("argument", paste0("`", .Generic, "()` takes other arguments for tensors than these, or none."),
                  "`as.array()` gives R's numbers.", call = current_env())
  }
  tensor_door("tensor_math", op = .Generic, x = x, dtype = dtype_in_force(current_env()),
              extra = if (length(extra)) as.double(extra[[1]]), call = current_env())
}

tensor_log <- function(x, base = exp(1)) {
  tensor_door("tensor_math", op = "log", x = x, dtype = dtype_in_force(current_env()),
              extra = if (!missing(base)) check_number(base, min = 0, open = TRUE), call = current_env())
}

tensor_summary <- function(..., na.rm = FALSE) {
  call <- current_env()
  if (!isFALSE(na.rm)) {
    pyflows_abort("argument", "`na.rm` must be FALSE: tensors have no missing values.", call = call, argument = "na.rm")
  }
  parts <- lapply(list(...), tensor_operand, "...", call)
  tensor_door("tensor_reduce", op = .Generic, parts = parts, dtype = dtype_in_force(call), call = call)
}

tensor_mean <- function(x, ...) {
  check_dots_empty(...)
  tensor_door("tensor_reduce", op = "mean", parts = list(x), dtype = dtype_in_force(current_env()),
              call = current_env())
}

tensor_transpose <- function(x) tensor_door("tensor_transpose", x = x, call = current_env())
tensor_rev <- function(x) tensor_door("tensor_reverse", x = x, call = current_env())

tensor_matmul <- function(x, y) {
  call <- current_env()
  tensor_door("tensor_matmul", x = tensor_operand(x, "x", call), y = tensor_operand(y, "y", call),
              dtype = dtype_in_force(call), call = call)
}

#' @rdname tensors
#' @rawNamespace if (getRversion() < "4.3.0") export("%*%")
`%*%` <- function(x, y) {
  if (is_tensor(x) || is_tensor(y)) tensor_matmul(x, y) else base::`%*%`(x, y)
}

# What stands beside a tensor: another one, or numbers.
tensor_operand <- function(x, arg, call) {
  if (is_py_object(x)) return(x)
  if (is.data.frame(x)) x <- frame_values(x, arg, call)
  py_numbers(x, arg, call)
}

# -- parts ----------------------------------------------------------------------------------------------

tensor_part <- function(x, ..., drop = TRUE) {
  call <- current_env()
  index <- rlang::dots_list(..., .preserve_empty = TRUE, .ignore_empty = "none")
  empty <- vapply(unname(index), rlang::is_missing, NA)
  extents <- tensor_dim(x)
  if (length(index) == 0 || (length(index) == 1 && empty)) return(x)
  if (length(index) == 1 && length(extents) != 1) {
    i <- if (is_tensor(index[[1]])) tensor_array(index[[1]], call) else index[[1]]
    by_row <- is.numeric(i) && is.matrix(i) && ncol(i) == length(extents)
    places <- if (by_row) row_positions(i, extents, call) else positions(i, prod(extents), call)
    return(tensor_door("tensor_flat_part", x = x, positions = py_vector(places), drop = drop, call = call))
  }
  if (length(index) != length(extents)) {
    message <- sprintf("%d indices were given, but the tensor has %s.", length(index),
                       plural(length(extents), "dimension"))
    pyflows_abort("shape", message, call = call)
  }
  places <- Map(function(i, extent, empty) if (!empty) positions(index[[i]], extent, call),
                seq_along(index), extents, empty)
  single <- if (drop) which(lengths(places) == 1 & !empty) - 1L
  tensor_door("tensor_part", x = x, positions = lapply(places, py_vector), drop = as.list(single), call = call)
}

# A matrix with a row of indices for each element, as positions from 0 in R's order.
row_positions <- function(i, extents, call) {
  columns <- lapply(seq_along(extents), function(k) {
    if (anyNA(i[, k]) || any(i[, k] < 1)) {
      abort_argument("...", "a matrix of indices, numbers from 1", i, call)
    }
    positions(i[, k], extents[[k]], call)
  })
  steps <- cumprod(c(1, extents[-length(extents)]))
  as.integer(Reduce(`+`, Map(`*`, columns, steps)))
}

# An index as positions from 0.
positions <- function(i, extent, call) {
  if (is_tensor(i)) i <- tensor_array(i, call)
  if (!(is.numeric(i) || is.logical(i)) || is.object(i)) {
    abort_argument("...", "indices: numbers from 1, or TRUE and FALSE", i, call)
  }
  i <- as.vector(i)
  if (is.na(extent)) {
    if (is.logical(i) || anyNA(i) || any(i < 1)) {
      pyflows_abort("shape", "An extent that is not known yet can only be indexed by numbers from 1 on.", call = call)
    }
    return(as.integer(i) - 1L)
  }
  # R takes this for a request to make the vector longer.
  if (is.logical(i) && length(i) > extent) i <- c(i, NA)
  found <- seq_len(extent)[i]
  if (anyNA(found)) {
    message <- sprintf("The index is out of bounds: there are %s.", plural(extent, "element"))
    pyflows_abort("argument", message, call = call, argument = "...")
  }
  found - 1L
}

tensor_methods <- list(
  print = tensor_print, format = tensor_format, dim = tensor_dim, length = tensor_length,
  as.array = function(x, ...) tensor_array(x, current_env()), as.matrix = tensor_as_matrix,
  as.vector = tensor_as_vector, as.double = tensor_as(as.double), as.integer = tensor_as(as.integer),
  as.logical = tensor_as(as.logical), as.character = tensor_as(as.character),
  is.na = tensor_test(is.na), is.nan = tensor_test(is.nan), is.finite = tensor_test(is.finite),
  is.infinite = tensor_test(is.infinite),
  Ops = tensor_ops, Math = tensor_math, log = tensor_log, Summary = tensor_summary, mean = tensor_mean,
  t = tensor_transpose, rev = tensor_rev, "[" = tensor_part
)
