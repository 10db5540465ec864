#' Train by hand: make a loss small
#'
#' Gradient steps on variables of TensorFlow, for models of one's own made of `tfb_*()` and `tfd_*()`. It does what a
#' loop over `tf$GradientTape()` does, but calls `loss` only once, when the step is compiled; many steps then run in
#' one call, which is faster by far. So what is in `loss` must be made of tensors: R's own random numbers, printing
#' and counters in it happen once and never again. Ctrl-C ends the descent with a warning of class
#' `pyflows_warning_interrupted`.
#'
#' @param loss (function) Without arguments, or of a batch of rows if `data` is given; returns one number, a tensor,
#'   such as `-mean(tfd_log_prob(d, x))`.
#' @param variables (variables, list of them, or Python object) What is changed, in place: variables, or something
#'   that has `trainable_variables`, such as a bijector or a distribution.
#' @param optimizer (Python object or `NULL`) One of `tf$optimizers`. It keeps its state, so that a second call with
#'   it goes on where the first ended. `NULL` is Adam.
#' @param steps (whole number >= 1) Number of steps.
#' @param learning_rate (number > 0, or `NULL`) Step size of Adam; `NULL` is 0.01. An `optimizer` that is given has
#'   its own.
#' @param data (data frame, numeric matrix, tensor or `NULL`) Rows; each step is given the next of shuffled batches.
#' @param batch_size (whole number >= 1, or `NULL`) Rows in a batch at the most; `NULL` is 256. With `data`, an epoch
#'   has `ceiling(nrow(data) / batch_size)` steps.
#' @param seed (whole number >= 0, or `NULL`) Where the order of the rows comes from; `NULL` draws it from R's
#'   generator.
#' @returns The loss before each step, a numeric vector.
#' @section Errors:
#' An error in `loss` is one of class `pyflows_error_callback`, with R's own error as its parent. A loss or gradient
#' that becomes infinite or NaN ends the descent by an error of class `pyflows_error_training`; the variables are as
#' they were before that step.
#' @family low-level functions
#' @examplesIf pyflows_available()
#' x <- tf$Variable(5)
#' losses <- minimize(function() (x - 1)^2, x, steps = 500)
#' x
#' @export
minimize <- function(loss, variables, optimizer = NULL, steps = 100, learning_rate = NULL, data = NULL,
                     batch_size = NULL, seed = NULL) {
  call <- current_env()
  if (missing(loss)) abort_missing("loss")
  if (missing(variables)) abort_missing("variables")
  if (!is.function(loss)) abort_argument("loss", "a function that returns a number", loss, call)
  if (is.list(variables) && !is_py_object(variables)) variables <- unname(variables)
  steps <- check_whole(steps, min = 1)
  learning_rate <- check_number(learning_rate, min = 0, open = TRUE, null = TRUE)
  batch_size <- check_whole(batch_size, min = 1, null = TRUE)
  if (!is.null(data) && !is_py_object(data)) data <- rows_of(data, call)
  seed <- check_seed(seed)
  answer <- door("minimize", loss = py_closure(loss, "loss", call), variables = variables, optimizer = optimizer,
                 steps = steps, learning_rate = learning_rate, data = data, batch_size = batch_size, seed = seed,
                 dtype = dtype_in_force(call), call = call)
  losses <- r_vector(answer)
  if (length(losses) < steps) {
    message <- sprintf("The descent was interrupted after %s of %s.", plain(length(losses)), plural(steps, "step"))
    pyflows_warn("interrupted", message)
  }
  as.double(losses)
}

# A data frame or matrix, finite, as the matrix that Python gets; a vector is one column.
rows_of <- function(data, call) {
  table <- as_table(if (is_plain_numeric(data)) as.matrix(data) else data, "data", call)
  check_finite(table, "data", call)
  table$values
}
