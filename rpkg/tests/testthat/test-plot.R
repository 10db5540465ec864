test_that("plot() draws the training curves", {
  fit <- small_fit()
  withr::local_pdf(NULL)
  expect_identical(expect_invisible(plot(fit)), fit)
  expect_classed(plot(small_model()), "argument", "built and not fitted")
})

test_that("autoplot() draws each type", {
  skip_if_not_installed("ggplot2")
  fit <- small_fit()
  withr::local_pdf(NULL)
  draws <- function(plot) {
    expect_s3_class(plot, "ggplot")
    expect_error(ggplot2::ggplot_build(plot), NA)
  }
  draws(ggplot2::autoplot(fit))
  draws(ggplot2::autoplot(fit, "density"))
  for (type in c("density", "samples", "residuals")) draws(ggplot2::autoplot(fit, type, faithful, most = 50))
  one <- small_model(1)
  draws(ggplot2::autoplot(one, "density"))
  draws(ggplot2::autoplot(one, "samples", as.matrix(rnorm(20))))
  draws(ggplot2::autoplot(small_model(3), "samples", matrix(rnorm(60), 20)))
})

test_that("plotting leaves R's random numbers alone when a seed is given", {
  skip_if_not_installed("ggplot2")
  fit <- small_fit()
  set.seed(1)
  before <- .Random.seed
  ggplot2::autoplot(fit, "samples", faithful, seed = 1)
  expect_identical(.Random.seed, before)
})

test_that("its slips are told", {
  skip_if_not_installed("ggplot2")
  fit <- dry_fit(c("a", "b", "c"))
  expect_classed(ggplot2::autoplot(fit, "residuals"), "argument", "`data` is missing")
  expect_classed(ggplot2::autoplot(fit, "pairs"), "argument", "`type` must be one of")
  expect_classed(ggplot2::autoplot(fit, "density", data.frame(a = 1:2, b = 1:2, c = 1:2)), "argument",
                 "one or two columns, not 3")
})
