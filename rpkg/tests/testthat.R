library(testthat)
library(pyflows)

test_check("pyflows")
