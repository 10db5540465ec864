# Most of what is checked here of the generated functions is what R adds: the ways of its values to Python.

exported <- function(pattern) grep(pattern, getNamespaceExports("pyflows"), value = TRUE)

# What goes wrong in the examples of the help pages that match, by page.
failing_examples <- function(pattern) {
  pages <- tools::Rd_db("pyflows")
  pages <- pages[grepl(pattern, names(pages))]
  expect_gt(length(pages), 50)
  run <- function(page) {
    code <- tempfile()
    tools::Rd2ex(page, code)
    # A function that is not offered any more has no example.
    if (!file.exists(code)) return(NULL)
    tryCatch({
      utils::capture.output(source(code, local = new.env(parent = globalenv()), echo = FALSE))
      NULL
    }, error = conditionMessage)
  }
  unlist(lapply(pages, run))
}

test_that("every example of the bijectors runs", {
  skip_if_no_pyflows()
  expect_null(failing_examples("^tfb_"))
})

test_that("every example of the distributions runs, a to l", {
  skip_if_no_pyflows()
  expect_null(failing_examples("^tfd_[a-l]"))
})

test_that("every example of the distributions runs, m to z", {
  skip_if_no_pyflows()
  expect_null(failing_examples("^tfd_[m-z]"))
})

test_that("every constructor whose arguments have defaults builds with them", {
  skip_if_no_pyflows()
  # These want one of two functions, or numbers in one of several forms, and glow's 96 steps take their time.
  others <- c("tfb_masked_autoregressive_flow", "tfb_real_nvp", "tfb_glow")
  built <- function(name) {
    tryCatch(class(get(name)())[[1]], pyflows_error_argument = conditionMessage)
  }
  has_defaults <- function(name) {
    arguments <- formals(get(name))
    !any(vapply(arguments[names(arguments) != "..."], rlang::is_missing, NA))
  }
  bijectors <- setdiff(Filter(has_defaults, exported("^tfb_")), others)
  expect_gt(length(bijectors), 40)
  made <- vapply(bijectors, built, "")
  expect_identical(made[!grepl("^[A-Za-z_.0-9]+$", made)], stats::setNames(character(), character()))
})

test_that("distributions agree with R's own", {
  skip_if_no_pyflows()
  withr::local_options(pyflows.dtype = "float64")
  cases <- list(
    norm = list(tfd_normal(1, 2), list(1, 2), c(-1, 0.5, 3)),
    t = list(tfd_student_t(df = 5, loc = 0, scale = 1), list(5), c(-1, 0.5, 3)),
    cauchy = list(tfd_cauchy(1, 2), list(1, 2), c(-1, 0.5, 3)),
    logis = list(tfd_logistic(1, 2), list(1, 2), c(-1, 0.5, 3)),
    lnorm = list(tfd_log_normal(1, 2), list(1, 2), c(0.1, 0.5, 3)),
    exp = list(tfd_exponential(2), list(2), c(0.1, 0.5, 3)),
    gamma = list(tfd_gamma(2.5, 3), list(2.5, 3), c(0.1, 0.5, 3)),
    chisq = list(tfd_chi2(3.5), list(3.5), c(0.1, 0.5, 3)),
    weibull = list(tfd_weibull(2.5, 3), list(2.5, 3), c(0.1, 0.5, 3)),
    beta = list(tfd_beta(2.5, 3), list(2.5, 3), c(0.1, 0.5, 0.9)),
    unif = list(tfd_uniform(-1, 3), list(-1, 3), c(-0.5, 1, 2.5)),
    pois = list(tfd_poisson(2.5), list(2.5), c(0, 2, 7)),
    binom = list(tfd_binomial(10, probs = 0.3), list(10, 0.3), c(0, 3, 10)),
    geom = list(tfd_geometric(probs = 0.3), list(0.3), c(0, 3, 10)),
    # TFP counts successes before failure number `total_count`, R failures before success number `size`.
    nbinom = list(tfd_negative_binomial(5, probs = 0.3), list(5, 1 - 0.3), c(0, 3, 10))
  )
  # TFP has no quantiles for these.
  without <- c("pois", "binom", "geom", "nbinom", "gamma", "chisq")
  for (name in names(cases)) {
    case <- cases[[name]]
    of_r <- function(letter, values, ...) do.call(paste0(letter, name), c(list(values), case[[2]], ...))
    x <- case[[3]]
    expect_equal(as.numeric(tfd_log_prob(case[[1]], x)), of_r("d", x, log = TRUE), tolerance = 1e-7, info = name)
    expect_equal(as.numeric(tfd_prob(case[[1]], x)), of_r("d", x), tolerance = 1e-7, info = name)
    expect_equal(as.numeric(tfd_cdf(case[[1]], x)), of_r("p", x), tolerance = 1e-7, info = name)
    if (name %in% without) next
    p <- c(0.05, 0.5, 0.9)
    expect_equal(as.numeric(tfd_quantile(case[[1]], p)), of_r("q", p), tolerance = 1e-6, info = name)
  }
})

test_that("draws are governed by seeds", {
  skip_if_no_pyflows()
  d <- tfd_normal(1, 2)
  draws <- as.numeric(tfd_sample(d, 2000, seed = 1))
  expect_gt(stats::ks.test(draws, "pnorm", 1, 2)$p.value, 1e-3)
  expect_identical(as.numeric(tfd_sample(d, 2000, seed = 1)), draws)
  set.seed(3)
  first <- as.numeric(tfd_sample(d))
  second <- as.numeric(tfd_sample(d))
  expect_false(first == second)
  set.seed(3)
  expect_identical(as.numeric(tfd_sample(d)), first)
  expect_identical(dim(tfd_sample(d, shape(2, 3))), 2:3)
  expect_identical(dim(tfd_sample(d, c(2, 3))), 2:3)
  expect_identical(dim(tfd_sample(d, list())), integer())
  # Compiled code draws anew in each run.
  x <- tf$Variable(0)
  losses <- minimize(function() tfd_sample(d) + 0 * x, x, steps = 3)
  expect_length(unique(losses), 3)
})

test_that("either of object and value may be piped", {
  skip_if_no_pyflows()
  x <- c(0.5, 2)
  b <- tfb_exp()
  expect_equal(as.numeric(b %>% tfb_forward(x)), exp(x), tolerance = 1e-6)
  expect_equal(as.numeric(x %>% tfb_forward(b)), exp(x), tolerance = 1e-6)
  expect_equal(as.numeric(x |> tfb_inverse(b)), log(x), tolerance = 1e-6)
  expect_equal(as.numeric(tfb_forward_log_det_jacobian(x, b, 0)), x, tolerance = 1e-6)
  expect_equal(as.numeric(tfb_inverse_log_det_jacobian(b, x)), -log(x), tolerance = 1e-6)
  d <- tfd_normal(0, 1)
  expect_equal(as.numeric(x %>% tfd_log_prob(d)), dnorm(x, log = TRUE), tolerance = 1e-6)
  expect_equal(as.numeric(tf$constant(x) %>% tfd_cdf(d)), pnorm(x), tolerance = 1e-6)
})

test_that("values of R keep their meaning", {
  skip_if_no_pyflows()
  expect_identical(dim(tfb_forward(tfb_exp(), 1)), integer())
  expect_identical(dim(tfb_forward(tfb_exp(), array(1))), 1L)
  expect_identical(tfd_normal(0L, 1L)$dtype$name, "float32")
  expect_identical(dim(tfd_mean(tfd_multivariate_normal_diag(loc = 1, scale_diag = 2))), 1L)
  frame <- data.frame(a = 1:2, b = c(0.5, 1))
  expect_equal(as.matrix(tfb_forward(tfb_exp(), frame)), exp(unname(as.matrix(frame))), tolerance = 1e-6)
  expect_equal(as.numeric(tfb_forward(tfb_exp(), c(a = 1, b = 2))), exp(1:2), tolerance = 1e-6)
  expect_identical(as.numeric(tfb_forward(tfb_permute(c(1, 0)), c(1, 2))), c(2, 1))
  expect_identical(as.numeric(tfd_prob(tfd_bernoulli(probs = 0.25), TRUE)), 0.25)
  joint <- tfd_joint_distribution_named(list(m = tfd_normal(0, 1), x = function(m) tfd_normal(m, 0.5)))
  expect_equal(as.numeric(tfd_log_prob(joint, list(m = 0.5, x = 1))),
               dnorm(0.5, log = TRUE) + dnorm(1, 0.5, 0.5, log = TRUE), tolerance = 1e-6)
  expect_named(tfd_sample(joint, seed = 1), c("m", "x"), ignore.order = TRUE)
  parts <- tfb_forward(tfb_split(c(1, 2)), c(1, 2, 3))
  expect_identical(lapply(parts, as.numeric), list(1, c(2, 3)))
  withr::local_options(pyflows.dtype = "float64")
  expect_identical(tfd_normal(0, 1)$dtype$name, "float64")
  expect_equal(as.numeric(tfb_forward(tfb_exp(), 1)), exp(1))
})

test_that("conditional arguments are passed on", {
  skip_if_no_pyflows()
  network <- tfb_masked_autoregressive_default_template(list(4), event_size = 2, seed = 1, name = "network")
  given <- function(x, conditional_input) list(x * 0 + conditional_input, NULL)
  b <- tfb_masked_autoregressive_flow(given, name = "maf")
  x <- matrix(c(1, 2), 1)
  expect_identical(as.numeric(tfb_forward(b, x, conditional_input = 3)), c(4, 5))
  expect_identical(as.numeric(x %>% tfb_inverse(b, conditional_input = 3)), c(-2, -1))
  chain <- tfb_chain(list(b, tfb_masked_autoregressive_flow(network)))
  with <- as.numeric(tfb_forward(chain, x, maf = list(conditional_input = 3)))
  without <- as.numeric(tfb_forward(chain, x, maf = list(conditional_input = 0)))
  expect_equal(with - without, c(3, 3), tolerance = 1e-5)
  d <- tfd_transformed_distribution(tfd_multivariate_normal_diag(loc = c(0, 0)), b)
  expect_equal(as.numeric(tfd_log_prob(d, c(3, 3), bijector_kwargs = list(conditional_input = 3))),
               2 * dnorm(0, log = TRUE), tolerance = 1e-6)
  expect_classed(tfb_forward(b, x, "forward", 3), "argument", "must be given by their names", "tfb_forward")
})

test_that("functions of R work in compiled code, and run there once", {
  skip_if_no_pyflows()
  calls <- 0
  b <- tfb_inline(
    forward_fn = function(x) {
      calls <<- calls + 1
      3 * x
    },
    inverse_fn = function(y) y / 3
  )
  compiled <- tf[["function"]](b$forward)
  expect_identical(as.numeric(compiled(tf$constant(1))), 3)
  traced <- calls
  expect_identical(as.numeric(compiled(tf$constant(2))), 6)
  expect_identical(calls, traced)
  spline <- tfb_real_nvp(1, bijector_fn = function(x, units, ...) tfb_scale(scale = exp(x)))
  expect_equal(as.numeric(tfb_forward(spline, c(1, 2))), c(1, 2 * exp(1)), tolerance = 1e-6)
})

test_that("errors of R's functions are raised when Python has returned", {
  skip_if_no_pyflows()
  b <- tfb_inline(forward_fn = function(x) stop("my {own} error"), inverse_fn = function(y) y)
  error <- expect_classed(tfb_forward(b, 1), "callback", "`forward_fn`, a function in R, failed: my \\{own\\} error",
                          "tfb_forward")
  expect_s3_class(error, "pyflows_error_argument")
  expect_identical(conditionMessage(error$parent), "my {own} error")
  loud <- tfb_inline(forward_fn = function(x) {
    warning("mind the gap")
    x
  }, inverse_fn = function(y) y)
  expect_warning(y <- tfb_forward(loud, 1), "mind the gap")
  expect_identical(as.numeric(y), 1)
  bent <- tfb_masked_autoregressive_flow(function(y) list(factor("a"), NULL))
  expect_classed(tfb_inverse(bent, c(1, 2)), "callback", "`shift_and_log_scale_fn`.*must be numbers.*a factor",
                 "tfb_inverse")
})

test_that("wrong arguments are named, in the user's call", {
  expect_classed(tfb_forward(), "argument", "`bijector` is missing", "tfb_forward")
  expect_classed(tfd_prob(), "argument", "`distribution` is missing", "tfd_prob")
  expect_classed(tfd_mean(), "argument", "`distribution` is missing", "tfd_mean")
  expect_classed(tfb_shift(), "argument", "`shift` is missing", "tfb_shift")
  expect_classed(tfb_shift(NA), "argument", "`shift` must be a value that is not missing, not NA", "tfb_shift")
  expect_classed(tfb_shift(c(1, NA)), "argument", "`shift` must hold no missing values, but element 2 is NA",
                 "tfb_shift")
  expect_classed(tfb_permute(c(0L, NA)), "argument", "`permutation` must hold no missing", "tfb_permute")
  expect_classed(tfb_exp(name = c("a", NA)), "argument", "`name` must hold no missing values", "tfb_exp")
  expect_classed(tfb_shift(factor("a")), "argument", "`shift` must be numbers.*a factor", "tfb_shift")
  expect_classed(tfb_shift(Sys.Date()), "argument", "`shift` must be numbers", "tfb_shift")
  expect_classed(tfb_invert(flow_affine()), "argument", "`bijector` must be .*fitted or built", "tfb_invert")
  skip_if_no_pyflows()
  expect_classed(tfb_invert(3), "argument", "`bijector` must be a bijector, such as tfb_exp\\(\\)", "tfb_invert")
  expect_classed(tfd_normal("a", 1), "argument", "`loc` must be", "tfd_normal")
  expect_classed(tfd_normal(0, -1), "argument", "`scale` must be", "tfd_normal")
  expect_classed(tfb_forward(tfb_exp(), "a"), "argument", "`x` must be", "tfb_forward")
  expect_classed(tfd_sample(tfd_normal(0, 1), -1), "argument", "`sample_shape` must be", "tfd_sample")
  expect_classed(tfd_sample(tfd_normal(0, 1), seed = 1.5), "argument", "`seed` must be", "tfd_sample")
  withr::local_options(pyflows.dtype = "float16")
  expect_classed(tfd_normal(0, 1), "argument", "option `pyflows.dtype` must be \"float32\" or \"float64\"",
                 "tfd_normal")
})

test_that("low-level objects and flows go together", {
  skip_if_no_pyflows()
  model <- flow_build(flow_affine() |> flow_tfb(tfb_softplus()), event_size = 2, seed = 1)
  x <- matrix(c(0.5, 1, 2, 3), 2)
  expect_equal(as.numeric(tfd_log_prob(model, x)), flow_log_prob(model, x), tolerance = 1e-6)
  expect_equal(as.matrix(model %>% tfb_inverse(x)), unname(flow_inverse(model, x)), tolerance = 1e-5)
  expect_equal(as.matrix(tfb_forward(tfb_invert(model), x)), unname(flow_inverse(model, x)), tolerance = 1e-5)
  base <- flow_base_tfd(tfd_multivariate_normal_diag(loc = c(1, 1)))
  model <- flow_build(flow_spec(base = base), event_size = 2, seed = 1)
  expect_equal(flow_log_prob(model, x), rowSums(dnorm(x, 1, log = TRUE)), tolerance = 1e-6)
})

test_that("columns of data for a fit are found by their names", {
  fit <- small_fit()
  swapped <- faithful[2:1]
  expect_equal(as.vector(tfd_log_prob(fit, swapped)), flow_log_prob(fit, faithful), tolerance = 1e-5)
  expect_equal(as.matrix(tfb_inverse(fit, as.matrix(swapped))), unname(as.matrix(flow_inverse(fit, faithful))),
               tolerance = 1e-5)
  expect_classed(tfd_log_prob(fit, faithful["waiting"]), "shape", "`value` lacks column `eruptions`", "tfd_log_prob")
  expect_classed(tfd_log_prob(tfd_normal(0, 1), data.frame(x = c(1, NA))), "argument", "element 2 is NA",
                 "tfd_log_prob")
})

test_that("networks start from R's random numbers", {
  skip_if_no_pyflows()
  start <- function() {
    set.seed(1)
    network <- tfb_masked_autoregressive_default_template(list(4), event_size = 2)
    as.vector(network$trainable_variables[[1]])
  }
  expect_identical(start(), start())
})

test_that("a function without arguments stays one", {
  skip_if_no_pyflows()
  joint <- tfd_joint_distribution_named(list(a = tfd_normal(0, 1), b = function() tfd_normal(0, 1)))
  expect_named(tfd_sample(joint), c("a", "b"), ignore.order = TRUE)
})

test_that("messages are in R's words", {
  skip_if_no_pyflows()
  expect_classed(tfb_exp(validate_args = "yes"), "argument", "TRUE or FALSE", "tfb_exp")
})
