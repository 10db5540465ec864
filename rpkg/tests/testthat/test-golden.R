# tests/golden holds flows with given weights, and their log-densities from closed forms; pytest reads the same files.

test_that("files written by Python give the golden densities in R", {
  golden <- jsonlite::fromJSON(golden_file("numbers.json"), simplifyDataFrame = FALSE)
  skip_if_no_pyflows()
  for (case in golden) {
    fit <- flow_load(golden_file(case$file))
    expect_identical(fit$facts$dtype, case$dtype)
    expect_equal(flow_log_prob(fit, case$x), case$log_prob, tolerance = 1e-10, info = case$file)
    expect_equal(flow_forward(fit, flow_inverse(fit, case$x)), case$x, tolerance = 1e-8, info = case$file)
  }
})
