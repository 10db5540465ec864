message_of <- function(code) conditionMessage(tryCatch(code, pyflows_error = identity))

test_that("tables become double matrices with their names", {
  table <- as_table(data.frame(a = 1:2, b = c(TRUE, FALSE)))
  expect_identical(table, list(values = matrix(c(1, 2, 1, 0), 2), names = c("a", "b"), frame = TRUE))
  expect_identical(as_table(matrix(1:4, 2))$values, matrix(c(1, 2, 3, 4), 2))
  expect_identical(as_table(matrix(1:2, 2, dimnames = list(NULL, "a")))$names, "a")
  expect_null(as_table(matrix(1, 2, 2))$names)
})

test_that("what is no table is refused", {
  for (bad in list(1:3, "a", NULL, list(1), matrix("a"), array(1, c(2, 2, 2)), sum)) {
    expect_classed(as_table(bad, "x"), "argument", "`x` must be a data frame or a numeric matrix, not")
  }
  expect_classed(as_table(data.frame(), "x"), "shape", "`x` has no columns")
  expect_classed(as_table(matrix(0, 3, 0), "x"), "shape", "`x` has no columns")
  expect_classed(as_table(iris, "x"), "data", "`Species` is a factor")
  expect_classed(as_table(data.frame(d = Sys.Date(), s = "a"), "x"), "data",
                 "`d` is of class <Date>, `s` is of type character")
  twice <- data.frame(a = 1:2, a = 3:4, check.names = FALSE)
  expect_classed(as_table(twice, "x"), "shape", "`a` comes more than once")
  expect_classed(as_table(matrix(1, 2, 2, dimnames = list(NULL, c("a", ""))), "x"), "shape", "column 2 has none")
})

test_that("missing and infinite values are counted and located", {
  bad <- data.frame(a = c(1, 2, 3), `b{x}` = c(4, NA, -Inf), check.names = FALSE)
  message <- message_of(flow_fit(flow_affine(), bad))
  expect_match(message, "2 values are missing or infinite; the first is NA in row 2, column `b{x}`", fixed = TRUE)
  expect_match(message_of(flow_fit(flow_affine(), matrix(c(1, NaN, 3, 4), 2))), "1 value is .* row 2, column 1")
  expect_match(message_of(flow_fit(flow_affine(), data.frame(a = c(1L, NA, 3L)))), "NA in row 2, column `a`")
})

test_that("data that have no density are refused", {
  expect_classed(flow_fit(flow_affine(), data.frame(a = 1:3, b = 7)), "data",
                 "column `b` is constant \\(all 7\\)", "flow_fit")
  expect_classed(flow_fit(flow_affine(), faithful[0, ]), "data", "at least 2 rows to fit a flow to, not 0", "flow_fit")
  expect_classed(flow_fit(flow_affine(), faithful[1, ]), "data", "not 1", "flow_fit")
})

test_that("new data are matched by name", {
  fit <- dry_fit()
  new <- function(x) new_table(x, fit$columns$x, 2, "x")$values
  expect_identical(new(data.frame(extra = "k", b = 3:4, a = 1:2)), matrix(c(1, 2, 3, 4), 2))
  expect_identical(new(cbind(b = 3:4, a = 1:2)), matrix(c(1, 2, 3, 4), 2))
  expect_identical(new(matrix(c(1, 2, 3, 4), 2)), matrix(c(1, 2, 3, 4), 2))
  expect_classed(flow_log_prob(fit, data.frame(a = 1, c = 2)), "shape",
                 "`x` lacks column `b`; it has `a` and `c`", "flow_log_prob")
  expect_classed(flow_log_prob(fit, matrix(1, 2, 3)), "shape", "must have 2 columns.* not 3", "flow_log_prob")
  expect_classed(flow_log_prob(fit, data.frame(a = NA, b = 1)), "data", "missing or infinite", "flow_log_prob")
  expect_classed(flow_log_prob(fit, 1:2), "argument", "`x` must be a data frame or a numeric matrix", "flow_log_prob")
})

test_that("unnamed fits take columns in order", {
  fit <- dry_fit(columns = NULL, frame = FALSE, size = 2)
  expect_identical(new_table(data.frame(u = 1, v = 2), NULL, 2, "x")$values, matrix(c(1, 2), 1))
  expect_classed(flow_inverse(fit, matrix(1, 1, 1)), "shape", "must have 2 columns", "flow_inverse")
})

test_that("context is asked for when needed, and only then", {
  x <- data.frame(a = 1:3, b = 1:3)
  expect_classed(flow_log_prob(dry_fit(), x, context = x), "argument", "`context` must be left out", "flow_log_prob")
  fit <- dry_fit(context = "k")
  expect_classed(flow_log_prob(fit, x), "argument", "`context` is missing.*1 context column \\(`k`\\)", "flow_log_prob")
  expect_classed(flow_log_prob(fit, x, context = data.frame(k = 1:2)), "shape", "1 row, or 3 rows as the data, not 2")
  expect_classed(flow_sample(fit, 3, context = data.frame(j = 1)), "shape", "`context` lacks column `k`", "flow_sample")
})

test_that("no rows need no Python", {
  fit <- dry_fit()
  none <- data.frame(a = numeric(), b = numeric())
  expect_identical(flow_log_prob(fit, none), numeric())
  expect_identical(dim(flow_inverse(fit, none)), c(0L, 2L))
  expect_identical(flow_forward(fit, matrix(0, 0, 2)), none)
  expect_identical(flow_sample(fit, 0), none)
})
