"""Networks that find out how many inputs they have when they are first called, and keep their variables in sight."""

from __future__ import annotations

import itertools
import math

import numpy as np

from ..backend import tf, tfm
from ..errors import ShapeError
from ..seeds import START, stream


def block_mask(inputs: int, outputs: int, blocks: int, exclusive: bool) -> np.ndarray:
    """`[inputs, outputs]` of 0 and 1: an output sees the inputs of earlier blocks, and its own unless `exclusive`.

    Inputs and outputs are spread over the blocks evenly, in their order.
    """
    of_input, of_output = (np.arange(n) * blocks // max(n, 1) for n in (inputs, outputs))
    return (of_input[:, None] < of_output[None, :]) | ((of_input[:, None] == of_output[None, :]) & (not exclusive))


class DenseNetwork(tf.Module):
    """Layers of `act(x @ kernel + bias)`, whose variables are made when the number of inputs is known.

    Args:
        hidden: units of each hidden layer.
        activation: of the hidden layers; None: none.
        masked: outputs for each input, those of one seeing the inputs before it only.
        initializer: takes shape and dtype and gives the start of a kernel; None: Glorot and Bengio's normal (2010).
        bias_initializer: likewise of a bias; None: zeros.
        use_bias: have biases.
        seed: whole number that the start comes from; None: from TensorFlow's global seed, if that is set.
        name: name of the module.
    """

    def __init__(self, hidden, activation, masked, initializer, bias_initializer, use_bias, seed, name):
        super().__init__(name=name)
        self._hidden, self._activation, self._masked = tuple(hidden), activation, masked
        self._initializer, self._bias_initializer = initializer, bias_initializer
        self._use_bias, self._seed = use_bias, seed
        self._sizes, self._called = None, False
        self.kernels, self.biases, self.context_kernel = [], [], None

    @property
    def built(self) -> bool:
        """Have the variables been made."""
        return self._sizes is not None

    def build(self, inputs: int, outputs: int, context: int = 0, dtype="float32") -> None:
        """Make the variables. Before the first call they may be made anew, for other sizes."""
        if self._sizes == (inputs, outputs, context):
            return
        if self._called:
            was, now = self._sizes, (inputs, outputs, context)
            message = f"{self.name}: the network was made for {was} inputs, outputs and conditions, and is given {now}."
            raise ShapeError(message, argument="x")
        with tf.init_scope():  # also where the first call is traced by tf.function
            seed = self._seed
            if seed is None:
                seed = int(tf.random.uniform([], maxval=2**31 - 1, dtype=tf.int32))
            rng = stream(START, seed)
            units = [inputs, *self._hidden, outputs]
            self._masks = [
                tf.constant(block_mask(a, b, max(inputs, 1), exclusive=i == 0), dtype) if self._masked else None
                for i, (a, b) in enumerate(itertools.pairwise(units))
            ]
            pairs = list(zip(units[:-1], units[1:], self._masks, strict=True))
            self.kernels = [self._kernel(rng, a, b, mask, dtype) for a, b, mask in pairs]
            self.biases = [self._bias(b, dtype) for b in units[1:]] if self._use_bias else []
            if context:
                self.context_kernel = self._kernel(rng, context, units[1], None, dtype)
        self._sizes = (inputs, outputs, context)

    def _kernel(self, rng, inputs, outputs, mask, dtype):
        if self._initializer is None:
            start = tf.constant(rng.normal(0.0, math.sqrt(2.0 / max(inputs + outputs, 1)), (inputs, outputs)), dtype)
        else:
            start = self._initializer((inputs, outputs), dtype=tf.as_dtype(dtype))
        return tf.Variable(start if mask is None else start * mask, name="kernel")

    def _bias(self, units, dtype):
        make = self._bias_initializer
        return tf.Variable(tf.zeros([units], dtype) if make is None else make((units,), dtype=dtype), name="bias")

    def run(self, x, outputs, context=None):
        """The outputs `[..., outputs]` of x `[..., inputs]`."""
        if x.shape.rank is None or x.shape[-1] is None:
            raise ShapeError(f"{self.name}: the last dimension of x must be known.", argument="x")
        self.build(x.shape[-1], outputs, 0 if context is None else context.shape[-1], x.dtype)
        self._called = True
        batch = tf.shape(x)[:-1]
        h = tf.reshape(x, [-1, x.shape[-1]])
        if context is not None:
            context = tf.broadcast_to(context, tf.concat([batch, tf.shape(context)[-1:]], 0))
            context = tf.reshape(context, [-1, context.shape[-1]])
        for i, kernel in enumerate(self.kernels):
            h = tf.matmul(h, kernel if self._masks[i] is None else kernel * self._masks[i])
            if i == 0 and context is not None:
                h = h + tf.matmul(context, self.context_kernel)
            if self._use_bias:
                h = h + self.biases[i]
            if i < len(self._hidden) and self._activation is not None:
                h = self._activation(h)
        result = tf.reshape(h, tf.concat([batch, [outputs]], 0))
        result.set_shape([*x.shape[:-1], outputs])
        return result


class MaskedDense(DenseNetwork):
    """One masked layer: `units` outputs, in blocks that see the blocks of inputs before theirs."""

    def __init__(self, units, blocks, exclusive, activation, initializer, bias_initializer, use_bias, seed, name):
        super().__init__((), None, False, initializer, bias_initializer, use_bias, seed, name)
        self._units, self._blocks, self._exclusive, self._last = units, blocks, exclusive, activation

    def __call__(self, x):
        self.build(x.shape[-1], self._units, 0, x.dtype)
        blocks = self._blocks or x.shape[-1]
        self._masks = [tf.constant(block_mask(x.shape[-1], self._units, blocks, self._exclusive), x.dtype)]
        y = self.run(x, self._units)
        return y if self._last is None else self._last(y)


class ShiftAndLogScale(DenseNetwork):
    """What `MaskedAutoregressiveFlow` and `RealNVP` call: gives the shift and the logarithm of the scale.

    Args:
        shift_only: give None for the log-scale.
        clip: takes a log-scale to one within bounds; None: no bounds.
        options: those of `DenseNetwork`.
    """

    def __init__(self, shift_only, clip, **options):
        super().__init__(**options)
        self.params, self._clip = 1 if shift_only else 2, clip

    def __call__(self, x, output_units=None, conditional_input=None):
        units = x.shape[-1] if output_units is None else int(output_units)
        y = self.run(x, self.params * units, conditional_input)
        if self.params == 1:
            return y, None
        y = tf.reshape(y, tf.concat([tf.shape(y)[:-1], [units, 2]], 0))
        shift, log_scale = tf.unstack(y, axis=-1)
        return shift, log_scale if self._clip is None else self._clip(log_scale)


class AutoregressiveParameters(DenseNetwork):
    """`params` numbers for each of the inputs, `[..., d, params]`, from the inputs before it."""

    def __init__(self, params, **options):
        super().__init__(masked=True, **options)
        self.params = params

    def __call__(self, x, conditional_input=None):
        y = self.run(x, self.params * x.shape[-1], conditional_input)
        return tf.reshape(y, tf.concat([tf.shape(x), [self.params]], 0))


def clipped(low, high, clip_gradient):
    """A function that clips to the bounds; unless `clip_gradient`, gradients pass beyond them."""
    clip = tf.clip_by_value if clip_gradient else tfm.clip_by_value_preserve_gradient
    return lambda log_scale: clip(log_scale, tf.cast(low, log_scale.dtype), tf.cast(high, log_scale.dtype))
