test_that("log-densities are those of the distribution", {
  fit <- small_fit()
  values <- flow_log_prob(fit, faithful)
  expect_type(values, "double")
  expect_length(values, 272)
  expect_null(dim(values))
  expect_equal(flow_log_prob(fit, faithful[5, ]), values[5], tolerance = 1e-5)
  z <- flow_inverse(fit, faithful)
  step <- 1e-2
  moved <- lapply(1:2, function(j) {
    up <- down <- as.matrix(faithful[1, ])
    up[j] <- up[j] + step
    down[j] <- down[j] - step
    (flow_inverse(fit, up) - flow_inverse(fit, down)) / (2 * step)
  })
  jacobian <- abs(det(do.call(rbind, moved)))
  expect_equal(sum(dnorm(z[1, ], log = TRUE)) + log(jacobian), values[1], tolerance = 1e-3)
})

test_that("forward and inverse undo each other and name their columns", {
  fit <- small_fit()
  z <- flow_inverse(fit, faithful)
  expect_identical(colnames(z), c("z1", "z2"))
  back <- flow_forward(fit, z)
  expect_s3_class(back, "data.frame")
  expect_equal(back, faithful, tolerance = 1e-4)
  expect_classed(flow_forward(fit, matrix(0, 2, 3)), "shape", "`z` must have 2 columns", "flow_forward")
  expect_classed(flow_forward(fit), "argument", "`z` is missing", "flow_forward")
  expect_classed(flow_inverse(fit), "argument", "`x` is missing", "flow_inverse")
})

test_that("draws come as the data did, and obey seeds", {
  fit <- small_fit()
  set.seed(3)
  first <- flow_sample(fit, 5)
  set.seed(3)
  expect_identical(flow_sample(fit, 5), first)
  expect_s3_class(first, "data.frame")
  expect_named(first, names(faithful))
  expect_identical(flow_sample(fit, 5, seed = 2), flow_sample(fit, 5, seed = 2))
  expect_identical(nrow(flow_sample(fit, 1, seed = 1)), 1L)
  matrix_fit <- flow_fit(flow_affine(), as.matrix(faithful), epochs = 1, seed = 1, progress = FALSE)
  expect_identical(dimnames(flow_sample(matrix_fit, 2)), list(NULL, names(faithful)))
  expect_classed(flow_sample(fit), "argument", "`n` is missing", "flow_sample")
  expect_classed(flow_sample(fit, -1), "argument", "`n` must be a whole number", "flow_sample")
  expect_classed(flow_sample(fit, 1, seed = "a"), "argument", "`seed` must be", "flow_sample")
})

test_that("all verbs ask for a fitted flow", {
  for (verb in list(flow_log_prob, flow_sample, flow_forward, flow_inverse, flow_bijector, flow_distribution)) {
    expect_classed(verb(flow_affine(), 1), "argument", "`fit` must be a fitted or built flow.*Fit it first")
    expect_classed(verb(), "argument", "`fit` is missing")
  }
})

test_that("a built model works untrained", {
  model <- small_model()
  expect_s3_class(model, "pyflows_fit")
  expect_equal(flow_log_prob(model, matrix(c(0, 1), 1)), sum(dnorm(0:1, log = TRUE)), tolerance = 0.5)
  expect_true(is.matrix(flow_sample(model, 2, seed = 1)))
  expect_classed(flow_build(flow_affine()), "argument", "`event_size` is missing", "flow_build")
  expect_classed(flow_build(flow_affine(), 0), "argument", "`event_size` must be a whole number >= 1", "flow_build")
  expect_classed(flow_build(flow_affine(), 2, context_size = -1), "argument", "`context_size`", "flow_build")
  expect_classed(flow_build(flow_affine(), 2, dtype = "int"), "argument", "`dtype`", "flow_build")
  expect_classed(logLik(model), "argument", "built and not fitted")
})

test_that("TFP's own objects come out", {
  model <- small_model()
  distribution <- flow_distribution(model)
  expect_equal(as.numeric(distribution$log_prob(c(0.5, 1))$numpy()), flow_log_prob(model, matrix(c(0.5, 1), 1)),
               tolerance = 1e-5)
  expect_true(is_py_object(flow_bijector(model)))
})

test_that("a live bijector can be a layer", {
  model <- small_model()
  flow <- flow_affine() |> flow_tfb(flow_bijector(model))
  expect_match(format(flow)[3], "tfb_layer(bijector = <_Chain>)", fixed = TRUE)
  expect_true(flow == flow)
  expect_classed(flow_to_json(flow), "argument", "Layer 2 \\(tfb_layer\\) holds a live Python object", "flow_to_json")
  fit <- flow_fit(flow, faithful, epochs = 1, seed = 1, progress = FALSE)
  expect_length(flow_log_prob(fit, faithful), 272)
  expect_null(fit$bytes)
  expect_classed(flow_save(fit, tempfile()), "argument", "live object", "flow_save")
})

test_that("flow_tfb() takes bijectors only", {
  expect_classed(flow_tfb(bijector = 3), "argument", "`bijector` must be a live TFP bijector", "flow_tfb")
  expect_classed(flow_tfb(), "argument", "`bijector` is missing", "flow_tfb")
})
