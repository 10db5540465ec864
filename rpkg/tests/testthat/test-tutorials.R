# The scripts in inst/examples run as they are, and give what they should.
run_script <- function(name) {
  path <- system.file("examples", name, package = "pyflows", mustWork = TRUE)
  values <- new.env(parent = globalenv())
  utils::capture.output(suppressMessages(source(path, local = values)))
  values
}

test_that("bijectors by hand: known values, and a flow that learns", {
  skip_if_no_pyflows()
  found <- run_script("bijectors-by-hand.R")
  expect_equal(as.numeric(found$probabilities), pnorm(found$x), tolerance = 1e-6)
  expect_equal(as.numeric(found$back), found$x, tolerance = 1e-5)
  expect_equal(as.numeric(found$slopes), dnorm(found$x, log = TRUE), tolerance = 1e-5)
  expect_equal(as.numeric(found$log_affine %>% tfb_forward(0)), exp(3), tolerance = 1e-6)
  expect_equal(as.numeric(found$density), dlnorm(found$y, 3, 2), tolerance = 1e-5)
  expect_identical(as.numeric(found$bent %>% tfb_forward(c(-2, 1))), c(-1, 1))
  expect_identical(as.numeric(found$bent %>% tfb_inverse(c(-1, 1))), c(-2, 1))
  expect_equal(as.numeric(found$bent %>% tfb_inverse_log_det_jacobian(c(-1, 1))), log(2), tolerance = 1e-6)
  # The loop by hand and the compiled steps go down one curve.
  expect_lt(found$compiled[[1]], found$by_hand[[1]])
  expect_lt(min(found$compiled), found$by_hand[[1]] - 0.5)
  # The cloud is bent, which a normal distribution can't say.
  expect_gt(found$scores[["flow"]], found$scores[["normal"]] + 0.2)
})

test_that("ten masked autoregressive layers train for one epoch", {
  skip_if_no_pyflows()
  found <- run_script("masked-autoregressive-flow.R")
  expect_length(found$losses, 16)
  expect_true(all(is.finite(found$losses)))
  expect_lt(mean(utils::tail(found$losses, 5)), mean(utils::head(found$losses, 5)))
  # Of each network 2 kernels and 2 biases, of each normalisation a scale and a shift.
  expect_length(found$target$trainable_variables, 10 * 4 + 5 * 2)
})
