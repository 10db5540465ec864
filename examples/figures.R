# Figures of the demo, by ggplot2.

colours <- c(data = "#8a8a8a", training = "#8a8a8a", draws = "#20639b", validation = "#20639b")
units <- c(
  eruptions = "eruption (min)", waiting = "waiting time (min)", carat = "carat (0.2 g)", depth = "depth (%)",
  table = "table (%)", price = "price (1000 $)", x = "x (mm)", y = "y (mm)", z = "z (mm)"
)
mass <- c(0.95, 0.8, 0.5, 0.2)

theme_set(
  theme_minimal(base_size = 10) +
    theme(
      panel.grid.minor = element_blank(), panel.grid.major = element_line(colour = "grey93"),
      strip.text = element_text(hjust = 0, size = 10), legend.position = "top", legend.justification = "left",
      plot.title = element_text(size = 11), plot.background = element_rect(fill = "white", colour = NA)
    )
)

save_figure <- function(plot, path, width, height) {
  ggsave(path, plot, width = width, height = height, dpi = 130)
  cat(path, "\n")
}

in_units <- function(data) {
  if ("price" %in% names(data)) data$price <- data$price / 1000
  data
}

# The data, and contours that hold given shares of each fitted distribution.
draw_contours <- function(data, fits) {
  axes <- lapply(data, function(x) {
    edges <- range(x) + c(-0.25, 0.25) * diff(range(x))
    seq(edges[1], edges[2], length.out = 200)
  })
  grid <- expand.grid(axes)
  # A region of highest density holds the share p of draws when p of them are denser than its edge.
  regions <- do.call(rbind, lapply(names(fits), function(label) {
    draws <- flow_sample(fits[[label]], 20000, seed = 1)
    levels <- ecdf(flow_log_prob(fits[[label]], draws))
    cbind(grid, share = 1 - levels(flow_log_prob(fits[[label]], grid)), model = label)
  }))
  names(regions)[1:2] <- names(data)[1:2] <- c("x", "y")
  ggplot(regions, aes(x, y)) +
    geom_contour_filled(aes(z = share), breaks = c(0, rev(mass))) +
    geom_point(data = data, size = 0.7, alpha = 0.6) +
    facet_wrap(~model) +
    scale_fill_manual(values = c("#1b69af", "#5ba3cf", "#abcfe5", "#d6e6f4"), labels = paste(rev(mass) * 100, "%")) +
    labs(x = units[[names(axes)[1]]], y = units[[names(axes)[2]]], fill = NULL,
         title = "Old Faithful, and the densest regions with a share of the fitted distribution")
}

# Mean log-density of training and validation rows by epoch, a panel for each fit.
draw_training <- function(results) {
  curves <- do.call(rbind, lapply(names(results), function(name) {
    do.call(rbind, lapply(names(results[[name]]), function(label) {
      history <- results[[name]][[label]]$history
      values <- c(history$train_log_prob, history$validation_log_prob)
      # The first epochs would squeeze the rest.
      edge <- quantile(values, 0.05) - 0.1 * diff(quantile(values, c(0.05, 1)))
      panel <- paste(name, label, sep = ", ")
      frame <- data.frame(
        epoch = history$epoch, value = values, rows = rep(c("training", "validation"), each = nrow(history)),
        panel = panel, kept = results[[name]][[label]]$facts$best_epoch
      )
      frame[values > edge, ]
    }))
  }))
  curves$panel <- factor(curves$panel, unique(curves$panel))
  ggplot(curves, aes(epoch, value, colour = rows)) +
    geom_vline(aes(xintercept = kept), linetype = "dotted", colour = "#d1701f") +
    geom_line(linewidth = 0.5) +
    facet_wrap(~panel, scales = "free") +
    scale_colour_manual(values = colours) +
    labs(x = "epoch", y = "mean log-density (nats)", colour = NULL,
         title = "Training; the dotted line marks the weights kept")
}

# Data and draws: side by side for two columns, otherwise all pairs, data below and draws above the diagonal.
draw_samples <- function(data, draws) {
  data <- in_units(data)
  draws <- in_units(draws)
  if (ncol(data) == 2) draw_beside(data, draws) else draw_pairs(data, draws)
}

draw_beside <- function(data, draws) {
  both <- rbind(cbind(data, source = "data"), cbind(draws, source = "draws"))
  ggplot(both, aes(.data[[names(data)[1]]], .data[[names(data)[2]]], colour = source)) +
    geom_point(size = 1.2, alpha = 0.8, show.legend = FALSE) +
    facet_wrap(~source) +
    scale_colour_manual(values = colours) +
    labs(x = units[[names(data)[1]]], y = units[[names(data)[2]]])
}

draw_pairs <- function(data, draws) {
  names <- names(data)
  edges <- lapply(data, quantile, c(0.002, 0.998))
  inside <- function(x, name) x >= edges[[name]][1] & x <= edges[[name]][2]
  label <- function(name) factor(units[[name]], units[names])
  cells <- expand.grid(row = seq_along(names), column = seq_along(names))
  points <- do.call(rbind, Map(function(row, column) {
    source <- if (row > column) data else draws
    cell <- data.frame(x = source[[column]], y = source[[row]], left = label(names[column]), below = label(names[row]),
                       source = if (row > column) "data" else "draws")
    cell[inside(cell$x, names[column]) & inside(cell$y, names[row]), ]
  }, cells$row, cells$column)[cells$row != cells$column])
  # Densities on the diagonal, stretched to the panel's own y axis.
  curves <- do.call(rbind, lapply(names, function(name) {
    do.call(rbind, lapply(c("data", "draws"), function(source) {
      curve <- density(get(source)[[name]], from = edges[[name]][1], to = edges[[name]][2], n = 200, adjust = 0.7)
      height <- edges[[name]][1] + curve$y / max(curve$y) * 0.95 * diff(edges[[name]])
      data.frame(x = curve$x, y = height, left = label(name), below = label(name), source = source)
    }))
  }))
  ggplot(points, aes(x, y, colour = source)) +
    geom_point(size = 0.5, alpha = 0.5, stroke = 0) +
    geom_line(data = curves, linewidth = 0.5) +
    facet_grid(below ~ left, scales = "free", switch = "both") +
    scale_colour_manual(values = colours, guide = "none") +
    labs(x = NULL, y = NULL, title = sprintf("%s diamonds (grey, below) and as many draws (blue, above)",
                                             format(nrow(data), big.mark = ","))) +
    theme(strip.placement = "outside", strip.text = element_text(hjust = 0.5, size = 9),
          axis.text = element_text(size = 6), panel.spacing = grid::unit(5, "pt"))
}

# Normal quantile plot of each latent dimension.
draw_residuals <- function(latent) {
  normal <- qnorm(ppoints(nrow(latent)))
  edge <- 2.2 * max(normal)
  long <- data.frame(
    dimension = rep(colnames(latent), each = nrow(latent)), normal = normal,
    # A far outlier is drawn at the edge, so that the others can be seen.
    value = pmax(-edge, pmin(edge, as.vector(apply(latent, 2, sort))))
  )
  ggplot(long, aes(normal, value)) +
    geom_abline(colour = colours[["data"]]) +
    geom_point(size = 0.6, colour = colours[["draws"]]) +
    facet_wrap(~dimension, ncol = 4) +
    labs(x = "normal quantile", y = "latent residual of a test row") +
    theme(panel.spacing.x = grid::unit(14, "pt"))
}
