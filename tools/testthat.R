# Runs testthat on the R package as it is installed in .rlib; arguments filter test files by name.
filter <- commandArgs(TRUE)
results <- testthat::test_dir(
  "rpkg/tests/testthat",
  package = "pyflows",
  load_package = "installed",
  filter = if (length(filter)) paste(filter, collapse = "|"),
  reporter = "summary",
  stop_on_failure = FALSE
)
results <- as.data.frame(results)
slowest <- head(results[order(-results$real), ], 10)
cat("\nslowest:", sprintf("  %6.2f s  %s: %s", slowest$real, slowest$file, slowest$test), sep = "\n")
failed <- results$failed > 0 | results$error
cat(sprintf(
  "testthat: %d passed, %d failed, %d skipped, %d warned\n",
  sum(!failed & !results$skipped), sum(failed), sum(results$skipped), sum(results$warning > 0)
))
quit(status = if (any(failed)) 1L else 0L)
