# Flows made of flows, and the bases with weights: described in R, built by Python.

test_that("flow_invert() and flow_freeze() take the flow before them", {
  flow <- flow_affine() |> flow_prelu() |> flow_invert()
  expect_length(flow$layers, 1)
  expect_identical(flow$layers[[1]]$args$flow, unclass(flow_affine() |> flow_prelu()))
  expect_output(print(flow), "invert(flow = flow_affine(rank = 0) |> flow_prelu())", fixed = TRUE)
  expect_identical(flow_freeze(flow_actnorm())$layers[[1]]$kind, "freeze")
  expect_classed(flow_invert(flow_spec(base = "laplace")), "argument", "without a base of its own", "flow_invert")
  expect_classed(flow_invert(3), "argument", "`flow` must be a flow", "flow_invert")
})

test_that("flow_repeat_flow() writes the flow out", {
  flow <- flow_affine() |> flow_prelu()
  expect_true(flow_repeat_flow(flow, 2) == flow_spec(flow, flow))
  expect_classed(flow_repeat_flow(flow, 0), "argument", "`k` must be a whole number >= 1", "flow_repeat_flow")
})

test_that("flow_factorize() takes blocks, or columns by name", {
  by_name <- flow_factorize(b = flow_affine(), a = flow_prelu())
  expect_true(by_name == flow_factorize(columns = list("b", "a"), flows = list(flow_affine(), flow_prelu())))
  numbers <- flow_factorize(columns = list(2, c(1, 3)), flows = list(flow_affine(), flow_prelu()))
  expect_identical(numbers$layers[[1]]$args$columns, list(list(1L), list(0L, 2L)))
  expect_classed(flow_factorize(columns = list(1, 1), flows = list(flow_affine(), flow_affine())),
                 "argument", "each column once", "flow_factorize")
  expect_classed(flow_factorize(flows = flow_affine()), "argument", "`flows` must be a list of flows", "flow_factorize")
})

test_that("flows made of flows survive JSON and their own text, and fit", {
  flows <- list(
    flow_spec(flow_affine(), flow_invert(flow_prelu()), base = flow_base_student_t(df = 3)),
    flow_mixture_of_flows(2, flow_maf(layers = 1, hidden = 4)),
    flow_factorize(waiting = flow_affine(), eruptions = flow_maf(layers = 1, hidden = 4))
  )
  for (flow in flows) expect_true(flow_from_json(flow_to_json(flow)) == flow)
  expect_true(eval(parse(text = as.character(flows[[1]]))) == flows[[1]])
  skip_if_no_pyflows()
  for (flow in flows) {
    fit <- flow_fit(flow, faithful, epochs = 2, seed = 1, progress = FALSE, jit_compile = FALSE)
    expect_true(fit$flow == flow)
    expect_identical(dim(flow_sample(fit, 3, seed = 1)), c(3L, 2L))
  }
})

test_that("a live distribution is a base, and has no JSON form", {
  expect_classed(flow_base_tfd(3), "argument", "`distribution` must be a live TFP distribution", "flow_base_tfd")
  skip_if_no_pyflows()
  normal <- flow_distribution(flow_build(flow_affine(), event_size = 2, seed = 1))
  flow <- flow_spec(flow_invert(flow_affine()), base = flow_base_tfd(normal))
  expect_classed(flow_to_json(flow), "argument", "holds a live Python object", "flow_to_json")
  fit <- flow_build(flow, event_size = 2, seed = 1)
  expect_length(flow_log_prob(fit, faithful), nrow(faithful))
})

test_that("flow_spec() loses no base", {
  heavy <- flow_spec(flow_affine(), base = "student_t")
  expect_identical(flow_spec(heavy, flow_prelu())$base, heavy$base)
  expect_identical(flow_spec(flow_prelu(), heavy, base = "normal")$base$kind, "base_normal")
  expect_classed(flow_spec(flow_prelu(), heavy), "argument", "has a base of its own", "flow_spec")
})

test_that("flow_factorize() prints what made it", {
  flows <- list(flow_affine(), flow_prelu())
  for (made in list(
    flow_factorize(columns = list(2, c(1, 3)), flows = flows),
    flow_factorize(columns = list("a", c("b", "c")), flows = flows),
    flow_factorize(flows = flows),
    flow_factorize(b = flow_affine(), a = flow_prelu())
  )) {
    expect_true(eval(parse(text = as.character(made))) == made)
  }
})
