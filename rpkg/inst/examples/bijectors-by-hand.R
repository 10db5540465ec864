# From a normal distribution function to a flow that is trained by hand. In the style of scripts for tfprobability: its
# names, with library(pyflows) alone.
library(pyflows)

# -- a bijector: two directions and the log-determinant -------------------------------------------------

cdf <- tfb_normal_cdf()
x <- c(0, -1, 1.5)
probabilities <- cdf %>% tfb_forward(x)
back <- cdf %>% tfb_inverse(probabilities)
slopes <- cdf %>% tfb_forward_log_det_jacobian(x, event_ndims = 0)
print(cbind(x = x, forward = as.numeric(probabilities), pnorm = pnorm(x), slope = exp(as.numeric(slopes)),
            dnorm = dnorm(x)))

# An affine map, y = 2 x + 3; chains are listed from the last map to the first.
affine <- tfb_affine_scalar(shift = 3, scale = 2)
log_affine <- list(tfb_exp(), affine) %>% tfb_chain()
print(log_affine %>% tfb_forward(0))  # the cube of e

# -- a distribution from a bijector ---------------------------------------------------------------------

log_normal <- tfd_transformed_distribution(distribution = tfd_normal(loc = 0, scale = 1), bijector = log_affine)
y <- c(0.5, 10, 40)
density <- log_normal %>% tfd_prob(y)
print(cbind(y = y, density = as.numeric(density), dlnorm = dlnorm(y, meanlog = 3, sdlog = 2)))
draws <- log_normal %>% tfd_sample(1000, seed = 1)
print(c(median = median(as.numeric(draws)), expected = exp(3)))

# -- a map of one's own: the parametric leaky ReLU ------------------------------------------------------

# Below zero another slope, alpha > 0.
leaky_relu <- function(alpha) {
  slope <- function(values) tf$where(values < 0, alpha * tf$ones_like(values), tf$ones_like(values))
  tfb_inline(
    forward_fn = function(x) x * slope(x),
    inverse_fn = function(y) y / slope(y),
    inverse_log_det_jacobian_fn = function(y) -tf$reduce_sum(log(slope(y)), axis = -1L),
    forward_min_event_ndims = 1
  )
}
bent <- leaky_relu(0.5)
print(bent %>% tfb_forward(c(-2, 1)))

# -- a flow of affine maps and leaky ReLUs, trained by hand ---------------------------------------------

# A bent cloud: a normal variable, and its square with noise.
set.seed(1)
first <- rnorm(400)
data <- cbind(first, first^2 / 2 + rnorm(400, sd = 0.3))
train <- data[1:300, ]
test <- data[301:400, ]

# Start near the identity, each layer a little different from the others.
layers <- 4
parameters <- lapply(seq_len(layers), function(i) {
  list(
    diagonal = tf$Variable(c(0, 0)),
    below = tf$Variable(0.1 * (-1)^i),
    shift = tf$Variable(rnorm(2, sd = 0.1)),
    log_slope = tf$Variable(c(-0.1, 0.1))
  )
})
variables <- unlist(parameters, recursive = FALSE)

# The flow is made anew of the variables wherever it is used, so that gradients lead back to them.
make_flow <- function() {
  maps <- lapply(parameters, function(p) {
    diagonal <- exp(p$diagonal)
    tril <- tf$stack(list(tf$stack(list(diagonal[1], tf$zeros(shape()))), tf$stack(list(p$below, diagonal[2]))))
    list(leaky_relu(exp(p$log_slope)), tfb_affine(shift = p$shift, scale_tril = tril))
  })
  # The last map is affine: without it the data could not lie where the ReLU does not reach.
  chain <- unlist(maps, recursive = FALSE)[-1]
  tfd_transformed_distribution(
    distribution = tfd_multivariate_normal_diag(loc = c(0, 0)),
    bijector = tfb_chain(chain)
  )
}
loss <- function() -mean(make_flow() %>% tfd_log_prob(train))

# The loop as it is written by hand: every step calls R and Python for each operation.
optimizer <- tf$optimizers$Adam(learning_rate = 0.02)
by_hand <- numeric(5)
for (step in seq_along(by_hand)) {
  with(tf$GradientTape() %as% tape, {
    value <- loss()
  })
  gradients <- tape$gradient(value, variables)
  optimizer$apply_gradients(Map(list, unname(gradients), unname(variables)))
  by_hand[step] <- as.numeric(value)
}

# The same steps, compiled: the optimizer goes on where it was.
compiled <- minimize(loss, variables, optimizer, steps = 800)

normal <- tfd_multivariate_normal_full_covariance(colMeans(train), cov(train))
scores <- c(
  normal = as.numeric(mean(normal %>% tfd_log_prob(test))),
  flow = as.numeric(mean(make_flow() %>% tfd_log_prob(test)))
)
print(scores)  # nats a row, of rows that were not trained on
