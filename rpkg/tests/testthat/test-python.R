test_that("a flow used in a forked process is refused instead of hanging", {
  skip_on_os("windows")
  fit <- small_fit()
  flow_log_prob(fit, faithful)
  job <- parallel::mcparallel(tryCatch(flow_log_prob(fit, faithful), error = function(e) class(e)))
  expect_true("pyflows_error_fork" %in% parallel::mccollect(job)[[1]])
})

test_that("without Python the error says what to do", {
  code <- quote({
    library(pyflows)
    stopifnot(!pyflows_available())
    error <- tryCatch(flow_fit(flow_affine(), faithful), error = identity)
    cat(class(error)[1], ";", conditionMessage(error))
    stopifnot(nzchar(pyflows_config()$problem))
  })
  said <- withr::with_envvar(c(RETICULATE_PYTHON = "/no/such/python"), {
    in_new_session(code)
  })
  expect_match(paste(said, collapse = " "), "^pyflows_error_backend ; Python could not be started.*install_pyflows")
})

test_that("TensorFlow starts without chatter", {
  skip_if_no_pyflows()
  code <- quote(pyflows::flow_build(pyflows::flow_affine(), 2))
  said <- in_new_session(code, stderr = TRUE)
  expect_match(said[[1]], "<pyflows model>")
})

test_that("the configuration has versions and paths", {
  config <- pyflows_config()
  expect_s3_class(config, "pyflows_config")
  expect_output(print(config), "reticulate")
  skip_if_no_pyflows()
  expect_true("tensorflow" %in% names(config$python$versions))
  expect_classed(install_pyflows(3), "argument", "`envname` must be a non-empty string", "install_pyflows")
})

test_that("errors from Python are raised in the user's call, their text as it is", {
  skip_if_no_pyflows()
  bridge(current_env())
  reticulate::py_run_string("
import sys
from pyflows.errors import TrainingError
verbs = sys.modules['pyflows.rbridge']._VERBS
real_fit = verbs['fit']
def broken_fit(**arguments):
    raise TrainingError('fit(): the loss {stop(1)} is nan.', hint='Try {less}.', model=real_fit(**arguments))
def missing_fit(**arguments):
    return arguments['nothing']
")
  withr::defer(reticulate::py_run_string("verbs['fit'] = real_fit"))
  reticulate::py_run_string("verbs['fit'] = broken_fit")
  quick <- function() flow_fit(flow_affine(), faithful, epochs = 1, seed = 1, progress = FALSE)
  error <- expect_classed(quick(), "training", "^the loss \\{stop\\(1\\)\\} is nan", "flow_fit")
  expect_match(conditionMessage(error), "Try {less}.", fixed = TRUE)
  expect_length(flow_log_prob(error$fit, faithful), 272)
  reticulate::py_run_string("verbs['fit'] = missing_fit")
  error <- expect_classed(quick(), "internal", "KeyError.*please report it", "flow_fit")
  expect_match(error$traceback, "Traceback")
})

test_that("Python's warnings become R's", {
  skip_if_no_pyflows()
  far <- faithful + 1e7
  expect_warning(flow_fit(flow_affine(), far, epochs = 1, seed = 1, progress = FALSE), "`eruptions`|'eruptions'",
                 class = "pyflows_warning_python")
})

test_that("Ctrl-C in Python is an interrupt in R", {
  fit <- small_fit()
  reticulate::py_run_string("
import sys
verbs = sys.modules['pyflows.rbridge']._VERBS
real_log_prob = verbs['log_prob']
def stopped(**arguments):
    raise KeyboardInterrupt
verbs['log_prob'] = stopped
")
  withr::defer(reticulate::py_run_string("verbs['log_prob'] = real_log_prob"))
  expect_identical(tryCatch(flow_log_prob(fit, faithful), interrupt = function(e) "interrupted"), "interrupted")
})
