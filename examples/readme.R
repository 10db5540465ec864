# The R example of the README, with its figure, examples/readme-iris.png.
library(pyflows)
library(ggplot2)
source("examples/figures.R")

set.seed(1)
x <- iris[1:4] + runif(600, -0.05, 0.05)  # recorded to 0.1 cm: spread over what was rounded
held <- sample(150, 50)

fit <- flow_maf(layers = 3, hidden = c(32, 32), activation = "tanh") |>
  flow_fit(x[-held, ], batch_size = 32, patience = 50)
print(fit)
print(mean(flow_log_prob(fit, x[held, ])))
normal <- flow_affine() |> flow_fit(x[-held, ], learning_rate = 0.02, patience = NULL)
print(mean(flow_log_prob(normal, x[held, ])))
print(flow_sample(fit, 3))
print(shapiro.test(c(residuals(fit, x[held, ])))$p.value)

# ---- The figure: training, samples, latent residuals -----------------------------------------------------

history <- fit$history
curves <- data.frame(epoch = history$epoch, rows = rep(c("training", "validation"), each = nrow(history)),
                     value = c(history$train_log_prob, history$validation_log_prob))
training <- ggplot(curves, aes(epoch, value, colour = rows)) +
  geom_vline(xintercept = fit$facts$best_epoch, linetype = "dotted", colour = "#d1701f") +
  geom_line(linewidth = 0.6) +
  scale_colour_manual(values = colours) +
  coord_cartesian(ylim = c(-5, NA)) +
  labs(x = "epoch (dotted: weights kept)", y = "mean log-density (nats)", colour = NULL, title = "Fit")

draws <- flow_sample(fit, 150, seed = 3)
both <- rbind(cbind(x, source = "data"), cbind(draws, source = "draws"))
samples <- ggplot(both, aes(Petal.Length, Sepal.Width, colour = source)) +
  geom_point(size = 1.3, alpha = 0.7) +
  scale_colour_manual(values = colours) +
  labs(x = "petal length (cm)", y = "sepal width (cm)", colour = NULL, title = "Samples beside data")

latent <- residuals(fit, x[held, ])
quantiles <- data.frame(normal = qnorm(ppoints(nrow(latent))), value = as.vector(apply(latent, 2, sort)),
                        dimension = rep(colnames(latent), each = nrow(latent)))
normality <- ggplot(quantiles, aes(normal, value, colour = dimension)) +
  geom_abline(colour = "grey70") +
  geom_point(size = 0.9) +
  scale_colour_manual(values = c("#20639b", "#d1701f", "#3caea3", "#8a8a8a")) +
  labs(x = "normal quantile", y = "latent residual, held-out rows", colour = NULL, title = "Normality of the latents")

png("examples/readme-iris.png", width = 1000, height = 350, res = 100)
grid::grid.newpage()
grid::pushViewport(grid::viewport(layout = grid::grid.layout(1, 3)))
for (i in 1:3) {
  print(list(training, samples, normality)[[i]], vp = grid::viewport(layout.pos.row = 1, layout.pos.col = i))
}
invisible(dev.off())
