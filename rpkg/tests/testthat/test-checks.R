test_that("whole numbers", {
  expect_identical(check_whole(3), 3L)
  expect_identical(check_whole(NULL, null = TRUE), NULL)
  for (bad in list(1.5, NA, NaN, Inf, "a", TRUE, c(1, 2), NULL, list(1), factor("a"), sum, as.Date("2020-01-01"))) {
    expect_classed(check_whole(bad), "argument", "`bad` must be a whole number, not ")
  }
  expect_classed(check_whole(0, min = 1, arg = "n"), "argument", "`n` must be a whole number >= 1, not the number 0")
  expect_classed(check_whole(9, 1, 3, null = TRUE, arg = "n"), "argument", "between 1 and 3, or NULL, not the number 9")
})

test_that("numbers", {
  expect_identical(check_number(3L), 3)
  expect_classed(check_number(0, min = 0, open = TRUE, arg = "a"), "argument",
                 "`a` must be a number > 0, not the number 0")
  expect_classed(check_number(1, 0, 1, open = TRUE, arg = "a"), "argument", "between 0 and 1 \\(both excluded\\)")
  expect_classed(check_number("1", arg = "a"), "argument", "not the string \"1\"")
})

test_that("choices, flags and strings", {
  expect_identical(check_choice("a", c("a", "b")), "a")
  error <- expect_classed(check_choice("relo", c("relu", "tanh"), arg = "f"), "argument",
                          "must be one of \"relu\", \"tanh\"")
  expect_match(conditionMessage(error), "Did you mean \"relu\"")
  expect_identical(check_flag(TRUE), TRUE)
  for (bad in list(NA, 1, "TRUE", NULL, c(TRUE, FALSE))) {
    expect_classed(check_flag(bad), "argument", "TRUE or FALSE, not")
  }
  for (bad in list(NA_character_, "", 1, NULL, c("a", "b"))) {
    expect_classed(check_string(bad), "argument", "non-empty string")
  }
})

test_that("lists of whole numbers", {
  expect_identical(check_whole_list(c(3, 4)), list(3L, 4L))
  expect_identical(check_whole_list(list(3)), list(3L))
  expect_classed(check_whole_list(c(3, 0), min = 1, arg = "h"), "argument", "but its entry 2 is 0")
  for (bad in list(NULL, numeric(), "a", list(), list(1, "a"), c(1, NA))) {
    expect_classed(check_whole_list(bad), "argument", "one or more whole numbers")
  }
})

test_that("orders", {
  expect_identical(check_permutation(c(2, 1)), list(1L, 0L))
  expect_identical(check_permutation(c("b", "a")), list("b", "a"))
  for (bad in list(c(1, 1), c(0, 1), c(1, 3), c("a", "a"), c("a", NA), NULL, TRUE, character(), 1.5)) {
    expect_classed(check_permutation(bad), "argument", "`bad` must be distinct column names")
  }
})

test_that("orders by a word", {
  expect_identical(check_order("random"), "random")
  expect_identical(check_order(c(2, 1)), list(1L, 0L))
  expect_identical(check_order(c("b", "a")), list("b", "a"))
  expect_classed(check_order("randm"), "argument", "Did you mean \"random\"")
  expect_classed(check_order(c(1, 1), arg = "o"), "argument", "`o` must be distinct column names")
})

test_that("masks", {
  expect_identical(check_mask("half"), "half")
  expect_identical(check_mask(c(1, 0)), list(1L, 0L))
  expect_identical(check_mask(c(TRUE, FALSE)), list(1L, 0L))
  for (bad in list(c(1, 1), c(0, 2), numeric(), NULL, c("half", "half"), NA)) {
    expect_classed(check_mask(bad), "argument", "`bad` must be \"half\", \"alternating\", or 1")
  }
})

test_that("adjacency matrices", {
  rows <- list(list(0L, 1L), list(0L, 0L))
  expect_identical(check_adjacency(rbind(c(0, 1), c(0, 0))), rows)
  expect_identical(check_adjacency(rbind(a = c(a = FALSE, b = TRUE), b = c(FALSE, FALSE))), rows)
  expect_identical(check_adjacency(rows), rows)
  expect_null(check_adjacency(NULL, null = TRUE))
  for (bad in list(NULL, "a", rbind(c(0, 1)), rbind(c(0, 2), c(0, 0)), list(), list(c(0, 1)), NA)) {
    expect_classed(check_adjacency(bad), "argument", "`bad` must be a square matrix of 0 and 1")
  }
})

test_that("foreign text is never run as a glue template", {
  error <- expect_classed(check_choice("{stop('run')}", "a", arg = "f"), "argument", "the string")
  expect_match(conditionMessage(error), "{stop('run')}", fixed = TRUE)
})
