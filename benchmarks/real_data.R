# Writes the data sets that ship with R packages as CSV into the folder given.
folder <- commandArgs(TRUE)[1]
columns <- c("carat", "depth", "table", "price", "x", "y", "z")
write.csv(as.data.frame(ggplot2::diamonds)[columns], file.path(folder, "diamonds.csv"), row.names = FALSE)
write.csv(datasets::quakes, file.path(folder, "quakes.csv"), row.names = FALSE)
