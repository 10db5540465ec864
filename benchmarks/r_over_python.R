# The same calls from R and from Python, in turn, in one process, so that both use the same compiled functions.
# Prints one line of JSON: for each verb the seconds of all rounds.
suppressMessages(library(pyflows))
library(reticulate)

rounds <- as.integer(commandArgs(TRUE)[1])
rows <- 1e6
set.seed(1)
x <- matrix(rnorm(8 * rows), ncol = 8)
small <- x[1:20000, ]
flow <- flow_maf()
epochs <- 40

fit <- flow_fit(flow, small, epochs = epochs, patience = NULL, seed = 1, progress = FALSE)

# The data of the Python calls are born in Python: as R would hand them over, they would be in R's order of memory.
py_run_string(sprintf("
import time
import numpy as np
import pyflows as pf

rng = np.random.default_rng(1)
x = rng.normal(size=(%d, 8))
small = x[:20000]
model = pf.fit(pf.maf(), small, epochs=%d, patience=None, seed=1, progress=False)

def seconds(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
", rows, epochs))

verbs <- list(
  flow_log_prob = list(
    r = function() flow_log_prob(fit, x),
    python = "seconds(lambda: pf.log_prob(model, x))"
  ),
  flow_sample = list(
    r = function() flow_sample(fit, rows, seed = 1),
    python = sprintf("seconds(lambda: pf.sample(model, %d, seed=1))", rows)
  ),
  flow_fit = list(
    r = function() flow_fit(flow, small, epochs = epochs, patience = NULL, seed = 1, progress = FALSE),
    python = sprintf(
      "seconds(lambda: pf.fit(pf.maf(), small, epochs=%d, patience=None, seed=1, progress=False))", epochs
    )
  )
)

measure <- function(verb) {
  in_r <- function() {
    gc(FALSE)
    unname(system.time(verb$r())["elapsed"])
  }
  in_python <- function() py_eval(verb$python)
  in_r()
  in_python()
  times <- list(r = numeric(), python = numeric())
  for (i in seq_len(rounds)) {
    times$python <- c(times$python, in_python())
    times$r <- c(times$r, in_r())
  }
  times
}

cat(jsonlite::toJSON(lapply(verbs, measure), digits = 6), "\n")
