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
    hint <- "One comes from `tfb_softplus()` or from reticulate."
    abort_argument("bijector", "a live TFP bijector", bijector, current_env(), hint)
  }
  add_layer(flow, "tfb_layer", bijector = bijector)
}

#' A live TFP distribution as the base
#'
#' Any distribution of TensorFlow Probability over vectors as the base of a flow. Its trainable variables are trained
#' with the flow. A flow with one can be fitted and used, but not saved: a live object can't be written to a file.
#'
#' @param distribution (Python object) An object of a class derived from TFP's `Distribution`, with event shape d.
#' @returns A base distribution, for `base` in [flow_spec()].
#' @family pyflows bases
#' @examplesIf pyflows_available()
#' normal <- flow_distribution(flow_build(flow_affine(), event_size = 2, seed = 1))
#' flow_spec(flow_affine(), base = flow_base_tfd(normal))
#' @export
flow_base_tfd <- function(distribution) {
  if (missing(distribution)) abort_missing("distribution")
  if (!is_py_object(distribution) || !any(grepl("distribution\\.Distribution$", class(distribution)))) {
    hint <- "One comes from `tfd_normal()` or from reticulate."
    abort_argument("distribution", "a live TFP distribution", distribution, current_env(), hint)
  }
  new_base("base_tfd", distribution = distribution)
}

# JSON can't carry live objects: each leaves as {"object": i}, counted from 0, and goes along in `objects`.
split_objects <- function(flow) {
  objects <- list()
  put <- function(x) {
    if (is_py_object(x)) {
      objects <<- c(objects, list(x))
      return(list(object = length(objects) - 1L))
    }
    if (is.list(x) && length(x)) x[] <- lapply(x, put)
    x
  }
  json <- flow_json(c(list(pyflows = spec_version), put(unclass(flow))))
  list(json = json, objects = objects)
}
