# Layers onto a support (positive, lower, upper, interval): the argument `support` of flow_fit(), which adds them, and
# the checks of their columns and of the data, with rows and positions counted from 1.

support_args <- list(positive = character(), lower = "low", upper = "high", interval = c("low", "high"))

# The flow with a layer at its data end for each support, in the order of the columns.
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
  places <- sort(unname(places))
  keys <- vapply(nodes, flow_json, "")
  for (key in unique(keys)) {
    node <- nodes[[match(key, keys)]]
    chosen <- places[keys == key]
    node$args$columns <- as.list(if (length(table$names)) table$names[chosen] else chosen - 1L)
    flow$layers <- c(flow$layers, list(node))
  }
  flow
}

support_place <- function(column, table, arg, call) {
  size <- ncol(table$values)
  place <- if (length(table$names)) match(column, table$names) else match(column, as.character(seq_len(size)))
  if (!is.na(place)) return(place)
  known <- if (length(table$names)) list_names(table$names, 10) else paste("positions 1 to", size)
  message <- sprintf("`%s` has column `%s`, but the data have %s.", arg, column, known)
  pyflows_abort("argument", message, call = call, argument = arg)
}

# The node of one support, through the layer's own constructor, which checks the arguments.
read_support <- function(value, label, arg, call) {
  parts <- if (is.object(value)) list() else as.list(value)
  kind <- if (length(parts)) parts[[1]]
  known <- is_string(kind) && kind %in% names(support_args)
  if (!known || length(parts) - 1 > length(support_args[[kind]])) {
    must <- paste("\"positive\", `list(\"lower\", low)`, `list(\"upper\", high)` or",
                  "`list(\"interval\", low, high)`")
    abort_argument(label, must, value, call)
  }
  made <- tryCatch(
    do.call(paste0("flow_", kind), c(list(flow = NULL), parts[-1])),
    pyflows_error = function(e) {
      pyflows_abort("argument", paste0("In `", label, "`: ", e$message), call = call, argument = arg)
    }
  )
  made$layers[[1]]
}

# The columns of a layer as positions, where they fit the data.
layer_columns <- function(layer, table) {
  columns <- unlist(layer$args$columns)
  if (is.null(columns)) return(seq_len(ncol(table$values)))
  if (is.character(columns)) match(columns, table$names) else columns + 1L
}

# Python would find this too, but only after it was started, and would count from 0.
check_layer_columns <- function(flow, table, call) {
  size <- ncol(table$values)
  for (i in seq_along(flow$layers)) {
    layer <- flow$layers[[i]]
    if (!layer$kind %in% names(support_args)) next
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
  seen <- integer()
  for (layer in rev(flow$layers)) {
    bounds <- support_bounds(layer)
    if (is.null(bounds)) return(invisible())
    columns <- layer_columns(layer, table)
    for (column in setdiff(columns, seen)) check_bounds(table, column, bounds, arg, call)
    seen <- c(seen, columns)
  }
}

check_bounds <- function(table, column, bounds, arg, call) {
  values <- table$values[, column]
  low <- values <= bounds[[1]]
  high <- values >= bounds[[2]]
  wrong <- which(low | high)
  if (!length(wrong)) return(invisible())
  beyond <- c(if (any(low)) paste("<=", format(bounds[[1]])), if (any(high)) paste(">=", format(bounds[[2]])))
  message <- sprintf("`%s` has %s %s in column %s, first in row %d; the support is (%s, %s).", arg,
                     plural(length(wrong), "value"), paste(beyond, collapse = " or "),
                     column_label(table$names, column), wrong[[1]], format(bounds[[1]]), format(bounds[[2]]))
  pyflows_abort("data", message, "Leave these rows out, or give a support that holds them.", call = call,
                argument = arg)
}
