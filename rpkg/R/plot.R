#' Plot a fitted flow
#'
#' `plot()` draws the training curves with R's own graphics. `ggplot2::autoplot()` draws by ggplot2, and
#' returns the plot:
#' * `"training"`: mean log-density of the training and held-out rows, by epoch.
#' * `"density"`: the fitted density, for one column as a curve, for two as contours, over `data` if given.
#' * `"samples"`: draws beside the data; for three columns and more in all pairs of the first five.
#' * `"residuals"`: normal quantile plots of the latent values of `data`.
#'
#' @param x,object (fitted flow) Result of [flow_fit()].
#' @param y Not used.
#' @param type (string) What to draw.
#' @param data (data frame, numeric matrix or `NULL`) The data, needed for `"samples"` and `"residuals"`. A
#'   fit does not keep its data.
#' @param context (data frame, numeric matrix or `NULL`) Needed if and only if the flow was fitted with one:
#'   for `"density"` one row, otherwise a row for each row of `data`.
#' @param most (whole number >= 1) The most rows of data that are drawn.
#' @param seed (whole number >= 0, or `NULL`) For the draws.
#' @param ... For `plot()`, passed on to [graphics::matplot()]; must be empty otherwise.
#' @returns `plot()` the fit, invisibly; `autoplot()` a ggplot object.
#' @family pyflows generics
#' @examplesIf pyflows_available()
#' fit <- flow_affine() |> flow_prelu() |> flow_fit(faithful, epochs = 5, seed = 1)
#' plot(fit)
#' if (requireNamespace("ggplot2", quietly = TRUE)) {
#'   ggplot2::autoplot(fit, "density", faithful)
#' }
#' @export
plot.pyflows_fit <- function(x, y, ...) {
  check_trained(x, current_env())
  history <- x$history
  curves <- cbind(history$train_log_prob, history$validation_log_prob)
  options <- utils::modifyList(
    list(type = "l", lty = 1, col = c("grey50", "steelblue"), xlab = "epoch", ylab = "mean log-density (nats)"),
    list(...)
  )
  do.call(graphics::matplot, c(list(history$epoch, curves), options))
  graphics::abline(v = x$facts$best_epoch, lty = 3)
  graphics::legend("bottomright", c("training", "held out")[seq_len(ncol(curves))], lty = 1,
                   col = options$col, bty = "n")
  invisible(x)
}

#' @rdname plot.pyflows_fit
#' @exportS3Method ggplot2::autoplot
autoplot.pyflows_fit <- function(object, type = "training", data = NULL, context = NULL, most = 2000, seed = NULL,
                                 ...) {
  call <- current_env()
  check_dots_empty(...)
  type <- check_choice(type, c("training", "density", "samples", "residuals"))
  most <- check_whole(most, min = 1)
  if (type == "training") return(plot_training(object, call))
  if (is.null(data) && type != "density") {
    message <- paste0("`data` is missing: type = \"", type, "\" draws it.")
    pyflows_abort("argument", message, call = call, argument = "data")
  }
  # Plotting data must not move R's random numbers.
  if (type == "samples" || is.null(data)) seed <- check_seed(seed)
  if (!is.null(data)) {
    values <- new_table(data, object$columns$x, object$facts$event_size, "data", call)$values
    rows <- nrow(values)
    if (rows == 0) pyflows_abort("data", "`data` has no rows to draw.", call = call, argument = "data")
    data <- as_user_table(values, object$columns$x, TRUE)
    # A fixed choice, evenly spread.
    kept <- unique(round(seq(1, rows, length.out = min(rows, most))))
    data <- data[kept, , drop = FALSE]
    if (type != "density" && !is.null(dim(context)) && nrow(context) == rows) context <- context[kept, , drop = FALSE]
  }
  switch(type,
    density = plot_density(object, data, context, seed, call),
    samples = plot_samples(object, data, context, seed, call),
    residuals = plot_residuals(object, data, context, call)
  )
}

plot_training <- function(fit, call) {
  check_trained(fit, call)
  history <- fit$history
  curves <- data.frame(
    epoch = rep(history$epoch, 2), log_prob = c(history$train_log_prob, history$validation_log_prob),
    rows = rep(c("training", "held out"), each = nrow(history))
  )
  curves <- curves[is.finite(curves$log_prob), ]
  ggplot2::ggplot(curves, ggplot2::aes(.data$epoch, .data$log_prob, colour = .data$rows)) +
    ggplot2::geom_vline(xintercept = fit$facts$best_epoch, linetype = "dotted") +
    ggplot2::geom_line() +
    ggplot2::labs(x = "epoch", y = "mean log-density (nats)", colour = NULL)
}

plot_density <- function(fit, data, context, seed, call) {
  size <- fit$facts$event_size
  if (size > 2) {
    message <- paste0("type = \"density\" needs a flow of one or two columns, not ", size, ".")
    pyflows_abort("argument", message, "type = \"samples\" shows more columns.", call = call, argument = "type")
  }
  if (NROW(context) > 1) {
    pyflows_abort("shape", "`context` must have 1 row for type = \"density\".", call = call, argument = "context")
  }
  shown <- data %||% as.data.frame(draw(fit, 1000, context, seed, call))
  axes <- lapply(shown, function(column) {
    edge <- range(column) + c(-0.1, 0.1) * diff(range(column))
    seq(edge[1], edge[2], length.out = if (size == 1) 400 else 120)
  })
  # Between whole numbers there is nothing.
  for (column in whole_columns(fit)) axes[[column]] <- unique(floor(axes[[column]]))
  grid <- expand.grid(axes)
  grid$.density <- exp(rows_through("log_prob", fit, as.matrix(grid), context, NULL, call))
  names <- names(shown)
  if (size == 1) {
    plot <- ggplot2::ggplot(grid, ggplot2::aes(.data[[names[1]]], .data$.density))
    if (!is.null(data)) {
      bars <- ggplot2::aes(.data[[names[1]]], ggplot2::after_stat(.data$density))
      plot <- plot + ggplot2::geom_histogram(bars, data = data, inherit.aes = FALSE, bins = 40, fill = "grey80")
    }
    return(plot + ggplot2::geom_line(colour = "steelblue") + ggplot2::labs(x = names[1], y = "density"))
  }
  plot <- ggplot2::ggplot(grid, ggplot2::aes(.data[[names[1]]], .data[[names[2]]]))
  if (!is.null(data)) plot <- plot + ggplot2::geom_point(data = data, alpha = 0.4, size = 0.8)
  plot + ggplot2::geom_contour(ggplot2::aes(z = .data$.density), bins = 10, colour = "steelblue") +
    ggplot2::labs(x = names[1], y = names[2])
}

plot_samples <- function(fit, data, context, seed, call) {
  drawn <- draw(fit, nrow(data), context, seed, call)
  drawn <- as_user_table(unname(as.matrix(drawn)), names(data), TRUE)
  both <- rbind(cbind(data, .source = "data"), cbind(drawn, .source = "samples"))
  names <- utils::head(names(data), 5)
  if (length(names) == 1) {
    return(
      ggplot2::ggplot(both, ggplot2::aes(.data[[names]], ggplot2::after_stat(.data$density))) +
        ggplot2::geom_histogram(bins = 40) + ggplot2::facet_wrap(~.source, ncol = 1) + ggplot2::labs(x = names)
    )
  }
  if (length(names) == 2) {
    return(
      ggplot2::ggplot(both, ggplot2::aes(.data[[names[1]]], .data[[names[2]]])) +
        ggplot2::geom_point(alpha = 0.4, size = 0.8) + ggplot2::facet_wrap(~.source) +
        ggplot2::labs(x = names[1], y = names[2])
    )
  }
  pairs <- utils::combn(names, 2, simplify = FALSE)
  long <- do.call(rbind, lapply(pairs, function(pair) {
    data.frame(x = both[[pair[1]]], y = both[[pair[2]]], columns = paste(pair, collapse = " / "),
               source = both$.source)
  }))
  long$columns <- factor(long$columns, unique(long$columns))
  ggplot2::ggplot(long, ggplot2::aes(.data$x, .data$y, colour = .data$source)) +
    ggplot2::geom_point(alpha = 0.5, size = 0.9) +
    ggplot2::facet_wrap(~columns, scales = "free") +
    ggplot2::labs(x = NULL, y = NULL, colour = NULL)
}

plot_residuals <- function(fit, data, context, call) {
  latent <- latent_values(fit, data, context, call, label = "data")
  long <- do.call(rbind, lapply(colnames(latent), function(name) {
    data.frame(latent = name, normal = stats::qnorm(stats::ppoints(nrow(latent))), value = sort(latent[, name]))
  }))
  ggplot2::ggplot(long, ggplot2::aes(.data$normal, .data$value)) +
    ggplot2::geom_abline(linetype = "dotted") +
    ggplot2::geom_point(size = 0.6) +
    ggplot2::facet_wrap(~latent) +
    ggplot2::labs(x = "normal quantiles", y = "latent values")
}
