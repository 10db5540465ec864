# Layers onto a support: the argument `support` of flow_fit(), which adds them, and the checks of their columns and of
# the data, with rows and positions counted from 1.

# The words, and their arguments by position.
support_args <- list(
  positive = character(), lower = "low", upper = "high", interval = c("low", "high"), periodic = c("length", "low"),
  simplex = character(), integer = "method", count = "method"
)
# The layers for columns, as they stand in flows.
support_kinds <- c("positive", "lower", "upper", "interval", "periodic", "simplex", "dequantize")
# Rows of shares may be off by that much.
simplex_tolerance <- 1e-3

# The flow with a layer at its data end for each support, in the order of the columns; compositions come before, and
# whole numbers after all others.
add_support <- function(flow, support, table, arg = "support", call = caller_env()) {
  if (is.null(support)) return(flow)
  columns <- names(support)
  plain <- (is.list(support) || is.character(support)) && !is.object(support)
  if (!plain || is.null(columns) || !all(nzchar(columns))) {
    must <- "a list by column, such as `list(price = \"positive\", share = list(\"interval\", 0, 1))`, or NULL"
    abort_argument(arg, must, support, call)
  }
  places <- vapply(columns, support_place, 1L, table = table, arg = arg, call = call)
  if (anyDuplicated(places)) {
    message <- sprintf("`%s` has column `%s` more than once.", arg, columns[duplicated(places)][[1]])
    pyflows_abort("argument", message, call = call, argument = arg)
  }
  nodes <- Map(read_support, support, paste0(arg, "$", columns), MoreArgs = list(arg = arg, call = call))
  nodes <- nodes[order(places)]
  places <- rep(sort(unname(places)), lengths(nodes))
  nodes <- unlist(unname(nodes), recursive = FALSE)
  keys <- vapply(nodes, flow_json, "")
  layers <- lapply(unique(keys), function(key) {
    node <- nodes[[match(key, keys)]]
    chosen <- places[keys == key]
    node$args$columns <- as.list(if (length(table$names)) table$names[chosen] else chosen - 1L)
    node
  })
  check_groups(layers, arg, call)
  kinds <- vapply(layers, `[[`, "", "kind")
  flow$layers <- c(flow$layers, layers[order(match(kinds, "dequantize", 0L) - match(kinds, "simplex", 0L))])
  flow
}

# Do the layers fit each other.
check_groups <- function(layers, arg, call) {
  kinds <- vapply(layers, `[[`, "", "kind")
  if (sum(kinds == "dequantize") > 1) {
    message <- sprintf("`%s` must have one method for all columns of whole numbers.", arg)
    pyflows_abort("argument", message, call = call, argument = arg)
  }
  parts <- unlist(lapply(layers[kinds == "simplex"], function(layer) length(layer$args$columns)))
  if (any(parts < 2)) {
    message <- sprintf("`%s` has \"simplex\" for one column; it needs two or more.", arg)
    pyflows_abort("argument", message, call = call, argument = arg)
  }
}

support_place <- function(column, table, arg, call) {
  size <- ncol(table$values)
  place <- if (length(table$names)) match(column, table$names) else match(column, as.character(seq_len(size)))
  if (!is.na(place)) return(place)
  known <- if (length(table$names)) list_names(table$names, 10) else paste("positions 1 to", size)
  message <- sprintf("`%s` has column `%s`, but the data have %s.", arg, column, known)
  pyflows_abort("argument", message, call = call, argument = arg)
}

# The nodes of one support, through the layer's own constructor, which checks the arguments.
read_support <- function(value, label, arg, call) {
  parts <- if (is.object(value)) list() else as.list(value)
  kind <- if (length(parts)) parts[[1]]
  known <- is_string(kind) && kind %in% names(support_args)
  if (!known || length(parts) - 1 > length(support_args[[kind]])) {
    must <- paste("\"positive\", `list(\"lower\", low)`, `list(\"upper\", high)`, `list(\"interval\", low, high)`,",
                  "\"periodic\" (or `list(\"periodic\", length)`), \"simplex\", \"integer\" or \"count\"")
    abort_argument(label, must, value, call)
  }
  if (kind == "periodic" && !any(rlang::names2(parts[-1]) %in% c("", "length"))) parts$length <- 2 * pi
  layer <- if (kind %in% c("integer", "count")) "dequantize" else kind
  start <- if (kind == "count") flow_positive()
  made <- tryCatch(
    do.call(paste0("flow_", layer), c(list(flow = start), parts[-1])),
    pyflows_error = function(e) {
      pyflows_abort("argument", paste0("In `", label, "`: ", e$message), call = call, argument = arg)
    }
  )
  made$layers
}

# The columns of a layer as positions, where they fit the data.
layer_columns <- function(layer, table) {
  columns <- unlist(layer$args$columns)
  if (is.null(columns)) return(seq_len(ncol(table$values)))
  if (is.character(columns)) match(columns, table$names) else columns + 1L
}

# The columns of whole numbers of a fit.
whole_columns <- function(fit) {
  layers <- Filter(function(layer) layer$kind == "dequantize", fit$flow$layers)
  table <- list(values = matrix(0, 0, fit$facts$event_size), names = fit$columns$x)
  unlist(lapply(layers, layer_columns, table))
}

# Python would find this too, but only after it was started, and would count from 0.
check_layer_columns <- function(flow, table, call) {
  size <- ncol(table$values)
  for (i in seq_along(flow$layers)) {
    layer <- flow$layers[[i]]
    if (!layer$kind %in% support_kinds) next
    columns <- unlist(layer$args$columns)
    wrong <- which(is.na(layer_columns(layer, table)) | layer_columns(layer, table) > size)
    if (!length(wrong)) next
    named <- is.character(columns)
    has <- if (!named) plural(size, "column") else if (length(table$names)) list_names(table$names, 10) else "no names"
    message <- sprintf("`columns` in layer %d (%s) has %s, but the data have %s.", i, layer$kind,
                       if (named) list_names(columns[wrong[[1]]]) else columns[[wrong[[1]]]] + 1L, has)
    pyflows_abort("argument", message, call = call, argument = "columns")
  }
}

support_bounds <- function(layer) {
  args <- layer$args
  switch(layer$kind,
    positive = c(0, Inf), lower = c(args$low, Inf), upper = c(-Inf, args$high), interval = c(args$low, args$high)
  )
}

# Where the layers that end a flow have no density, there is nothing to fit and no latent value.
check_in_support <- function(flow, table, arg, call) {
  seen <- whole <- integer()
  for (layer in rev(flow$layers)) {
    if (!layer$kind %in% support_kinds) return(invisible())
    columns <- layer_columns(layer, table)
    bounds <- support_bounds(layer)
    if (layer$kind == "dequantize") {
      for (column in columns) check_whole_column(table, column, arg, call)
      whole <- columns
      next
    }
    if (layer$kind == "simplex") {
      # Layers before it count other columns.
      if (!any(columns %in% c(seen, whole))) check_composition(table, columns, arg, call)
      return(invisible())
    }
    if (!is.null(bounds)) {
      for (column in setdiff(columns, seen)) check_bounds(table, column, bounds, column %in% whole, arg, call)
    }
    seen <- c(seen, columns)
  }
}

check_whole_column <- function(table, column, arg, call) {
  values <- table$values[, column]
  wrong <- which(values != floor(values))
  if (!length(wrong)) return(invisible())
  what <- if (length(wrong) == 1) "1 value that is not a whole number" else
    plural(length(wrong), "", "values that are not whole numbers")
  message <- sprintf("`%s` has %s in column %s, first %s in row %d.", arg, what, column_label(table$names, column),
                     format(values[[wrong[[1]]]]), wrong[[1]])
  pyflows_abort("data", message, "Round them, or leave these rows out.", call = call, argument = arg)
}

# Positive parts that add up to 1.
check_composition <- function(table, columns, arg, call) {
  for (column in columns) check_bounds(table, column, c(0, Inf), FALSE, arg, call)
  totals <- rowSums(table$values[, columns, drop = FALSE])
  wrong <- which(abs(totals - 1) > simplex_tolerance)
  if (!length(wrong)) return(invisible())
  labels <- vapply(columns, function(i) column_label(table$names, i), "")
  message <- sprintf("`%s` has %s in which the columns %s do not add up to 1, first row %d, where they add up to %s.",
                     arg, plural(length(wrong), "row"), paste(labels, collapse = ", "), wrong[[1]],
                     format(totals[[wrong[[1]]]]))
  hint <- "Divide them by their sum, or leave these rows out."
  pyflows_abort("data", message, hint, call = call, argument = arg)
}

# Whole numbers stand for the cells that begin with them: 0 is in the support (0, Inf).
check_bounds <- function(table, column, bounds, whole, arg, call) {
  values <- table$values[, column]
  low <- if (whole) values + 1 <= bounds[[1]] else values <= bounds[[1]]
  high <- values >= bounds[[2]]
  wrong <- which(low | high)
  if (!length(wrong)) return(invisible())
  below <- if (whole) "<" else "<="
  beyond <- c(if (any(low)) paste(below, format(bounds[[1]])), if (any(high)) paste(">=", format(bounds[[2]])))
  message <- sprintf("`%s` has %s %s in column %s, first in row %d; the support is %s%s, %s).", arg,
                     plural(length(wrong), "value"), paste(beyond, collapse = " or "),
                     column_label(table$names, column), wrong[[1]], if (whole) "whole numbers in [" else "(",
                     format(bounds[[1]]), format(bounds[[2]]))
  pyflows_abort("data", message, "Leave these rows out, or give a support that holds them.", call = call,
                argument = arg)
}
