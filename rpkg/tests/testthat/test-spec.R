test_that("flows are plain data that pipe both ways and compare", {
  flow <- flow_affine(rank = 2) |> flow_prelu()
  expect_s3_class(flow, "pyflows_flow")
  expect_identical(flow$layers[[1]], list(kind = "affine", args = list(rank = 2L)))
  expect_identical(flow, flow_affine(rank = 2) %>% flow_prelu())
  expect_true(flow == flow_spec(flow_affine(rank = 2), flow_prelu()))
  expect_true(flow != flow_spec(flow_prelu(), flow_affine(rank = 2)))
  expect_false(flow == 3)
  expect_identical(flow_spec(flow, flow_reverse()), flow |> flow_reverse())
})

test_that("whole numbers of any type give the same spec", {
  expect_identical(flow_affine(rank = 2), flow_affine(rank = 2L))
  expect_identical(flow_maf(hidden = 8), flow_maf(hidden = list(8L)))
})

test_that("flow_spec() starts empty and chooses the base", {
  expect_length(flow_spec()$layers, 0)
  expect_identical(flow_spec(flow_affine(), base = "normal"), flow_affine())
  expect_identical(flow_spec(flow_affine(), base = flow_base_normal()), flow_affine())
})

test_that("flows print compactly, orders count from 1", {
  withr::local_options(width = 80)
  expect_snapshot(flow_affine(rank = 2) |> flow_prelu() |> flow_permute(c(2, 1)))
  expect_snapshot(flow_maf(hidden = c(32, 16)) |> flow_permute(c("b", "a")))
  expect_snapshot(flow_spec())
  expect_snapshot(flow_base_normal())
  expect_identical(as.character(flow_affine() |> flow_permute(c(2, 1))),
                   "flow_affine(rank = 0) |> flow_permute(order = c(2, 1))")
})

test_that("a flow's R code gives the flow back", {
  long <- flow_maf(hidden = 8) |> flow_permute(c("b", "a")) |> flow_batch_norm()
  for (flow in list(flow_spec(), flow_affine(), long)) {
    expect_identical(eval(parse(text = as.character(flow))), flow)
  }
})

test_that("slips are refused in the user's call", {
  expect_classed(flow_affine(2), "argument", "`flow` must be a flow, not the number 2", "flow_affine")
  expect_classed(flow_spec(flow_affine), "argument", "must be a flow.*not a function", "flow_spec")
  expect_classed(flow_spec(3), "argument", "`..1` must be a flow")
  expect_classed(flow_spec(layers = flow_affine()), "argument", "no argument `layers`")
  expect_classed(flow_spec(base = "cauchy"), "argument", "`base` must be a base distribution", "flow_spec")
  expect_classed(flow_fit(dry_fit(), faithful), "argument", "`flow` must be a flow.*fitted already", "flow_fit")
})

test_that("making, printing and comparing flows starts no Python", {
  code <- quote({
    library(pyflows)
    flow <- flow_affine() |> flow_maf()
    invisible(format(flow_from_json(flow_to_json(flow))) == flow)
    try(flow_fit(flow, iris), silent = TRUE)
    cat(isNamespaceLoaded("reticulate"))
  })
  loaded <- in_new_session(code)
  expect_identical(loaded, "FALSE")
})
