# The public names, arguments and defaults of the R package stand in _api.json. A change there is a change for users:
# NEWS must tell it, and what goes needs a deprecation first. Write the file anew by `update_api()`.
current_api <- function() {
  exports <- sort(getNamespaceExports("pyflows"))
  own <- exports[grepl("^(flow_|pyflows_|install_|tf[bd]_|minimize$|shape$)", exports)]
  describe <- function(name) {
    arguments <- formals(get(name, asNamespace("pyflows")))
    lapply(arguments, function(default) paste(deparse(default), collapse = " "))
  }
  stats::setNames(lapply(own, describe), own)
}

update_api <- function() {
  writeLines(jsonlite::toJSON(current_api(), auto_unbox = TRUE, pretty = 2), "_api.json")
}

test_that("the public functions are those of the manifest", {
  manifest <- jsonlite::fromJSON(test_path("_api.json"), simplifyVector = FALSE)
  now <- jsonlite::fromJSON(jsonlite::toJSON(current_api(), auto_unbox = TRUE), simplifyVector = FALSE)
  expect_identical(now, manifest)
})

test_that("methods are registered, and only functions for users are exported", {
  methods <- c("print", "format", "summary", "plot", "predict", "simulate", "residuals", "logLik", "nobs", "tidy",
               "glance", "augment")
  for (generic in methods) expect_type(getS3method(generic, "pyflows_fit"), "closure")
  for (generic in c("print", "format", "==", "!=", "as.character")) {
    expect_type(getS3method(generic, "pyflows_flow"), "closure")
  }
  others <- setdiff(getNamespaceExports("pyflows"), names(current_api()))
  # Older versions of R look for no methods of `%*%`.
  product <- if (getRversion() < "4.3.0") "%*%"
  expect_setequal(others, c("%>%", "%as%", product, "tf", "tfp", "tidy", "glance", "augment"))
})

test_that("R and Python take the same arguments, in the same order, with the same defaults", {
  python <- jsonlite::fromJSON(golden_file("api.json"), simplifyVector = FALSE)$functions
  python_arguments <- function(name) {
    values <- lapply(python[[name]], function(arg) if (arg$required) "required" else unlist(arg$default))
    stats::setNames(values, vapply(python[[name]], `[[`, "", "name"))
  }
  r_arguments <- function(name) {
    lapply(formals(get(name)), function(default) if (rlang::is_missing(default)) "required" else eval(default))
  }
  verbs <- c("fit", "build", "log_prob", "sample", "forward", "inverse", "bijector", "distribution", "save", "load")
  for (name in verbs) expect_equal(r_arguments(paste0("flow_", name)), python_arguments(name), info = name)
  expect_equal(r_arguments("minimize"), python_arguments("minimize"))
  layers <- names(Filter(function(kind) kind$group != "base", layer_kinds))
  wraps <- vapply(layers, function(name) "flow" %in% names(python_arguments(name)), NA)
  for (name in layers[wraps]) expect_equal(r_arguments(paste0("flow_", name)), python_arguments(name), info = name)
  for (name in layers[!wraps]) {
    expect_equal(r_arguments(paste0("flow_", name)), c(list(flow = NULL), python_arguments(name)), info = name)
  }
})

test_that("R and Python describe a layer by the same JSON", {
  skip_if_no_pyflows()
  bridge(current_env())
  reticulate::py_run_string("import pyflows")
  same <- function(flow, python) {
    text <- reticulate::py_eval(paste0("pyflows.to_json(", python, ")"))
    expect_identical(flow_from_json(text), flow, info = python)
    text <- gsub("'", "\\\\'", flow_to_json(flow))
    expect_true(reticulate::py_eval(sprintf("pyflows.from_json('%s') == %s", text, python)), info = python)
  }
  layers <- names(Filter(function(kind) kind$group != "base", layer_kinds))
  required <- function(name) any(vapply(as.list(formals(get(paste0("flow_", name)))), rlang::is_missing, NA))
  for (name in Filter(Negate(required), layers)) same(get(paste0("flow_", name))(), paste0("pyflows.", name, "()"))
  same(flow_lower(low = 1), "pyflows.lower(1)")
  same(flow_upper(high = 1, columns = 2), "pyflows.upper(1, columns=1)")
  same(flow_maf(layers = 2) |> flow_invert(), "pyflows.invert(pyflows.maf(layers=2))")
  same(flow_maf(layers = 2) |> flow_freeze(), "pyflows.freeze(pyflows.maf(layers=2))")
  same(flow_permute(order = c(3, 1, 2)), "pyflows.permute([2, 0, 1])")
  same(flow_permute(order = c("b", "a")), "pyflows.permute(['b', 'a'])")
  same(flow_maf(hidden = 8) |> flow_batch_norm(momentum = 1 / 3),
       "pyflows.flow(pyflows.maf(hidden=8), pyflows.batch_norm(momentum=1/3))")
})

test_that("R and Python fit the same flow from the same seed", {
  skip_if_no_pyflows()
  fit <- flow_fit(flow_maf(layers = 2, hidden = 8), faithful, epochs = 3, seed = 5, progress = FALSE)
  reticulate::py_run_string("
import numpy, pyflows
def scores(x):
    x = numpy.array(x)
    model = pyflows.fit(pyflows.maf(layers=2, hidden=8), x, epochs=3, seed=5, progress=False)
    return pyflows.log_prob(model, x)
")
  scores <- reticulate::py_eval("scores")(as.matrix(faithful))
  expect_equal(flow_log_prob(fit, faithful), as.vector(scores), tolerance = 1e-6)
})
