# The data of the demo, prepared once, so that R and Python see the same numbers:
# demo/faithful.csv and demo/diamonds.csv, each with a column `part`: train, validation or test.
#
# 1. Impossible values. In `diamonds` a length of 0 mm stands for a missing one. And depth is, by definition, z as a
#    percentage of the mean of x and y, so where the two differ by more than 5 points, one of the four was recorded
#    wrongly (a y of 58.9 mm, a z of 1.53 mm on a stone of one and a half carat). These rows are dropped and counted.
# 2. Heaped values. A price is whole dollars, a waiting time whole minutes. A density fitted to such a grid could put
#    spikes on its points and rise without bound, so each value is spread evenly over the interval that it was rounded
#    from. Heaps that are wider than the rounding, such as stones cut to just 1.00 carat, are real and stay.

# The width, in the column's unit, to which values were recorded.
recorded <- list(
  faithful = c(eruptions = 1 / 60, waiting = 1),  # min: the eruptions were timed in seconds
  diamonds = c(carat = 0.01, depth = 0.1, table = 1, price = 1, x = 0.01, y = 0.01, z = 0.01)
)

spread <- function(data, widths) {
  for (name in names(widths)) data[[name]] <- data[[name]] + widths[[name]] * (runif(nrow(data)) - 0.5)
  data
}

# Rows for training, for stopping in time, and for the final score. The order is random too: diamonds come by price.
split_rows <- function(data, shares) {
  data <- data[sample(nrow(data)), ]
  data$part <- rep(names(shares), times = diff(round(nrow(data) * c(0, cumsum(shares)))))
  data
}

write_data <- function(data, name, shares) {
  data <- split_rows(spread(data, recorded[[name]]), shares)
  path <- file.path("demo", paste0(name, ".csv"))
  write.csv(data, path, row.names = FALSE, quote = FALSE)
  counts <- table(factor(data$part, names(shares)))
  cat(sprintf("%s: %s\n", path, paste(format(counts, big.mark = ",", trim = TRUE), names(counts), collapse = ", ")))
}

# What R 3.6 and later use by default, said so that nothing in a user's set-up changes it.
set.seed(20, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
dir.create("demo", showWarnings = FALSE)

write_data(datasets::faithful, "faithful", c(train = 0.6, validation = 0.2, test = 0.2))

diamonds <- as.data.frame(ggplot2::diamonds)[names(recorded$diamonds)]
zero <- with(diamonds, x == 0 | y == 0 | z == 0)
wrong <- with(diamonds, !zero & abs(200 * z / (x + y) - depth) > 5)
cat(sprintf("diamonds: %d of %s rows dropped (%d with a length of 0, %d whose lengths contradict their depth)\n",
            sum(zero | wrong), format(nrow(diamonds), big.mark = ","), sum(zero), sum(wrong)))
write_data(diamonds[!zero & !wrong, ], "diamonds", c(train = 0.8, validation = 0.1, test = 0.1))
