test_that("a loss is made small, and called once", {
  skip_if_no_pyflows()
  x <- tf$Variable(5)
  calls <- 0
  losses <- minimize(function() {
    calls <<- calls + 1
    (x - 1)^2
  }, x, steps = 300, optimizer = tf$optimizers$SGD(0.1))
  expect_identical(calls, 1)
  # x - 1 shrinks by 1 - 2 * 0.1 in each step.
  expect_equal(losses, 16 * 0.64^(0:299), tolerance = 1e-4)
  expect_equal(as.numeric(x), 1, tolerance = 1e-6)
})

test_that("an optimizer goes on where it was, and several variables are changed", {
  skip_if_no_pyflows()
  run <- function(parts) {
    a <- tf$Variable(c(2, -1))
    b <- tf$Variable(0.5)
    optimizer <- tf$optimizers$Adam(0.05)
    losses <- lapply(parts, function(steps) {
      minimize(function() sum(a^2) + (b - 3)^2, list(a, b), optimizer, steps = steps)
    })
    list(unlist(losses), as.numeric(a), as.numeric(b))
  }
  expect_equal(run(c(10, 20)), run(30))
})

test_that("rows come in shuffled batches, each once an epoch", {
  skip_if_no_pyflows()
  data <- data.frame(x = c(1, 2, 4, 8, 16), y = 0)
  m <- tf$Variable(0)
  seen <- minimize(function(batch) sum(batch) + 0 * m, m, steps = 3, data = data, batch_size = 2, seed = 1)
  expect_identical(sum(seen), 31)
  again <- minimize(function(batch) sum(batch) + 0 * m, m, steps = 3, data = data, batch_size = 2, seed = 1)
  expect_identical(again, seen)
  expect_classed(minimize(function(batch) m, m, data = data.frame(x = c(1, NA))), "data", "`data` must hold finite",
                 "minimize")
})

test_that("arguments are checked", {
  expect_classed(minimize(), "argument", "`loss` is missing", "minimize")
  expect_classed(minimize(3, 4), "argument", "`loss` must be a function", "minimize")
  expect_classed(minimize(function() 1, 4, steps = 0), "argument", "`steps` must be a whole number >= 1", "minimize")
  skip_if_no_pyflows()
  x <- tf$Variable(1)
  expect_classed(minimize(function() 1, 4), "argument", "`variables` must be one or more tf.Variables", "minimize")
  expect_classed(minimize(function() x, x, optimizer = 3), "argument", "`optimizer` must be an optimizer", "minimize")
  expect_classed(minimize(function() x, x, tf$optimizers$SGD(), learning_rate = 1), "argument",
                 "`learning_rate` can't be given together with `optimizer`", "minimize")
  expect_classed(minimize(function() 1, x), "argument", "`loss` does not depend on `variables`", "minimize")
  expect_classed(minimize(function() x * c(1, 2), x), "shape", "`loss` must give one number", "minimize")
})

test_that("errors and warnings of the loss are R's own", {
  skip_if_no_pyflows()
  x <- tf$Variable(1)
  error <- expect_classed(minimize(function() x + no_such_thing, x), "callback",
                          "`loss`, a function in R, failed: .*no_such_thing", "minimize")
  expect_match(conditionMessage(error$parent), "no_such_thing")
  error <- expect_classed(minimize(function() x[5], x), "callback", "`loss`, a function in R, failed")
  expect_s3_class(error$parent, "pyflows_error")
  expect_warning(losses <- minimize(function() {
    warning("mind the gap")
    x^2
  }, x, steps = 2), "mind the gap")
  expect_length(losses, 2)
  expect_message(minimize(function() {
    message("hello")
    x^2
  }, x, steps = 1), "hello")
})

test_that("a loss that breaks down is an error, and the variables stay as they were", {
  skip_if_no_pyflows()
  x <- tf$Variable(1)
  optimizer <- tf$optimizers$SGD(0.75)
  # 1, 0.25, then log of a number below zero
  expect_classed(minimize(function() log(x), x, optimizer, steps = 10), "training",
                 "infinite or NaN at step 3; the loss before it was -1.386", "minimize")
  expect_equal(as.numeric(x), -2.75)
})

test_that("Ctrl-C gives the losses so far, with a warning", {
  skip_if_no_pyflows()
  x <- tf$Variable(1)
  bridge(current_env())
  reticulate::py_run_string("
import sys
Descent = sys.modules['pyflows.minimizing']._Descent
real_run = Descent.run
def stopped(self, position, count):
    if position > 0:
        raise KeyboardInterrupt
    return real_run(self, position, count)
Descent.run = stopped
")
  withr::defer(reticulate::py_run_string("Descent.run = real_run"))
  expect_warning(losses <- minimize(function() x^2, x, steps = 50), "interrupted after 1 of 50 steps",
                 class = "pyflows_warning_interrupted")
  expect_identical(losses, 1)
})
