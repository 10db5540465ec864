#' An untrained model
#'
#' Makes a model with starting weights, near the identity and so near its base distribution: for trying out
#' densities and directions, and for training loops of your own on [flow_distribution()].
#'
#' @param flow (flow) What to build.
#' @param event_size (whole number >= 1) Number of columns.
#' @param context_size (whole number >= 0) Number of context columns.
#' @param seed (whole number >= 0, or `NULL`) What the starting weights come from; `NULL` draws it from R's
#'   generator.
#' @param dtype (`"float32"` or `"float64"`) Precision.
#' @returns A model, of class `pyflows_fit`, as of [flow_fit()] but without a history.
#' @family pyflows verbs
#' @examplesIf pyflows_available()
#' model <- flow_affine() |> flow_prelu() |> flow_build(event_size = 2, seed = 1)
#' flow_log_prob(model, matrix(0, 1, 2))
#' @export
flow_build <- function(flow, event_size, context_size = 0, seed = NULL, dtype = "float32") {
  call <- current_env()
  if (missing(event_size)) abort_missing("event_size")
  flow <- check_flow(flow)
  event_size <- check_whole(event_size, min = 1)
  context_size <- check_whole(context_size, min = 0)
  dtype <- check_choice(dtype, c("float32", "float64"))
  described <- split_objects(flow)
  pointer <- door("build", flow = described$json, objects = described$objects, event_size = event_size,
                  context_size = context_size, seed = check_seed(seed), dtype = dtype, call = call)
  new_fit(pointer, flow, FALSE, match.call())
}
