stretch <- function(...) {
  functions <- list(
    forward = function(p, z) tf$multiply(z, tf$exp(p$log_scale)),
    inverse = function(p, x) tf$multiply(x, tf$exp(tf$negative(p$log_scale))),
    log_det = function(p, z) tf$add(tf$zeros_like(z), p$log_scale)
  )
  do.call(flow_register, c(list(name = "stretch"), utils::modifyList(functions, list(...)),
                           list(parameters = list(log_scale = 0.5))))
}

test_that("arguments are checked before Python", {
  f <- function(p, v) v
  expect_classed(flow_register("a", f, f, 3), "argument", "`log_det` must be a function of", "flow_register")
  expect_classed(flow_register(1, f, f, f), "argument", "`name` must be a non-empty string", "flow_register")
  for (bad in list(1, list(1), list(a = "b"), list(a = 1, 2))) {
    expect_classed(flow_register("a", f, f, f, bad), "argument", "`parameters` must be a list of names",
                   "flow_register")
  }
})

test_that("a layer of three R functions is fitted, saved and loaded", {
  skip_if_no_pyflows()
  layer <- stretch()
  model <- flow_build(layer(), event_size = 2, seed = 1, dtype = "float64")
  x <- matrix(c(0, 1, -2, 3), 2)
  expect_equal(flow_log_prob(model, x), rowSums(dnorm(x, sd = exp(0.5), log = TRUE)))
  fit <- flow_affine() |> layer() |> flow_fit(faithful, epochs = 1, seed = 1, progress = FALSE)
  expect_match(format(fit)[[3]], "stretch()", fixed = TRUE)
  stretch()  # once more, as in a new session
  path <- withr::local_tempfile(fileext = ".safetensors")
  flow_save(fit, path)
  expect_identical(flow_log_prob(flow_load(path), faithful), flow_log_prob(fit, faithful))
})

test_that("functions that do not fit each other, or fail, are refused when the flow is built", {
  skip_if_no_pyflows()
  wrong <- stretch(inverse = function(p, x) x)
  expect_classed(flow_build(wrong(), 2), "argument", "layer 1 \\(stretch\\): `inverse` does not undo `forward`")
  failing <- stretch(forward = function(p, z) stop("my own error"))
  expect_classed(flow_build(failing(), 2), "argument", "`forward` fails for values .*my own error")
})
