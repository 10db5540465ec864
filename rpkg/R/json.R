# Flows as JSON, the same text format as Python's.

spec_version <- 1L

#' Flows as JSON text
#'
#' `flow_to_json()` writes a flow as JSON text, which `flow_from_json()`, or `pyflows.from_json()` in Python,
#' reads back; every argument is checked again. Neither needs Python.
#'
#' @param flow (flow) A flow without [flow_tfb()] layers: a live object has no JSON form.
#' @param text (string) JSON text as `flow_to_json()` makes it.
#' @returns `flow_to_json()` a string, `flow_from_json()` a flow.
#' @family pyflows flows
#' @examples
#' text <- flow_to_json(flow_affine() |> flow_maf(hidden = c(32, 32)))
#' text
#' flow_from_json(text)
#' @export
flow_to_json <- function(flow) {
  flow <- check_flow(flow)
  for (i in seq_along(flow$layers)) {
    layer <- flow$layers[[i]]
    live <- names(Filter(has_live, layer$args))
    if (length(live)) {
      message <- sprintf("Layer %d (%s) holds a live Python object, `%s`, which has no JSON form.",
                         i, layer$kind, live[[1]])
      pyflows_abort("argument", message, call = current_env(), argument = "flow")
    }
  }
  if (has_live(flow$base$args)) {
    message <- sprintf("The base (%s) holds a live Python object, which has no JSON form.", flow$base$kind)
    pyflows_abort("argument", message, call = current_env(), argument = "flow")
  }
  flow_json(c(list(pyflows = spec_version), unclass(flow)))
}

#' @rdname flow_to_json
#' @export
flow_from_json <- function(text) {
  call <- current_env()
  text <- check_string(text)
  data <- tryCatch(jsonlite::parse_json(text), error = function(e) NULL)
  if (is.null(data) || !is.list(data) || is.null(data$pyflows) || !is.list(data$layers)) {
    message <- paste0("`text` must be the JSON text of a flow, not ", quote_text(text), ".")
    pyflows_abort("argument", message, call = call, argument = "text")
  }
  if (!is_plain_number(data$pyflows) || data$pyflows > spec_version) {
    message <- sprintf("The flow was written in format %s; this version reads formats up to %d.",
                       flow_json(data$pyflows), spec_version)
    pyflows_abort("argument", message, "Update the package pyflows.", call = call, argument = "text")
  }
  read_parts(data, call)
}

# The flow in `base` and `layers`.
read_parts <- function(data, call) {
  layers <- Map(function(item, i) read_node(item, paste("layer", i), call), data$layers, seq_along(data$layers))
  base <- read_node(data$base %||% new_node("base_normal"), "the base", call)
  new_flow(unname(layers), base)
}

# A node through the kind's own constructor, which checks every argument and fills in defaults. Kinds that R
# does not know (registered in Python by the user) are kept as they are: Python checks them.
read_node <- function(item, where, call) {
  if (!is.list(item) || !is_string(item$kind)) {
    message <- paste0("`text` is not the JSON of a flow: ", where, " has no `kind`.")
    pyflows_abort("argument", message, call = call, argument = "text")
  }
  kind <- layer_kinds[[item$kind]]
  args <- as.list(item$args)
  if (is.null(kind)) return(new_node(item$kind, lapply(args, read_inner, call)))
  unknown <- setdiff(names(args), names(kind$args))
  if (length(unknown)) {
    message <- sprintf("In %s, `%s` has no argument %s.", where, item$kind, list_names(unknown))
    pyflows_abort("argument", message, call = call, argument = "text")
  }
  args <- Map(function(value, name) shift_order(value, kind$args[[name]], 1L), args, names(args))
  made <- tryCatch(
    do.call(paste0("flow_", item$kind), args),
    pyflows_error = function(e) {
      message <- paste0("In ", where, " (", item$kind, "): ", e$message)
      pyflows_abort("argument", message, call = call, argument = e$argument)
    }
  )
  if (kind$group == "base") unclass(made) else made$layers[[1]]
}

# An argument of a kind that R does not know, with the flows in it read like the flow itself.
read_inner <- function(value, call) {
  if (!is.list(value)) return(value)
  if (is.list(value$layers)) return(unclass(read_parts(value, call)))
  lapply(value, read_inner, call)
}

# JSON text of nested lists: named ones are objects, others arrays, however short. jsonlite would cut numbers to 15
# digits; here they come back as they were.
flow_json <- function(data) {
  if (is.null(data)) return("null")
  if (is.list(data)) {
    items <- vapply(data, flow_json, "")
    if (is.null(names(data))) return(paste0("[", paste(items, collapse = ","), "]"))
    return(paste0("{", paste0(json_string(names(data)), ":", items, recycle0 = TRUE, collapse = ","), "}"))
  }
  if (is.character(data)) return(json_string(data))
  if (is.logical(data)) return(if (data) "true" else "false")
  short <- sprintf("%.15g", data)
  if (as.double(short) == data) short else sprintf("%.17g", data)
}

json_string <- function(x) vapply(x, function(text) as.character(jsonlite::toJSON(text, auto_unbox = TRUE)), "")
