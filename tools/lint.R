# lintr on all R code of the project. Without lintr it says so and passes.
if (!requireNamespace("lintr", quietly = TRUE)) {
  cat("lintr is not installed: R code was not looked at\n")
  quit()
}

linters <- lintr::linters_with_defaults(
  line_length_linter = lintr::line_length_linter(120),
  object_length_linter = lintr::object_length_linter(60),  # tfprobability's names are long, and kept
  cyclocomp_linter = NULL,    # counts branches; a long list of plain checks is no fault
  object_name_linter = NULL,  # it takes S3 methods of other packages' generics for badly named
  object_usage_linter = NULL  # R CMD check looks at the same, knowing the whole package
)
folders <- c("rpkg/R", "rpkg/inst/examples", "rpkg/tests", "examples", "tools")
files <- list.files(folders, "[.]R$", recursive = TRUE, full.names = TRUE)
found <- lapply(files, lintr::lint, linters = linters)
for (lints in found[lengths(found) > 0]) print(lints)
cat(sprintf("lintr: %d remarks in %d files\n", sum(lengths(found)), length(files)))
quit(status = if (any(lengths(found) > 0)) 1L else 0L)
