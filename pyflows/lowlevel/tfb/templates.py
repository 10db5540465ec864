"""The networks that classic flows are made with; they hold variables that are trained."""

from __future__ import annotations

from typing import Any

from ...backend import tf
from ...checks import Flag
from ...errors import ArgumentError
from ..kinds import Activation, Anything, Function, Integer, Shape, Tensor, Text, Values
from ..settings import dtype_in_force
from ..table import bijector

_INITIALIZERS = ("kernel_initializer", "bias_initializer")
_SEED = Integer(min=0, null=True)
_DENSE = (*_INITIALIZERS, "use_bias")
_REBUILT = "has variables that are trained, in sight of the bijector; before the first call with `event_size`"

# Layers by name, for `reuse` in masked_dense.
_LAYERS: dict[str, Any] = {}


@bijector(
    rebuilt=_REBUILT,
    hidden_layers=Shape(min=1),
    shift_only=Flag(),
    activation=Activation(null=True),
    log_scale_min_clip=Tensor(),
    log_scale_max_clip=Tensor(),
    log_scale_clip_gradient=Flag(),
    event_size=Integer(min=1, null=True),
    seed=_SEED,
    options=Anything(),
)
def masked_autoregressive_default_template(
    hidden_layers,
    shift_only=False,
    activation="relu",
    log_scale_min_clip=-5.0,
    log_scale_max_clip=3.0,
    log_scale_clip_gradient=False,
    name=None,
    event_size=None,
    seed=None,
    **options,
):
    """The masked network (MADE) of a masked autoregressive flow.

    It gives, for each dimension, a shift and a log-scale that depend on the dimensions before it. The number of
    dimensions is known at the first call; the variables are made then, or at once if `event_size` is given. A bijector
    that has the network has its variables, in `trainable_variables`. It takes `conditional_input` as a condition.

    Map:
        (shift_i, log_scale_i) = MADE(x_1, ..., x_{i-1})

    Args:
        hidden_layers: units of each hidden layer.
        shift_only: give no log-scale.
        activation: activation of the hidden layers; `None`: none.
        log_scale_min_clip: least log-scale.
        log_scale_max_clip: greatest log-scale.
        log_scale_clip_gradient: clip gradients, too; if not, they lead back from beyond the bounds.
        name: name of the network.
        event_size: number of dimensions, to make the variables now.
        seed: whole number that the variables start from.
        **options: `kernel_initializer`, `bias_initializer`, `use_bias`, as in layers of Keras.

    References:
        Germain, Gregor, Murray & Larochelle (2015), MADE, arXiv:1502.03509.

    Example:
        >>> network = tfb.masked_autoregressive_default_template([8, 8], event_size=2, seed=1)
        >>> tfb.forward(tfb.masked_autoregressive_flow(network), [[0.5, -1.0]])
    """
    from ...bijectors.template_networks import ShiftAndLogScale, clipped  # defining the class imports TensorFlow

    network = ShiftAndLogScale(
        shift_only,
        clipped(log_scale_min_clip, log_scale_max_clip, log_scale_clip_gradient),
        hidden=hidden_layers,
        activation=activation,
        masked=True,
        seed=seed,
        name=_module_name(name or "masked_autoregressive_default_template"),
        **_dense_options(options, "tfb.masked_autoregressive_default_template()"),
    )
    if event_size is not None:
        network.build(event_size, network.params * event_size, dtype=dtype_in_force())
    return network


@bijector(
    rebuilt="has variables that are trained, in sight of the bijector; before the first call with `input_size`",
    hidden_layers=Shape(min=1),
    shift_only=Flag(),
    activation=Activation(null=True),
    input_size=Integer(min=0, null=True),
    output_size=Integer(min=1, null=True),
    seed=_SEED,
    options=Anything(),
)
def real_nvp_default_template(
    hidden_layers,
    shift_only=False,
    activation="relu",
    name=None,
    input_size=None,
    output_size=None,
    seed=None,
    **options,
):
    """The network of a real NVP: shift and log-scale of some dimensions, from the others.

    How many dimensions there are of both is known at the first call; the variables are made then, or at once if
    `input_size` and `output_size` are given. A bijector that has the network has its variables, in
    `trainable_variables`. It takes `conditional_input` as a condition.

    Map:
        (shift, log_scale) = network(x_masked)

    Args:
        hidden_layers: units of each hidden layer.
        shift_only: give no log-scale (NICE).
        activation: activation of the hidden layers; `None`: none.
        name: name of the network.
        input_size: number of dimensions that are masked, to make the variables now.
        output_size: number of the other dimensions.
        seed: whole number that the variables start from.
        **options: `kernel_initializer`, `bias_initializer`, `use_bias`, as in layers of Keras.

    References:
        Papamakarios, Pavlakou & Murray (2017), Masked autoregressive flow for density estimation, arXiv:1705.07057.

    Example:
        >>> network = tfb.real_nvp_default_template([8, 8], seed=1)
        >>> tfb.forward(tfb.real_nvp(1, network), [[0.5, -1.0]])
    """
    from ...bijectors.template_networks import ShiftAndLogScale  # defining the class imports TensorFlow

    if (input_size is None) != (output_size is None):
        message = "tfb.real_nvp_default_template(): `input_size` and `output_size` must be given together."
        raise ArgumentError(message, argument="output_size" if output_size is None else "input_size")
    network = ShiftAndLogScale(
        shift_only,
        None,
        hidden=hidden_layers,
        activation=activation,
        masked=False,
        seed=seed,
        name=_module_name(name or "real_nvp_default_template"),
        **_dense_options(options, "tfb.real_nvp_default_template()"),
    )
    if input_size is not None:
        network.build(input_size, network.params * output_size, dtype=dtype_in_force())
    return network


@bijector(
    params=Integer(min=1),
    hidden_units=Shape(min=1),
    activation=Activation(null=True),
    event_size=Integer(min=1, null=True),
    seed=_SEED,
    options=Anything(),
)
def autoregressive_network(
    params, hidden_units, activation="relu", event_size=None, seed=None, name="autoregressive_network", **options
):
    """A masked network (MADE) that gives some numbers for each dimension, for a `bijector_fn`.

    The numbers of a dimension depend on the dimensions before it. The variables are made at the first call, or at once
    if `event_size` is given. It takes `conditional_input` as a condition.

    Map:
        (p_i1, ..., p_iP) = MADE(x_1, ..., x_{i-1})

    Args:
        params: how many numbers for each dimension, P.
        hidden_units: units of each hidden layer.
        activation: activation of the hidden layers; `None`: none.
        event_size: number of dimensions, to make the variables now.
        seed: whole number that the variables start from.
        **options: `kernel_initializer`, `bias_initializer`, `use_bias`, as in layers of Keras.

    References:
        Germain, Gregor, Murray & Larochelle (2015), MADE, arXiv:1502.03509.

    Example:
        >>> network = tfb.autoregressive_network(2, [8], event_size=3, seed=1)
    """
    from ...bijectors.template_networks import AutoregressiveParameters  # defining the class imports TensorFlow

    network = AutoregressiveParameters(
        params,
        hidden=hidden_units,
        activation=activation,
        seed=seed,
        name=_module_name(name),
        **_dense_options(options, "tfb.autoregressive_network()"),
    )
    if event_size is not None:
        network.build(event_size, params * event_size, dtype=dtype_in_force())
    return network


@bijector(
    rebuilt="`reuse` finds a layer by its name, with its variables; without `inputs` the layer itself is returned",
    inputs=Values(null=True),
    units=Integer(min=1),
    num_blocks=Integer(min=1, null=True),
    exclusive=Flag(),
    kernel_initializer=Function(null=True, names=("glorot_normal", "glorot_uniform", "he_normal", "zeros", "ones")),
    reuse=Flag(null=True),
    name=Text(null=True),
    seed=_SEED,
    options=Anything(),
)
def masked_dense(
    inputs,
    units,
    num_blocks=None,
    exclusive=False,
    kernel_initializer=None,
    reuse=None,
    name=None,
    seed=None,
    **options,
):
    """A dense layer with the block mask of an autoregressive network.

    Gives the layer's outputs. Its variables live in the layer: without `inputs` the layer itself is returned, which is
    called with inputs and has `trainable_variables`. Kept by its name, a layer is used again with `reuse = True`.

    Map:
        y = x (mask * kernel) + bias

    Args:
        inputs: numbers `[..., n]`, or `None`.
        units: number of outputs.
        num_blocks: number of blocks that inputs and outputs are spread over; `None`: as many as inputs.
        exclusive: outputs do not see the inputs of their own block; for the first layer of a network.
        kernel_initializer: takes shape and dtype and gives the start of the kernel, or a name that Keras knows.
        reuse: use the layer made before under this name.
        name: name of the layer.
        seed: whole number that the variables start from.
        **options: `activation`, `bias_initializer`, `use_bias`, as in layers of Keras.

    References:
        Germain, Gregor, Murray & Larochelle (2015), MADE, arXiv:1502.03509.

    Example:
        >>> tfb.masked_dense([[1.0, 2.0, 3.0]], units=6, exclusive=True, seed=1)
    """
    from ...bijectors.template_networks import MaskedDense  # defining the class imports TensorFlow

    where = "tfb.masked_dense()"
    if reuse and name not in _LAYERS:
        raise ArgumentError(f"{where}: `reuse` needs the `name` of a layer made before, not {name!r}.", argument="name")
    if not reuse:
        activation = Activation(null=True)("activation", options.pop("activation", None), where)
        dense = _dense_options({"kernel_initializer": kernel_initializer, **options}, where)
        layer = MaskedDense(units, num_blocks, exclusive, activation, seed=seed, name=_module_name(name), **dense)
        if name is not None:
            _LAYERS[name] = layer
    layer = _LAYERS[name] if reuse else layer
    return layer if inputs is None else layer(Tensor(rank=1)("inputs", inputs, where))


def _dense_options(options: dict[str, Any], where: str) -> dict[str, Any]:
    """What was given of the options of a dense layer, by our names of them."""
    for key in options:
        if key not in _DENSE:
            raise ArgumentError(f"{where}: there is no argument `{key}`.", argument=key)
    make = {key: options.get(key) for key in _INITIALIZERS}
    make = {key: tf.keras.initializers.get(value) if isinstance(value, str) else value for key, value in make.items()}
    return {
        "initializer": make["kernel_initializer"],
        "bias_initializer": make["bias_initializer"],
        "use_bias": Flag()("use_bias", options.get("use_bias", True), where),
    }


def _module_name(name: str | None) -> str:
    """A name that tf.Module takes."""
    return "".join(c if c.isalnum() else "_" for c in name or "masked_dense")
