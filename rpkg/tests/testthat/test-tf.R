test_that("loading starts no Python, using a module does", {
  code <- quote({
    library(pyflows)
    started <- function() isNamespaceLoaded("reticulate") && reticulate::py_available(initialize = FALSE)
    print(tf)
    before <- started()
    shape(2)
    cat(before, started())
  })
  expect_identical(in_new_session(code), c("<Python module tensorflow>", "FALSE FALSE"))
})

test_that("modules give what they have", {
  skip_if_no_pyflows()
  expect_identical(tf$constant(1)$dtype$name, "float32")
  expect_identical(as.numeric(tfp$math$log1mexp(-log(2))), as.numeric(tf$math$log(0.5)), tolerance = 1e-6)
  expect_true("constant" %in% .DollarNames(tf, "^const"))
  expect_true(inherits(tf[["float32"]], "python.builtin.object"))
})

test_that("a shape is a list of whole numbers", {
  expect_identical(shape(), list())
  expect_identical(shape(2, 3L), list(2L, 3L))
  expect_identical(shape(c(2, 3), 1), list(2L, 3L, 1L))
  expect_identical(shape(NULL, 2), list(NULL, 2L))
  expect_classed(shape(2.5), "argument", "`...` must be one or more whole numbers >= 0", "shape")
  skip_if_no_pyflows()
  expect_identical(dim(tf$zeros(shape(2, 3))), 2:3)
  expect_identical(dim(tf$zeros(shape())), integer())
})

test_that("with() enters a context and names it", {
  skip_if_no_pyflows()
  x <- tf$Variable(3)
  with(tf$GradientTape() %as% tape, {
    y <- x^2
  })
  expect_identical(as.numeric(tape$gradient(y, x)), 6)
  expect_error(with(tf$GradientTape() %as% tape, stop("inside")), "inside")
  expect_classed(3 %as% tape, "argument", "`object` must be a context manager", "%as%")
})
