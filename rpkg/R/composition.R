# Flows made of flows. A flow among the arguments of a kind is a list of `base` and `layers`, like a flow itself.

#' A flow several times over
#'
#' Adds up a flow's layers `k` times, each time with weights of their own.
#'
#' @param flow (flow) The flow; its base stays the base.
#' @param k (whole number >= 1) How often.
#' @returns A flow with `k` times as many layers, of class `pyflows_flow`.
#' @family pyflows flows
#' @examples
#' flow_affine() |> flow_prelu() |> flow_repeat_flow(3)
#' @export
flow_repeat_flow <- function(flow, k) {
  flow <- check_flow(flow)
  if (missing(k)) abort_missing("k")
  new_flow(rep(flow$layers, check_whole(k, min = 1)), flow$base)
}

#' A mixture of flows
#'
#' The density is \eqn{\sum_j w_j p_j(x)} with learned shares, where each component is a copy of the flow with weights
#' of its own. It is no invertible map but a base distribution, [flow_base_flows()]: the result is an empty flow over
#' it, to which further layers can be added.
#'
#' @param k (whole number >= 1) Number of components.
#' @param flow (flow) The flow that each component is; its base is part of it.
#' @returns A flow without layers, of class `pyflows_flow`.
#' @references
#' Izmailov, Kirichenko, Finzi & Wilson (2020), Semi-Supervised Learning with Normalizing Flows, arXiv:1912.13025.
#' @family pyflows flows
#' @examples
#' flow_mixture_of_flows(3, flow_maf(layers = 2))
#' flow_affine() |> flow_mixture_of_flows(k = 2)
#' @export
flow_mixture_of_flows <- function(k, flow) {
  if (missing(k)) abort_missing("k")
  if (missing(flow)) abort_missing("flow")
  args <- list(flow = check_flow_arg(flow, any_base = TRUE), components = check_whole(k, min = 1))
  new_flow(base = new_node("base_flows", args))
}

#' A joint density as a product of conditional ones
#'
#' p(x1) p(x2 | x1) p(x3 | x1, x2) ...: each block of columns has a flow of its own, which sees the blocks before it
#' as context, beside the context of the whole. It says what depends on what, where that is known, and lets columns of
#' different kinds have different layers. The density takes the passes of all flows, draws take them one after
#' another.
#'
#' @param flow (flow or `NULL`) The flow to add to; `NULL` starts a new one.
#' @param columns (list or `NULL`) The blocks: a list of vectors of column names, or of positions counted from 1, which
#'   together are all columns of the data. `NULL`: each flow has one column, in order.
#' @param flows (list of flows) One for each block, without bases of their own.
#' @param ... (flows) Instead of the two above, a flow for each column by its name.
#' @returns The flow with the layer added at its data end, of class `pyflows_flow`.
#' @family pyflows layers
#' @examples
#' flow_factorize(eruptions = flow_affine(), waiting = flow_maf(layers = 2))
#' flow_factorize(columns = list(1, 2:3), flows = list(flow_affine(), flow_maf(layers = 2)))
#' @export
flow_factorize <- function(flow = NULL, columns = NULL, flows = NULL, ...) {
  named <- list(...)
  if (length(named)) {
    if (!is.null(columns) || !is.null(flows) || is.null(names(named)) || !all(nzchar(names(named)))) {
      message <- "Give either `columns` and `flows`, or one flow for each column by its name."
      pyflows_abort("argument", message, call = current_env(), argument = "flows")
    }
    columns <- as.list(names(named))
    flows <- unname(named)
  }
  is_list <- is.list(flows) && !is.object(flows) && length(flows)
  if (!is_list) abort_argument("flows", "a list of flows", flows, current_env())
  flows <- lapply(flows, check_flow_arg, arg = "flows", call = current_env())
  add_layer(flow, "factorize", columns = check_column_blocks(columns), flows = unname(flows))
}

check_column_blocks <- function(x, arg = "columns", call = caller_env()) {
  if (is.null(x)) return(NULL)
  must <- "a list of vectors of column names, or of column numbers from 1, each column once"
  all_of <- function(is) is.list(x) && all(vapply(x, function(block) is(block) && length(block) > 0, NA))
  if (!length(x) || anyDuplicated(unlist(x))) abort_argument(arg, must, x, call)
  if (all_of(is.character)) return(unname(lapply(x, as.list)))
  whole <- all_of(is_plain_numeric) && all(unlist(x) >= 1 & unlist(x) == round(unlist(x)))
  if (!whole) abort_argument(arg, must, x, call)
  unname(lapply(x, function(block) as.list(as.integer(block) - 1L)))
}

# A flow as an argument of a kind: a flow, or the list that one is in JSON.
check_flow_arg <- function(x, any_base = FALSE, null = FALSE, arg = caller_arg(x), call = caller_env()) {
  if (is.null(x) && null) return(NULL)
  if (is.list(x) && !is.object(x) && is.list(x$layers)) x <- read_parts(x, call)
  flow <- check_flow(x, arg = arg, call = call)
  if (!any_base && !identical(flow$base, new_node("base_normal"))) {
    message <- sprintf("`%s` must be a flow without a base of its own, but its base is %s.", arg, flow$base$kind)
    pyflows_abort("argument", message, call = call, argument = arg)
  }
  unclass(flow)
}

# What the wrapper of a kind does that makes one layer of a whole flow.
wrap_flow <- function(kind, ...) new_flow(list(new_node(kind, list(...))))

# Is there a live Python object anywhere in it.
has_live <- function(x) is_py_object(x) || (is.list(x) && any(vapply(x, has_live, NA)))
