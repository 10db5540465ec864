# Tests that need Python are skipped without it, unless PYFLOWS_REQUIRE=1 says that it must be there: a build that
# is to test everything can't pass by skipping.
skip_if_no_pyflows <- function() {
  if (pyflows_available()) return(invisible())
  if (identical(Sys.getenv("PYFLOWS_REQUIRE"), "1")) stop("PYFLOWS_REQUIRE=1, but ", python_problem())
  testthat::skip("Python with TensorFlow Probability is not available")
}

# Files that both languages test against are in the repository's tests/golden, not in the package.
golden_file <- function(name) {
  folders <- c("../../../tests/golden", Sys.getenv("PYFLOWS_GOLDEN", NA))
  files <- file.path(folders[!is.na(folders)], name)
  found <- files[file.exists(files)]
  if (!length(found)) testthat::skip(paste("not run from the repository: there is no", name))
  found[[1]]
}

# One small fit for all tests that only look at what a fit is.
shared <- new.env()
small_fit <- function() {
  skip_if_no_pyflows()
  if (is.null(shared$fit)) {
    shared$fit <- flow_fit(flow_affine() |> flow_prelu(), faithful, epochs = 3, seed = 1, progress = FALSE)
  }
  shared$fit
}

small_model <- function(columns = 2, ...) {
  skip_if_no_pyflows()
  flow_build(flow_affine() |> flow_prelu(), event_size = columns, seed = 1, ...)
}

# A fit as R sees it, for checks that come before Python is needed.
dry_fit <- function(columns = c("a", "b"), context = NULL, frame = TRUE, size = length(columns)) {
  structure(
    list(flow = flow_affine(), history = data.frame(),
         facts = list(event_size = size, latent_size = size, context_size = length(context)),
         columns = list(x = columns, context = context), frame = frame, bytes = as.raw(0), live = new.env()),
    class = "pyflows_fit"
  )
}

# What a new R session prints when it runs `code`.
in_new_session <- function(code, stderr = FALSE) {
  text <- paste(deparse(code), collapse = "\n")
  system2(file.path(R.home("bin"), "Rscript"), c("-e", shQuote(text)), stdout = TRUE, stderr = stderr)
}

expect_classed <- function(object, class, pattern, call = NULL) {
  error <- expect_error(object, pattern, class = paste0("pyflows_error_", class))
  expect_s3_class(error, "pyflows_error")
  if (!is.null(call)) expect_identical(as.character(error$call[[1]]), call)
  invisible(error)
}
