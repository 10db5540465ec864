# Judges the log of an R CMD check: everything but OK is a failure, except what no work on the package cures.
log <- readLines(commandArgs(TRUE)[1])
starts <- grep("^[*]+ ", log)
blocks <- split(log, findInterval(seq_along(log), starts))
# A failing test names its ERROR on a later line of its block.
failed <- function(block) any(grepl("(^| )(NOTE|WARNING|ERROR)$", block[!startsWith(block, "Status:")]))
bad <- Filter(failed, blocks)

excused <- function(block) {
  text <- block[nzchar(trimws(block))][-1]
  grepl("checking CRAN incoming feasibility", block[1]) &&
    all(grepl("^(Maintainer:|New submission)", text))
}
bad <- Filter(Negate(excused), bad)

cat(sprintf("\ncheck: %d problems in %s\n", length(bad), commandArgs(TRUE)[1]))
for (block in bad) writeLines(block)
finished <- any(grepl("^(\\* DONE|Status:)", log))
if (!finished) cat("check: R CMD check did not come to its end\n")
quit(status = if (finished && !length(bad)) 0L else 1L)
