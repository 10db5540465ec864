# Flows as plain data: a list of `base` (one node) and `layers` (nodes in forward order, base -> data). A node
# is `list(kind, args)`, with every argument present in the form that the JSON has. Needs no Python.

new_node <- function(kind, args = list()) {
  if (length(args) == 0) args <- stats::setNames(list(), character())
  list(kind = kind, args = args)
}

new_flow <- function(layers = list(), base = new_node("base_normal")) {
  structure(list(base = base, layers = layers), class = "pyflows_flow")
}

new_base <- function(kind, ...) structure(new_node(kind, list(...)), class = "pyflows_base")

# What every generated wrapper does: `...` are the checked arguments.
add_layer <- function(flow, kind, ..., call = caller_env()) {
  args <- list(...)
  flow <- check_flow(flow, null = TRUE, arg = "flow", call = call)
  flow$layers <- c(flow$layers, list(new_node(kind, args)))
  flow
}

#' Join flows, and choose the base distribution
#'
#' A flow is a list of layers in *forward* order, from the base distribution to the data: in
#' `flow_affine() |> flow_prelu()`, the data are `prelu(affine(z))`. Layers pipe into each other;
#' `flow_spec()` joins flows that were made on their own, and starts an empty flow, whose density is that of
#' the base.
#'
#' A flow is plain data: it prints, compares with `==`, and is made without Python and without knowing the
#' number of columns, which come from the data in [flow_fit()].
#'
#' @param ... (flows) Flows to join, in forward order. None gives the empty flow.
#' @param base (base distribution or string) The distribution of the latent variables, such as
#'   [flow_base_normal()] or its name `"normal"`. `NULL` keeps the base of the first flow; later ones must not have
#'   one of their own.
#' @returns A flow, of class `pyflows_flow`.
#' @family pyflows flows
#' @seealso [flow_affine()], [flow_maf()] and the other layers; [flow_fit()]; [flow_to_json()].
#' @examples
#' flow <- flow_affine(rank = 2) |> flow_prelu()
#' flow
#' flow == flow_spec(flow_affine(rank = 2), flow_prelu())
#' flow_spec(flow, flow_maf(layers = 3))
#' @export
flow_spec <- function(..., base = NULL) {
  flows <- list(...)
  call <- current_env()
  for (i in seq_along(flows)) {
    name <- names(flows)[i]
    if (length(name) && nzchar(name)) {
      message <- paste0("flow_spec() has no argument `", name, "`.")
      pyflows_abort("argument", message, "Flows to join are given without names.", call = call)
    }
    hint <- if (is.function(flows[[i]])) "Call it: `flow_affine()` instead of `flow_affine`."
    if (!inherits(flows[[i]], "pyflows_flow")) {
      abort_argument(paste0("..", i), "a flow, such as `flow_affine()`", flows[[i]], call, hint)
    }
  }
  base <- check_base(base, call) %||% joint_base(flows, call)
  new_flow(unlist(lapply(flows, `[[`, "layers"), recursive = FALSE) %||% list(), base)
}

# The base of the first flow; that of a later one would be lost.
joint_base <- function(flows, call) {
  normal <- new_node("base_normal")
  base <- if (length(flows)) flows[[1]]$base else normal
  for (i in seq_along(flows)) {
    if (!identical(flows[[i]]$base, base) && !identical(flows[[i]]$base, normal)) {
      message <- sprintf("`..%d` has a base of its own (%s), but is not the first flow.", i, flows[[i]]$base$kind)
      pyflows_abort("argument", message, "Put it first, or choose with `base`.", call = call, argument = "base")
    }
  }
  base
}

check_base <- function(base, call) {
  if (is.null(base)) return(NULL)
  if (inherits(base, "pyflows_base")) return(unclass(base))
  kinds <- names(Filter(function(kind) kind$group == "base", layer_kinds))
  kind <- if (is_string(base)) paste0("base_", sub("^base_", "", base))
  if (is.null(kind) || !kind %in% kinds) {
    known <- paste0("\"", sub("^base_", "", kinds), "\"", collapse = ", ")
    abort_argument("base", paste("a base distribution, such as `flow_base_normal()`, or the name of one:", known),
                   base, call)
  }
  unclass(do.call(paste0("flow_", kind), list()))
}

#' @export
format.pyflows_flow <- function(x, width = getOption("width"), ...) {
  head <- sprintf("<pyflows flow> %s -> data, %s", format_base(x$base), plural(length(x$layers), "layer"))
  number <- format(seq_along(x$layers))
  lines <- Map(function(layer, i) {
    # Lines break between arguments, not inside them.
    args <- gsub(" ", "\u00a0", format_args(layer), fixed = TRUE)
    lines <- strwrap(paste0(i, ". ", layer$kind, "(", paste(args, collapse = ", "), ")"),
                     width = max(width, 40), indent = 2, exdent = 6 + nchar(i))
    gsub("\u00a0", " ", lines, fixed = TRUE)
  }, x$layers, number)
  c(head, unlist(lines, use.names = FALSE))
}

#' @export
print.pyflows_flow <- function(x, ...) {
  writeLines(format(x, ...))
  invisible(x)
}

#' @export
format.pyflows_base <- function(x, ...) paste("<pyflows base>", format_base(x))

#' @export
print.pyflows_base <- function(x, ...) {
  writeLines(format(x, ...))
  invisible(x)
}

#' @export
as.character.pyflows_flow <- function(x, ...) {
  calls <- vapply(x$layers, function(layer) {
    name <- if (layer$kind == "tfb_layer") "flow_tfb" else paste0("flow_", layer$kind)
    paste0(name, "(", paste(format_args(layer), collapse = ", "), ")")
  }, "")
  if (!length(calls) || !identical(x$base, new_node("base_normal"))) {
    base <- paste0(format_base(x$base), if (!length(x$base$args)) "()")
    calls <- c(sprintf("flow_spec(base = flow_%s)", base), calls)
  }
  # A layer that holds a flow does not take the flow before it by a pipe.
  wraps <- any(vapply(x$layers, function(layer) "flow" %in% names(layer$args), NA))
  if (wraps && length(calls) > 1) return(paste0("flow_spec(", paste(calls, collapse = ", "), ")"))
  paste(calls, collapse = " |> ")
}

#' @export
`==.pyflows_flow` <- function(e1, e2) {
  inherits(e1, "pyflows_flow") && inherits(e2, "pyflows_flow") && identical(unclass(e1), unclass(e2))
}

#' @export
`!=.pyflows_flow` <- function(e1, e2) !(e1 == e2)

format_base <- function(base) {
  args <- format_args(base)
  if (length(args)) paste0(base$kind, "(", paste(args, collapse = ", "), ")") else base$kind
}

# "rank = 2": as a user would write it in R, so positions in an order count from 1.
format_args <- function(node) {
  checks <- layer_kinds[[node$kind]]$args
  by_name <- function(name, value) format_value(shift_order(value, checks[[name]], 1L))
  values <- if (node$kind == "factorize") format_blocks(node$args) else Map(by_name, names(node$args), node$args)
  if (length(values)) paste(names(node$args), "=", unlist(values)) else character()
}

# The columns of each block, and their flows.
format_blocks <- function(args) {
  lapply(args, function(items) {
    if (is.null(items)) return("NULL")
    items <- lapply(items, function(item) {
      by_position <- is.list(item) && is.null(names(item)) && all(vapply(item, is.numeric, NA))
      format_value(if (by_position) lapply(item, function(i) as.integer(i) + 1L) else item)
    })
    paste0("list(", paste(unlist(items), collapse = ", "), ")")
  })
}

format_value <- function(x) {
  if (is_py_object(x)) return(paste0("<", sub(".*\\.", "", class(x)[[1]]), ">"))
  if (is.list(x) && is.list(x$layers)) return(as.character(new_flow(x$layers, x$base)))
  if (is.list(x) && !is.null(names(x))) return(flow_json(x))
  if (is.list(x)) {
    items <- vapply(x, format_value, "")
    by <- if (any(vapply(x, is.list, NA))) "rbind" else "c"
    return(if (length(items) == 1) items else paste0(by, "(", paste(items, collapse = ", "), ")"))
  }
  if (is.null(x)) "NULL" else if (is.character(x)) encodeString(x, quote = "\"") else format(x, digits = 15)
}

# Positions count from 1 in R and from 0 in the spec.
shift_order <- function(value, check, by) {
  positions <- isTRUE(check %in% c("permutation", "order", "columns"))
  by_position <- positions && is.list(value) && all(vapply(value, is.numeric, NA))
  if (by_position) lapply(value, function(i) as.integer(i) + by) else value
}
