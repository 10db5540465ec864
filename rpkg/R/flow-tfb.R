#' A live TFP bijector as a layer
#'
#' Puts any bijector of TensorFlow Probability into a flow, for maps that pyflows does not have. Its forward
#' direction is the flow's: base -> data. Trainable variables of the bijector are trained with the flow.
#'
#' A live object can't be written to a file: a flow with such a layer can be fitted and used, but not saved by
#' [flow_save()], nor come back from `saveRDS()`.
#'
#' @param flow (flow or `NULL`) The flow to add the layer to; `NULL` starts a new one.
#' @param bijector (Python object) An object of a class derived from TFP's `Bijector`.
#' @returns The flow with the layer added, of class `pyflows_flow`.
#' @family pyflows layers
#' @examplesIf pyflows_available()
#' softplus <- flow_bijector(flow_build(flow_affine(), event_size = 2, seed = 1))
#' flow_affine() |> flow_tfb(softplus)
#' @export
flow_tfb <- function(flow = NULL, bijector) {
  if (missing(bijector)) {
    pyflows_abort("argument", "`bijector` is missing; it must be a live TFP bijector.", call = current_env())
  }
  if (!is_py_object(bijector) || !any(grepl("bijector\\.Bijector$", class(bijector)))) {
    hint <- "One comes from `tfprobability::tfb_softplus()` or from reticulate."
    abort_argument("bijector", "a live TFP bijector", bijector, current_env(), hint)
  }
  add_layer(flow, "tfb_layer", bijector = bijector)
}

# JSON can't carry live objects: each leaves as {"object": i}, counted from 0, and goes along in `objects`.
split_objects <- function(flow) {
  objects <- list()
  for (i in seq_along(flow$layers)) {
    for (name in names(Filter(is_py_object, flow$layers[[i]]$args))) {
      objects <- c(objects, list(flow$layers[[i]]$args[[name]]))
      flow$layers[[i]]$args[[name]] <- list(object = length(objects) - 1L)
    }
  }
  list(json = flow_json(c(list(pyflows = spec_version), unclass(flow))), objects = objects)
}
