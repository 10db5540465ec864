test_that("every argument is checked in the user's call, before Python", {
  target <- function(x) x
  refuse <- function(pattern, ..., class = "argument") {
    expect_classed(flow_fit_target(flow_affine(), target, 2, ...), class, pattern, "flow_fit_target")
  }
  expect_classed(flow_fit_target(flow_affine()), "argument", "`log_prob_fn` is missing", "flow_fit_target")
  expect_classed(flow_fit_target(flow_affine(), target), "argument", "`event_size` is missing", "flow_fit_target")
  expect_classed(flow_fit_target(flow_affine(), 3, 2), "argument", "`log_prob_fn` must be a function",
                 "flow_fit_target")
  refuse("`epochs` must be a whole number >= 1", epochs = 0)
  refuse("`batch_size` must be a whole number >= 1", batch_size = NULL)
  refuse("`patience` must be a whole number >= 1, or NULL", patience = 0)
  refuse("`learning_rate` must be a number > 0", learning_rate = 0)
  refuse("`context` must be a data frame or a numeric matrix", context = 1:3)
})

test_that("a flow is fitted to a target in R, and knows its constant", {
  skip_if_no_pyflows()
  tf <- reticulate::import("tensorflow")
  log_prob <- function(x) tf$multiply(-0.5, tf$reduce_sum(tf$square(tf$subtract(x, 0.5)), axis = 1L))
  fit <- flow_affine() |>
    flow_fit_target(log_prob, event_size = 2, epochs = 3, learning_rate = 0.01, seed = 1, progress = FALSE)
  expect_s3_class(fit, "pyflows_fit")
  expect_lt(abs(fit$facts$log_z - log(2 * pi)), 4.5 * fit$facts$log_z_se + 1e-3)
  expect_named(fit$history, c("epoch", "train_elbo", "elbo", "learning_rate"))
  expect_identical(nrow(fit$history), 3L)
  expect_match(paste(format(fit), collapse = " "), "ELBO 1\\.8.*effective +of 16,384 draws")
  expect_equal(unname(colMeans(flow_sample(fit, 5000, seed = 1))), c(0.5, 0.5), tolerance = 0.15)
  expect_classed(logLik(fit), "argument", "fitted to a target density")
  file <- withr::local_tempfile()
  saveRDS(fit, file)
  expect_identical(flow_log_prob(readRDS(file), matrix(0, 1, 2)), flow_log_prob(fit, matrix(0, 1, 2)))
})

test_that("errors of a target are told in its own words", {
  skip_if_no_pyflows()
  quick <- function(target) flow_fit_target(flow_affine(), target, 2, epochs = 1, seed = 1, progress = FALSE)
  expect_classed(quick(function(x) stop("no {such} thing")), "argument", "`log_prob_fn` failed: no \\{such\\} thing",
                 "flow_fit_target")
  expect_classed(quick(function(x) 3), "argument", "must take a tensor \\[n, 2\\] and give a tensor", "flow_fit_target")
  expect_classed(quick(function(x) x), "shape", "not one of shape", "flow_fit_target")
})
