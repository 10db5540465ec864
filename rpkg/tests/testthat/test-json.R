flows <- list(
  flow_spec(), flow_affine(rank = 2) |> flow_prelu(), flow_maf(hidden = 8, permutation = "none"),
  flow_permute(order = c(3, 1, 2)), flow_permute(order = c("b", "a")), flow_batch_norm(momentum = 1 / 3, epsilon = 1e-5)
)

test_that("flows survive JSON", {
  for (flow in flows) expect_identical(flow_from_json(flow_to_json(flow)), flow)
})

test_that("the JSON has the form that both languages share", {
  expect_identical(
    flow_to_json(flow_affine(rank = 2) |> flow_prelu()),
    paste0('{"pyflows":1,"base":{"kind":"base_normal","args":{}},"layers":[{"kind":"affine","args":{"rank":2}},',
           '{"kind":"prelu","args":{}}]}')
  )
  expect_match(flow_to_json(flow_maf(hidden = 8)), '"hidden":[8]', fixed = TRUE)
  expect_match(flow_to_json(flow_permute(order = c(2, 1))), '"order":[1,0]', fixed = TRUE)
})

test_that("what is no flow is refused", {
  expect_classed(flow_from_json("no"), "argument", "`text` must be the JSON text of a flow", "flow_from_json")
  expect_classed(flow_from_json("[1]"), "argument", "`text` must be the JSON text")
  expect_classed(flow_from_json('{"pyflows":99,"layers":[]}'), "argument", "written in format 99")
  expect_classed(flow_from_json('{"pyflows":1,"layers":[{}]}'), "argument", "layer 1 has no `kind`")
  bad <- '{"pyflows":1,"layers":[{"kind":"affine","args":{"rank":-1}}]}'
  expect_classed(flow_from_json(bad), "argument", "In layer 1 \\(affine\\): `rank` must be a whole number >= 0")
  odd <- '{"pyflows":1,"layers":[{"kind":"affine","args":{"runk":1}}]}'
  expect_classed(flow_from_json(odd), "argument", "has no argument `runk`")
  expect_classed(flow_from_json(3), "argument", "`text` must be a non-empty string")
})

test_that("kinds that R does not know are kept for Python to check", {
  text <- '{"pyflows":1,"base":{"kind":"base_normal","args":{}},"layers":[{"kind":"stretch","args":{"factor":3.5}}]}'
  expect_identical(flow_to_json(flow_from_json(text)), text)
})

# Wherever they stand in the file, and whatever stands beside them.
specs_in <- function(data) {
  if (!is.list(data)) return(list())
  if (!is.null(data$pyflows) && is.list(data$layers)) return(list(data))
  do.call(c, unname(lapply(data, specs_in)))
}

test_that("the golden specs, which Python's tests read too, come through R unchanged", {
  golden <- specs_in(jsonlite::parse_json(readLines(golden_file("specs.json"))))
  expect_gt(length(golden), 0)
  sorted <- function(data) {
    if (!is.list(data)) return(if (is.numeric(data)) as.double(data) else data)
    lapply(if (is.null(names(data))) data else data[order(names(data))], sorted)
  }
  for (spec in golden) {
    back <- jsonlite::parse_json(flow_to_json(flow_from_json(flow_json(spec))))
    expect_equal(sorted(back), sorted(spec))
  }
})
