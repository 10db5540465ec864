# Ten masked autoregressive layers with batch normalisation and permutations, trained on a table for one epoch. In the
# style of scripts for tfprobability: its names, with library(pyflows) alone.
library(pyflows)

# Earthquakes near Fiji: where, how deep, how strong. Spread over what was rounded, and standardised.
set.seed(1)
rows <- nrow(quakes)
table <- scale(as.matrix(quakes[c("lat", "long", "depth", "mag")]) +
                 cbind(runif(rows, -0.005, 0.005), runif(rows, -0.005, 0.005), runif(rows, -0.5, 0.5),
                       runif(rows, -0.05, 0.05)))
held_out <- sample(rows, 200)
train <- table[-held_out, ]
test <- table[held_out, ]
d <- ncol(table)

# From the base to the data: a network, now and then a normalisation, and another order of the columns.
maps <- list()
for (i in 1:10) {
  network <- tfb_masked_autoregressive_default_template(hidden_layers = 32, activation = tf$nn$tanh)
  maps <- c(maps, list(tfb_masked_autoregressive_flow(shift_and_log_scale_fn = network)))
  if (i %% 2 == 0) maps <- c(maps, list(tfb_batch_normalization()))
  if (i < 10) maps <- c(maps, list(tfb_permute(permutation = d:1 - 1)))  # Python counts from 0
}
# A chain is listed from the last map to the first.
flow <- tfb_chain(rev(maps))

target <- tfd_transformed_distribution(
  distribution = tfd_multivariate_normal_diag(loc = rep(0, d)),
  bijector = flow
)

# One epoch: each row once, in batches of 50.
batch_size <- 50
losses <- minimize(
  function(batch) -mean(target %>% tfd_log_prob(batch)),
  target,
  optimizer = tf$optimizers$Adam(learning_rate = 2e-3),
  data = train, batch_size = batch_size, steps = ceiling(nrow(train) / batch_size), seed = 1
)
print(losses)
print(length(target$trainable_variables))
