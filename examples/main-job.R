# The main job in R: describe flows, fit them to real data, score, sample, save, load, and draw.
#
# `make demo` runs it after examples/data.R, which writes the data, and before examples/main_job.py, which does the
# same work in Python and compares the densities.

library(pyflows)
library(ggplot2)
source("examples/figures.R")

seed <- 1

bend <- function(flow = NULL) flow |> flow_affine() |> flow_prelu()
flows <- list(
  `affine/PReLU` = bend() |> bend() |> bend() |> bend() |> bend() |> bend() |> flow_affine(),
  MAF = flow_maf(layers = 5, hidden = c(64, 64))
)
options <- list(
  faithful = list(epochs = 400, batch_size = 32, patience = 100),
  diamonds = list(epochs = 40, learning_rate = 2e-3)
)

# The training, validation and test rows of a table.
read_parts <- function(name) {
  table <- read.csv(file.path("demo", paste0(name, ".csv")))
  split(subset(table, select = -part), table$part)
}

# Multivariate normal, by maximum likelihood.
normal_log_prob <- function(train, test) {
  covariance <- cov(train) * (nrow(train) - 1) / nrow(train)
  distance <- mahalanobis(test, colMeans(train), covariance, tol = 1e-20)
  -0.5 * (distance + determinant(2 * pi * covariance)$modulus)
}

# Kernel density estimate: normal kernels shaped like the data, Scott's bandwidth.
kernel_log_prob <- function(train, test) {
  covariance <- cov(train) * nrow(train)^(-2 / (ncol(train) + 4))
  distance <- apply(train, 1, function(centre) mahalanobis(test, centre, covariance))
  log(rowMeans(exp(-0.5 * distance))) - 0.5 * determinant(2 * pi * covariance)$modulus
}

# Save, load, and see that nothing changed.
check_file <- function(fit, test, path) {
  flow_save(fit, path)
  same <- identical(flow_load(path) |> flow_log_prob(test), fit |> flow_log_prob(test))
  cat(sprintf("loaded from %s: %s\n", path, if (same) "the same densities" else "DIFFERENT densities"))
  if (!same) quit(status = 1)
}

# Everything for one table: the fits, and the log-density of each test row under each model.
work <- function(name) {
  parts <- read_parts(name)
  scores <- list(normal = normal_log_prob(parts$train, parts$test))
  if (name == "faithful") scores$`kernel density` <- kernel_log_prob(parts$train, parts$test)
  fits <- lapply(names(flows), function(label) {
    cat(sprintf("\n%s, %s\n", name, label))
    fit <- do.call(flow_fit, c(list(flows[[label]], parts$train, validation = parts$validation, seed = seed),
                               options[[name]]))
    print(fit)
    file <- sprintf("r-%s-%s.flow", name, tolower(sub("/", "-", label)))
    check_file(fit, parts$test, file.path("demo", file))
    fit
  })
  names(fits) <- names(flows)
  list(parts = parts, fits = fits, scores = c(scores, lapply(fits, flow_log_prob, parts$test)))
}

results <- lapply(setNames(nm = names(options)), work)

# Figures.
draw_training(lapply(results, `[[`, "fits")) |> save_figure("demo/r-training.png", 8, 5)
with(results$faithful, draw_contours(parts$train, fits)) |> save_figure("demo/r-faithful-density.png", 8, 3.9)
for (name in names(results)) {
  fit <- results[[name]]$fits$MAF
  data <- results[[name]]$parts$train |> head(2000)
  size <- if (ncol(data) == 2) c(8, 3.7) else c(9.5, 9.5)
  draw_samples(data, flow_sample(fit, nrow(data), seed = seed)) |>
    save_figure(sprintf("demo/r-%s-samples.png", name), size[1], size[2])
  draw_residuals(residuals(fit, results[[name]]$parts$test)) |>
    save_figure(sprintf("demo/r-%s-residuals.png", name), 8, if (ncol(data) == 2) 3.9 else 4.4)
}

# The table, and the densities for Python to compare with.
log_probs <- lapply(names(results), function(name) {
  scores <- lapply(results[[name]]$scores, as.vector)
  data.frame(data = name, model = rep(names(scores), lengths(scores)), log_prob = unlist(scores))
}) |> do.call(what = rbind)
write.csv(log_probs, "demo/r-log-prob.csv", row.names = FALSE)

cat("\nMean log-density of the test rows, in nats a row (standard error)\n\n")
for (name in names(results)) {
  scores <- results[[name]]$scores
  cat(sprintf("  %s, %s rows\n", name, format(length(scores[[1]]), big.mark = ",")))
  for (label in names(scores)) {
    value <- scores[[label]]
    cat(sprintf("    %-16s%9.3f  (%.3f)\n", label, mean(value), sd(value) / sqrt(length(value))))
  }
}
