test_that("nothing escapes from a callback", {
  state <- new.env()
  expect_true(guard_callback(function(...) NULL, state)())
  expect_false(guard_callback(function(...) FALSE, state)())
  expect_true(guard_callback(function(...) warning("w"), state)())
  expect_length(state$warnings, 1)
  expect_false(guard_callback(function(...) stop("e"), state)())
  expect_false(guard_callback(function(...) rlang::interrupt(), state)())
  expect_true(state$interrupted)
  expect_warning(expect_warning(replay_conditions(state), "w"), "progress bar failed.*e",
                 class = "pyflows_warning_progress")
})

test_that("the text shows what is known", {
  expect_identical(progress_text(NaN, NaN), "")
  expect_identical(progress_text(4.5, NaN), "train -4.500")
  expect_identical(progress_text(4.5, 4.25), "train -4.500, held out -4.250")
})

test_that("a bar is drawn where the session can draw one", {
  skip_if_no_pyflows()
  withr::local_options(cli.dynamic = TRUE, cli.progress_show_after = 0, cli.ansi = FALSE, cli.progress_clear = FALSE)
  said <- capture.output(
    fit <- flow_fit(flow_affine(), faithful, epochs = 2, batch_size = 256, seed = 1),
    type = "message"
  )
  expect_match(paste(said, collapse = " "), "epoch [12]/2 train")
  withr::local_options(cli.dynamic = FALSE)
  expect_silent(flow_fit(flow_affine(), faithful, epochs = 2, seed = 1, progress = FALSE))
})

test_that("an interrupt ends the fit with the best weights so far", {
  skip_if_no_pyflows()
  skip_on_os("windows")
  code <- quote({
    library(pyflows)
    pid <- Sys.getpid()
    flow_fit(flow_affine(), faithful, epochs = 1, progress = FALSE)
    system(sprintf("(sleep 3; kill -INT %d) &", pid))
    fit <- withCallingHandlers(
      flow_fit(flow_maf(), faithful[rep(1:272, 100), ], epochs = 100000, patience = NULL, progress = FALSE),
      pyflows_warning_interrupted = function(w) cat("warned;")
    )
    cat(fit$facts$stopped, is.finite(mean(flow_log_prob(fit, faithful))))
  })
  began <- Sys.time()
  said <- in_new_session(code)
  expect_identical(said, "warned;interrupt TRUE")
  expect_lt(as.numeric(Sys.time() - began, units = "secs"), 60)
})
