mixed <- function(rows = 60) {
  withr::with_seed(1, data.frame(price = rlnorm(rows, 2), share = plogis(rnorm(rows)), score = rnorm(rows)))
}
bounds <- list(price = "positive", share = list("interval", 0, 1))

test_that("columns of layers count from 1", {
  expect_identical(check_columns(c(2, 1)), list(1L, 0L))
  expect_identical(check_columns("b"), list("b"))
  expect_identical(check_columns(NULL, null = TRUE), NULL)
  for (bad in list(c(1, 1), 0, 1.5, c("a", "a"), NA, NULL, TRUE, character(), "")) {
    expect_classed(check_columns(bad), "argument", "`bad` must be distinct column names")
  }
  flow <- flow_positive(columns = c(1, 3))
  expect_match(format(flow)[[2]], "positive(columns = c(1, 3))", fixed = TRUE)
  expect_identical(flow_from_json(flow_to_json(flow)), flow)
  expect_match(flow_to_json(flow), "\"columns\":[0,2]", fixed = TRUE)
})

test_that("`support` becomes layers, in the order of the columns, one for each support", {
  table <- as_table(mixed())
  expected <- flow_affine() |> flow_positive(columns = "price") |> flow_interval(columns = "share")
  expect_identical(add_support(flow_affine(), rev(bounds), table), expected)
  unnamed <- as_table(unname(as.matrix(mixed())))
  found <- add_support(flow_affine(), list("3" = list("lower", 1), "1" = list("lower", low = 1)), unnamed)
  expect_identical(found, flow_affine() |> flow_lower(low = 1, columns = c(1, 3)))
  expect_identical(add_support(flow_affine(), NULL, table), flow_affine())
})

test_that("wrong supports are refused in the user's call, before Python", {
  refuse <- function(pattern, support, class = "argument") {
    expect_classed(flow_fit(flow_affine(), mixed(), support = support), class, pattern, "flow_fit")
  }
  refuse("`support` must be a list by column", "positive")
  refuse("`support` must be a list by column", list("positive"))
  refuse("`support` has column `cost`, but the data have `price`, `share` and `score`", list(cost = "positive"))
  refuse("`support` has column `price` more than once", list(price = "positive", price = "positive"))
  refuse("`support\\$price` must be \"positive\".*not the string \"neg\"", list(price = "neg"))
  refuse("`support\\$price` must be \"positive\"", list(price = list("lower", 1, 2)))
  refuse("In `support\\$price`: `low` is missing", list(price = "lower"))
  refuse("In `support\\$price`: `low` must be a number", list(price = list("lower", "a")))
  expect_classed(flow_fit(flow_positive(columns = 7), mixed()), "argument",
                 "`columns` in layer 1 \\(positive\\) has 7, but the data have 3 columns", "flow_fit")
  expect_classed(flow_fit(flow_positive(columns = "a"), mixed()), "argument", "has `a`, but the data have", "flow_fit")
})

test_that("data outside are refused by row and column, before Python", {
  bad <- mixed()
  bad$price[c(5, 9)] <- c(-1, 0)
  message <- "`x` has 2 values <= 0 in column `price`, first in row 5; the support is \\(0, Inf\\)"
  expect_classed(flow_fit(flow_affine(), bad, support = bounds), "data", message, "flow_fit")
  expect_classed(flow_fit(flow_positive(columns = "price"), bad), "data", message, "flow_fit")
  expect_classed(flow_fit(flow_affine(), mixed(), validation = bad, support = bounds), "data", "`validation` has 2",
                 "flow_fit")
  bad <- mixed()
  bad$share[1:2] <- c(1, 0)
  expect_classed(flow_fit(flow_affine(), bad, support = bounds), "data",
                 "<= 0 or >= 1 in column `share`, first in row 1")
  # Only the layers that end the flow have to do with the data as they are.
  inside <- flow_positive(columns = "score") |> flow_affine()
  expect_null(check_in_support(inside, as_table(mixed()), "x"))
})

test_that("fits with supports stay inside, and come back", {
  skip_if_no_pyflows()
  data <- mixed()
  fit <- flow_fit(flow_affine(), data, support = bounds, epochs = 1, seed = 1, progress = FALSE)
  expect_identical(vapply(fit$flow$layers, `[[`, "", "kind"), c("affine", "positive", "interval"))
  draws <- flow_sample(fit, 1000, seed = 1)
  expect_true(all(draws$price > 0 & draws$share > 0 & draws$share < 1))
  again <- unserialize(serialize(fit, NULL))
  expect_identical(flow_log_prob(again, data), flow_log_prob(fit, data))
  bad <- data
  bad$price[5] <- -1
  expect_identical(which(flow_log_prob(fit, bad) == -Inf), 5L)
  expect_classed(flow_inverse(fit, bad), "data", "`x` has 1 value <= 0 in column `price`, first in row 5",
                 "flow_inverse")
})
