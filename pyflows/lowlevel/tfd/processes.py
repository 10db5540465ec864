"""Stochastic processes and time series, and images."""

from __future__ import annotations

from ...backend import tf, tfd
from ...checks import Choice, Flag, Number
from ..kinds import Distribution, DType, Function, Integer, Integers, Shape, Tensor
from .declare import MATRIX, OrFunction, distribution


@distribution("GaussianProcess")
def gaussian_process(
    kernel,
    index_points,
    mean_fn=None,
    observation_noise_variance=0.0,
    jitter=1e-6,
    validate_args=False,
    allow_nan_stats=False,
    name="GaussianProcess",
):
    """Gaussian process at some points: a normal vector whose covariance is a kernel of the points.

    The density costs n^3 operations for n points.

    Density:
        x ~ normal(mean_fn(t), K + observation_noise_variance I), K_ij = kernel(t_i, t_j), t = index_points

    Example:
        >>> d = tfd.gaussian_process("exponentiated_quadratic", [[0], [0.5], [2]], observation_noise_variance=0.1)
        >>> tfd.log_prob(d, [0.0, 0.2, -1.0])
    """


@distribution("GaussianProcessRegressionModel", index_points=Tensor(null=True, rank=2))
def gaussian_process_regression_model(
    kernel,
    index_points=None,
    observation_index_points=None,
    observations=None,
    observation_noise_variance=0.0,
    predictive_noise_variance=None,
    mean_fn=None,
    jitter=1e-6,
    validate_args=False,
    allow_nan_stats=False,
    name="GaussianProcessRegressionModel",
):
    """What a Gaussian process predicts at some points, given noisy observations at others.

    Density:
        x ~ normal(m, C + predictive_noise_variance I), m and C the mean and covariance given the observations

    Args:
        index_points: points of the prediction, `[..., n, f]`.
        predictive_noise_variance: variance of the noise in what is predicted; `None`: that of the observations.

    Example:
        >>> d = tfd.gaussian_process_regression_model("exponentiated_quadratic", [[0.2], [3]],
        ...     observation_index_points=[[0], [0.5]], observations=[1, 2], observation_noise_variance=0.1)
        >>> tfd.mean(d)
    """


@distribution(
    "VariationalGaussianProcess",
    inducing_index_points=MATRIX,
    variational_inducing_observations_loc=Tensor(rank=1),
    variational_inducing_observations_scale=MATRIX,
)
def variational_gaussian_process(
    kernel,
    index_points,
    inducing_index_points,
    variational_inducing_observations_loc,
    variational_inducing_observations_scale,
    mean_fn=None,
    observation_noise_variance=0.0,
    predictive_noise_variance=0.0,
    jitter=1e-6,
    validate_args=False,
    allow_nan_stats=False,
    name="VariationalGaussianProcess",
):
    """A sparse Gaussian process, by a normal approximation at a few inducing points.

    The density costs m^2 n operations for m inducing points; its method `variational_loss` is what is minimised to fit
    it.

    Density:
        x ~ normal(K_tz K_zz^-1 u, K_tt - K_tz K_zz^-1 (K_zz - S) K_zz^-1 K_zt), f(z) ~ normal(u, S), S = L L^T

    Args:
        inducing_index_points: inducing points z, `[..., m, f]`.
        variational_inducing_observations_loc: mean u there, `[..., m]`.
        variational_inducing_observations_scale: factor L of the covariance there, `[..., m, m]`.

    Example:
        >>> d = tfd.variational_gaussian_process("exponentiated_quadratic", [[0.2], [3]], [[0], [1]], [1, 2],
        ...     [[1, 0], [0, 1]])
        >>> tfd.mean(d)
    """


@distribution("StudentTProcess")
def student_t_process(
    df,
    kernel,
    index_points,
    mean_fn=None,
    jitter=1e-6,
    validate_args=False,
    allow_nan_stats=False,
    name="StudentTProcess",
):
    """Student's t process at some points: a Gaussian process with heavier tails.

    Density:
        x ~ multivariate t with df degrees of freedom, centre mean_fn(t) and covariance K_ij = kernel(t_i, t_j)

    Args:
        df: degrees of freedom, > 2.

    Example:
        >>> d = tfd.student_t_process(5, "exponentiated_quadratic", [[0], [0.5], [2]])
        >>> tfd.log_prob(d, [0.0, 0.2, -1.0])
    """


@distribution("StudentTProcessRegressionModel", index_points=Tensor(null=True, rank=2))
def student_t_process_regression_model(
    df,
    kernel,
    index_points=None,
    observation_index_points=None,
    observations=None,
    observation_noise_variance=0.0,
    predictive_noise_variance=None,
    mean_fn=None,
    validate_args=False,
    allow_nan_stats=False,
    name="StudentTProcessRegressionModel",
):
    """What a Student's t process predicts at some points, given observations at others.

    Density:
        x ~ multivariate t with df + m degrees of freedom, given m observations

    Args:
        df: degrees of freedom, > 2.
        index_points: points of the prediction, `[..., n, f]`.
        predictive_noise_variance: variance of the noise in what is predicted; `None`: that of the observations.

    Example:
        >>> d = tfd.student_t_process_regression_model(5, "exponentiated_quadratic", [[0.2], [3]],
        ...     observation_index_points=[[0], [0.5]], observations=[1, 2], observation_noise_variance=0.1)
        >>> tfd.mean(d)
    """


@distribution(
    "HiddenMarkovModel",
    initial_distribution=Distribution(),
    transition_distribution=Distribution(),
    observation_distribution=Distribution(),
)
def hidden_markov_model(
    initial_distribution,
    transition_distribution,
    observation_distribution,
    num_steps,
    validate_args=False,
    allow_nan_stats=True,
    name="HiddenMarkovModel",
):
    """Hidden Markov model: observations of a chain of hidden classes.

    Density:
        p(x) = sum over z of p(z_1) p(x_1 given z_1) product over t > 1 of p(z_t given z_(t-1)) p(x_t given z_t)

    Args:
        initial_distribution: categorical distribution of the first state.
        transition_distribution: categorical distributions of the next state, a batch with one for each state.
        observation_distribution: distributions of what is observed, a batch with one for each state.

    Example:
        >>> d = tfd.hidden_markov_model(tfd.categorical(probs=[0.8, 0.2]),
        ...     tfd.categorical(probs=[[0.7, 0.3], [0.2, 0.8]]), tfd.normal([0, 15], [5, 10]), num_steps=7)
        >>> tfd.mean(d)
    """


@distribution("MarkovChain", initial_state_prior=Distribution(), transition_fn=Function())
def markov_chain(initial_state_prior, transition_fn, num_steps, validate_args=False, name="MarkovChain"):
    """A Markov chain, by its first state and a function from one state to the distribution of the next.

    Density:
        p(x) = p(x_1) product over t > 1 of p(x_t given x_(t-1))

    Args:
        initial_state_prior: distribution of the first state.
        transition_fn: takes the step (from 0) and a state to a distribution.

    Example:
        >>> d = tfd.markov_chain(tfd.normal(0, 1), lambda t, x: tfd.normal(0.9 * x, 0.5), num_steps=4)
        >>> tfd.log_prob(d, [0.0, 0.1, 0.5, -0.2])
    """


@distribution(
    "LinearGaussianStateSpaceModel",
    num_timesteps=Integers(rank=0, min=1),
    transition_matrix=OrFunction(kind=Tensor(rank=2)),
    transition_noise=OrFunction(kind=Distribution()),
    observation_matrix=OrFunction(kind=Tensor(rank=2)),
    observation_noise=OrFunction(kind=Distribution()),
    initial_state_prior=Distribution(),
    initial_step=Integers(rank=0),
)
def linear_gaussian_state_space_model(
    num_timesteps,
    transition_matrix,
    transition_noise,
    observation_matrix,
    observation_noise,
    initial_state_prior,
    initial_step=0,
    validate_args=False,
    allow_nan_stats=True,
    name="LinearGaussianStateSpaceModel",
):
    """Linear state space model with normal noise, whose density is computed by the Kalman filter.

    Matrices and noise that change with time are functions of the step.

    Density:
        z_1 ~ initial_state_prior, z_(t+1) = F z_t + u_t, x_t = H z_t + v_t, F = transition_matrix,
        H = observation_matrix, u_t ~ transition_noise, v_t ~ observation_noise

    Args:
        num_timesteps: number of steps.
        transition_matrix: F, `[k, k]`.
        transition_noise: multivariate normal distribution of vectors of length k.
        observation_matrix: H, `[m, k]`.
        observation_noise: multivariate normal distribution of vectors of length m.
        initial_state_prior: multivariate normal distribution of vectors of length k.
        initial_step: what the first step is called, for matrices that depend on it.

    Example:
        >>> noise = tfd.multivariate_normal_diag(scale_diag=[0.5, 0.5])
        >>> d = tfd.linear_gaussian_state_space_model(4, [[1, 1], [0, 1]], noise, [[1, 0]],
        ...     tfd.multivariate_normal_diag(scale_diag=[1]), noise)
        >>> tfd.log_prob(d, [[0], [1], [2], [3]])
    """


@distribution(
    image_shape=Shape(min=1),
    conditional_shape=Shape(min=1, null=True),
    num_resnet=Integer(min=1),
    num_hierarchies=Integer(min=1),
    num_filters=Integer(min=1),
    num_logistic_mix=Integer(min=1),
    receptive_field_dims=Shape(min=1),
    dropout_p=Number(min=0, max=1),
    resnet_activation=Choice(values=("concat_elu", "elu", "relu")),
    use_weight_norm=Flag(),
    use_data_init=Flag(),
    high=Integer(),
    low=Integer(),
    dtype=DType(null=True),
)
def pixel_cnn(
    image_shape,
    conditional_shape=None,
    num_resnet=5,
    num_hierarchies=3,
    num_filters=160,
    num_logistic_mix=10,
    receptive_field_dims=(3, 3),
    dropout_p=0.5,
    resnet_activation="concat_elu",
    use_weight_norm=True,
    use_data_init=True,
    high=255,
    low=0,
    dtype=None,
    name="PixelCNN",
):
    """PixelCNN++: a network of convolutions that gives each pixel of an image given those before it.

    Drawing runs the network once for each pixel, and is slow; the defaults are meant for a GPU.

    Density:
        p(x) = product over pixels of a mixture of rounded logistic distributions given the pixels above and to the left

    Args:
        image_shape: height, width and channels.
        conditional_shape: shape of a conditional argument; `None`: none.
        num_resnet: layers in each part of the network.
        num_hierarchies: number of parts, each of half the resolution.
        num_filters: filters in each convolution.
        num_logistic_mix: logistic distributions in the mixture.
        receptive_field_dims: height and width of the convolutions.
        dropout_p: share of units that are dropped in training.
        resnet_activation: "concat_elu", "elu" or "relu".
        use_weight_norm: weight normalisation; needs a first call on data for its start.
        use_data_init: the start comes from the first data.
        high: the greatest value of a pixel.
        low: the least value of a pixel.

    References:
        Salimans et al. (2017), PixelCNN++, arXiv:1701.05517.

    Example:
        >>> d = tfd.pixel_cnn([4, 4, 1], num_resnet=1, num_hierarchies=1, num_filters=2, num_logistic_mix=1,
        ...     use_weight_norm=False, use_data_init=False)
    """
    return tfd.PixelCNN(
        tuple(image_shape),
        None if conditional_shape is None else tuple(conditional_shape),
        num_resnet,
        num_hierarchies,
        num_filters,
        num_logistic_mix,
        tuple(receptive_field_dims),
        dropout_p,
        resnet_activation,
        use_weight_norm,
        use_data_init,
        high,
        low,
        dtype or tf.float32,
        name,
    )
