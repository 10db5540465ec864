"""Bijectors that hold networks: the parts of classic flows."""

from __future__ import annotations

from ...backend import tf, tfb
from ...checks import Flag, fail
from ...errors import ArgumentError
from ..kinds import Anything, DType, Function, Integer, Shape, Tensor, Values
from ..settings import dtype_in_force
from ..table import bijector

_FUNCTION = Function(null=True)
_BIJECTOR_FN = "takes `bijector_fn`, for flows of splines"


@bijector(
    improved=_BIJECTOR_FN,
    shift_and_log_scale_fn=_FUNCTION,
    is_constant_jacobian=Flag(),
    unroll_loop=Flag(),
    event_ndims=Integer(min=1),
    bijector_fn=_FUNCTION,
)
def masked_autoregressive_flow(
    shift_and_log_scale_fn=None,
    is_constant_jacobian=False,
    unroll_loop=False,
    event_ndims=1,
    validate_args=False,
    name=None,
    bijector_fn=None,
):
    """A masked autoregressive flow: each dimension is mapped as the dimensions of y before it say.

    The density (inverse) costs one pass of the network, draws (forward) one for each dimension; turned round by
    `tfb.invert()` it is an inverse autoregressive flow. `flow_autoregressive()` draws as fast as it computes densities.

    Map:
        y_i = x_i exp(log_scale_i) + shift_i, (shift_i, log_scale_i) = fn(y)_i, which depends on y_1, ..., y_{i-1}

    Args:
        shift_and_log_scale_fn: takes y `[..., d]` to shift and log-scale (or `None` for it), each `[..., d]`; from
            `tfb.masked_autoregressive_default_template()`, or your own, which must be autoregressive.
        is_constant_jacobian: the log-determinant is the same everywhere, as it is with `shift_only`.
        unroll_loop: write the loop over dimensions out when compiling.
        event_ndims: dimensions of an event.
        bijector_fn: in place of the first, takes y to a bijector that is applied to x.

    References:
        Papamakarios, Pavlakou & Murray (2017), Masked autoregressive flow for density estimation, arXiv:1705.07057.

    Example:
        >>> network = tfb.masked_autoregressive_default_template([8], seed=1)
        >>> b = tfb.masked_autoregressive_flow(network)
        >>> tfb.inverse_log_det_jacobian(b, [[0.5, -1.0], [0.0, 2.0]])
    """
    _one_of("tfb.masked_autoregressive_flow()", shift_and_log_scale_fn, bijector_fn, "bijector_fn")
    return tfb.MaskedAutoregressiveFlow(
        shift_and_log_scale_fn, bijector_fn, is_constant_jacobian, validate_args, unroll_loop, event_ndims, name
    )


@bijector(
    improved="takes `fraction_masked` and `bijector_fn`",
    num_masked=Integer(null=True),
    shift_and_log_scale_fn=_FUNCTION,
    is_constant_jacobian=Flag(),
    fraction_masked=Anything(),
    bijector_fn=_FUNCTION,
)
def real_nvp(
    num_masked=None,
    shift_and_log_scale_fn=None,
    is_constant_jacobian=False,
    validate_args=False,
    name=None,
    fraction_masked=None,
    bijector_fn=None,
):
    """A coupling layer: the first dimensions stay, and say how the others are mapped.

    Both directions cost one pass of the network.

    Map:
        y_a = x_a, y_b = x_b exp(log_scale) + shift, (shift, log_scale) = fn(x_a)

    Args:
        num_masked: number of dimensions that stay: the first, or the last if it is negative.
        shift_and_log_scale_fn: takes x_a and the number of other dimensions to shift and log-scale; from
            `tfb.real_nvp_default_template()`, or your own.
        is_constant_jacobian: the log-determinant is the same everywhere, as it is with `shift_only`.
        fraction_masked: in place of `num_masked`, the fraction of dimensions that stay, between -1 and 1.
        bijector_fn: in place of `shift_and_log_scale_fn`, takes the same to a bijector that is applied to x_b.

    References:
        Dinh, Sohl-Dickstein & Bengio (2017), Density estimation using Real NVP, arXiv:1605.08803.

    Example:
        >>> b = tfb.real_nvp(2, tfb.real_nvp_default_template([8], seed=1))
        >>> tfb.forward(b, [[0.5, -1.0, 2.0]])
    """
    where = "tfb.real_nvp()"
    _one_of(where, shift_and_log_scale_fn, bijector_fn, "bijector_fn")
    if (num_masked is None) == (fraction_masked is None):
        message = f"{where}: give one of `num_masked` and `fraction_masked`."
        raise ArgumentError(message, argument="num_masked" if num_masked is None else "fraction_masked")
    if fraction_masked is not None:
        number = isinstance(fraction_masked, (int, float)) and not isinstance(fraction_masked, bool)
        if not number or not -1 < fraction_masked < 1:
            fail("fraction_masked", "a number between -1 and 1 (both excluded)", fraction_masked, where)
        fraction_masked = float(fraction_masked)
    return tfb.RealNVP(
        num_masked, fraction_masked, shift_and_log_scale_fn, bijector_fn, is_constant_jacobian, validate_args, name
    )


def _one_of(where, function, other, name):
    if (function is None) == (other is None):
        message = f"{where}: give one of `shift_and_log_scale_fn` and `{name}`."
        raise ArgumentError(message, argument="shift_and_log_scale_fn" if function is None else name)


@bijector(
    improved="makes its layer in the type in force, and before the first call with `event_size`",
    batchnorm_layer=Anything(),
    training=Flag(),
    event_size=Integer(min=1, null=True),
)
def batch_normalization(
    batchnorm_layer=None, training=True, validate_args=False, name="batch_normalization", event_size=None
):
    """Batch normalisation: the inverse brings data to mean 0 and standard deviation 1, then to a learned scale.

    In training the inverse uses mean and variance of the batch, and keeps running averages; the forward direction
    uses these. So the two are each other's inverse with `training = False` only.

    Map:
        x = (y - mean) / sqrt(variance + epsilon) gamma + beta

    Args:
        batchnorm_layer: a layer of Keras 2, `tf.keras.layers.BatchNormalization`; `None`: one with gamma > 0.
        training: use the statistics of the batch in the inverse direction, and keep running averages.
        event_size: number of dimensions, to make the variables now; not for a layer of your own.

    References:
        Ioffe & Szegedy (2015), Batch normalization, arXiv:1502.03167.

    Example:
        >>> b = tfb.batch_normalization(training=True)
        >>> tfb.inverse(b, [[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]])
    """
    if batchnorm_layer is None:
        batchnorm_layer = tf.keras.layers.BatchNormalization(
            gamma_constraint=lambda gamma: tf.nn.relu(gamma) + 1e-6, dtype=dtype_in_force()
        )
        if event_size is not None:
            batchnorm_layer.build(tf.TensorShape([None, event_size]))
    return tfb.BatchNormalization(batchnorm_layer, training, validate_args, name)


@bijector(
    improved="`trace_augmentation_fn` by name, too",
    state_time_derivative_fn=Function(),
    ode_solve_fn=_FUNCTION,
    trace_augmentation_fn=Function(names=("hutchinson", "exact")),
    initial_time=Tensor(),
    final_time=Tensor(),
    dtype=DType(null=True),
)
def ffjord(
    state_time_derivative_fn,
    ode_solve_fn=None,
    trace_augmentation_fn="hutchinson",
    initial_time=0,
    final_time=1,
    validate_args=False,
    dtype=None,
    name="ffjord",
):
    """A continuous flow (FFJORD): follows a differential equation for a while.

    Both directions solve the equation, to the tolerance of the solver. With "hutchinson" the log-determinant is a
    random estimate, without bias; "exact" costs as many gradients as there are dimensions.

    Map:
        y = z(final_time), dz/dt = f(t, z), z(initial_time) = x

    Args:
        state_time_derivative_fn: the function f of time and state, made of TensorFlow's operations.
        ode_solve_fn: takes f, the initial time, the initial state and solution times to the results, as
            `tfp.math.ode.DormandPrince().solve` does; `None`: that.
        trace_augmentation_fn: "hutchinson", "exact", or a function that adds the log-determinant to f.
        initial_time: where it starts.
        final_time: where it ends.

    References:
        Grathwohl, Chen, Bettencourt, Sutskever & Duvenaud (2019), FFJORD, arXiv:1810.01367.

    Example:
        >>> b = tfb.ffjord(lambda t, z: 0.5 * z, trace_augmentation_fn="exact")
        >>> tfb.forward(b, [[1.0, 2.0]])
    """
    if isinstance(trace_augmentation_fn, str):
        trace_augmentation_fn = getattr(tfb.ffjord, f"trace_jacobian_{trace_augmentation_fn}")
    return tfb.FFJORD(
        state_time_derivative_fn,
        ode_solve_fn,
        trace_augmentation_fn,
        initial_time,
        final_time,
        validate_args,
        tf.as_dtype(dtype or dtype_in_force()),
        name,
    )


@bijector(
    improved="works with its defaults",
    output_shape=Shape(min=1),
    num_glow_blocks=Integer(min=1),
    num_steps_per_block=Integer(min=1),
    coupling_bijector_fn=_FUNCTION,
    exit_bijector_fn=_FUNCTION,
    grab_after_block=Values(null=True),
    use_actnorm=Flag(),
    seed=Integer(min=0, null=True),
)
def glow(
    output_shape=(32, 32, 3),
    num_glow_blocks=3,
    num_steps_per_block=32,
    coupling_bijector_fn=None,
    exit_bijector_fn=None,
    grab_after_block=None,
    use_actnorm=True,
    seed=None,
    validate_args=False,
    name="glow",
):
    """Glow, for images: blocks of activation normalisation, 1 x 1 convolution and coupling, at several scales.

    Takes vectors to images. With the default networks its variables are 32-bit, and there are many of them.

    Map:
        y = glow(x), x of height * width * channels numbers

    Args:
        output_shape: height, width and channels of an image.
        num_glow_blocks: number of blocks; each halves height and width.
        num_steps_per_block: steps in each block.
        coupling_bijector_fn: takes the shape of an input to a network of Keras; `None`: one with 400 units.
        exit_bijector_fn: likewise, for what leaves a block, of an input shape and a number of channels.
        grab_after_block: the fraction of channels that leaves after each block; `None`: a half.
        use_actnorm: normalise activations; the first call sets it to data.
        seed: whole number that the 1 x 1 convolutions start from.

    References:
        Kingma & Dhariwal (2018), Glow, arXiv:1807.03039.

    Example:
        >>> b = tfb.glow(output_shape=[4, 4, 2], num_glow_blocks=1, num_steps_per_block=1, seed=1)
    """
    return tfb.Glow(
        output_shape,
        num_glow_blocks,
        num_steps_per_block,
        coupling_bijector_fn or tfb.GlowDefaultNetwork,
        exit_bijector_fn or tfb.GlowDefaultExitNetwork,
        grab_after_block,
        use_actnorm,
        seed,
        validate_args,
        name,
    )
