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

shares <- function(rows = 60) {
  withr::with_seed(2, {
    parts <- matrix(rgamma(3 * rows, c(2, 3, 5)), rows, 3, byrow = TRUE)
    data <- as.data.frame(parts / rowSums(parts))
    names(data) <- c("clay", "silt", "sand")
    cbind(data, angle = runif(rows, 0, 360), n = rpois(rows, 2), score = rnorm(rows))
  })
}
supports <- list(n = "count", angle = list("periodic", 360), clay = "simplex", silt = "simplex", sand = "simplex")

test_that("circles, compositions and whole numbers become layers in an order that works", {
  expected <- flow_affine() |> flow_simplex(columns = c("clay", "silt", "sand")) |>
    flow_periodic(360, columns = "angle") |> flow_positive(columns = "n") |> flow_dequantize(columns = "n")
  expect_identical(add_support(flow_affine(), supports, as_table(shares())), expected)
  turn <- add_support(flow_affine(), list(angle = "periodic"), as_table(shares()))
  expect_identical(turn, flow_affine() |> flow_periodic(2 * pi, columns = "angle"))
  integers <- add_support(flow_affine(), list(n = list("integer", "variational")), as_table(shares()))
  expect_identical(integers, flow_affine() |> flow_dequantize("variational", columns = "n"))
  refuse <- function(pattern, support) {
    expect_classed(flow_fit(flow_affine(), shares(), support = support), "argument", pattern, "flow_fit")
  }
  refuse("\"simplex\" for one column; it needs two or more", list(clay = "simplex"))
  refuse("one method for all columns of whole numbers", list(n = "count", score = list("integer", "variational")))
  refuse("In `support\\$angle`: `length` must be a number > 0", list(angle = list("periodic", 0)))
  refuse("`support\\$n` must be \"positive\".*\"count\", not", list(n = "counts"))
})

test_that("rows that are no compositions or no whole numbers are refused by row, before Python", {
  refuse <- function(column, rows, values, pattern) {
    bad <- shares()
    bad[[column]][rows] <- values
    expect_classed(flow_fit(flow_affine(), bad, support = supports), "data", pattern, "flow_fit")
  }
  refuse("clay", c(4, 9), 2, "2 rows in which the columns `clay`, `silt`, `sand` do not add up to 1, first row 4")
  refuse("silt", 7, 0, "`x` has 1 value <= 0 in column `silt`, first in row 7")
  refuse("n", c(3, 5), c(1.5, 2.5), "`x` has 2 values that are not whole numbers in column `n`, first 1.5 in row 3")
  refuse("n", 3, -1, "1 value < 0 in column `n`, first in row 3; the support is whole numbers in \\[0, Inf\\)")
})

test_that("fits to circles, compositions and counts come back, and say that they report bounds", {
  skip_if_no_pyflows()
  data <- shares()
  fit <- flow_fit(flow_affine(), data, support = supports, epochs = 1, seed = 1, progress = FALSE)
  draws <- flow_sample(fit, 500, seed = 1)
  expect_identical(names(draws), names(data))
  expect_equal(rowSums(draws[1:3]), rep(1, 500), tolerance = 1e-6)
  expect_true(all(draws$angle >= 0 & draws$angle < 360 & draws$n >= 0 & draws$n == floor(draws$n)))
  z <- flow_inverse(fit, data)
  expect_identical(colnames(z), paste0("z", 1:5))
  expect_equal(as.matrix(flow_forward(fit, z)), as.matrix(data), tolerance = 1e-4)
  expect_identical(dim(flow_inverse(fit, data[0, ])), c(0L, 5L))
  expect_true(fit$facts$bound)
  expect_match(format(fit), "; lower bounds,", all = FALSE)
  turned <- transform(data, angle = angle - 720)
  expect_equal(flow_log_prob(fit, turned), flow_log_prob(fit, data), tolerance = 1e-4)
  again <- unserialize(serialize(fit, NULL))
  expect_identical(flow_log_prob(again, data), flow_log_prob(fit, data))
})

test_that("a circular flow has no seam", {
  skip_if_no_pyflows()
  model <- flow_build(flow_ncsf(layers = 2, length = 360, hidden = 8), event_size = 2, seed = 1, dtype = "float64")
  sides <- flow_log_prob(model, cbind(c(1e-7, 360 - 1e-7), 90))
  expect_equal(sides[[1]], sides[[2]], tolerance = 1e-6)
})
