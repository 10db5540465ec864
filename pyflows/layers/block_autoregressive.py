"""Block neural autoregressive layers: one masked network that is itself the map."""

from __future__ import annotations

import functools

import numpy as np

from ..backend import tf
from ..checks import WholeList
from ..maps import Map, Size, Weight, bounded, column, constant, softplus_inverse
from ..networks import squashed, uniform_start
from ..roots import solve
from ..spec import register

SMALLEST_SLOPE = 1e-3
# Positive weights stay within exp(-5) to exp(5) of where they start.
LOG_WEIGHT_BOUND = 5.0
# Slopes of the linear part and of the network at the start, near enough: about 1 together, where the data are.
FIRST_LINEAR, FIRST_SLOPE = 0.95, 0.1


class BlockAutoregressiveMap(Map):
    """`z_i = s_i x_i + f_i(x_1 ... x_i)`, with f_i bounded and increasing in x_i.

    Each dimension has units of its own in every hidden layer. They get from units of the same dimension by positive
    weights, and from those of earlier dimensions by any weights.
    """

    sequential = "forward"

    def __init__(self, size: Size, hidden):
        self.event, self.context = size.event, size.context
        self.units = (1, *hidden, 1)
        self.weights = {"slope": constant(softplus_inverse(FIRST_LINEAR - SMALLEST_SLOPE), (size.event,))}
        for i in range(len(self.units) - 1):
            self.weights |= self._layer(i)
        if size.context:
            shape = (size.event * hidden[0], size.context)
            self.weights["context/kernel"] = Weight(
                shape, functools.partial(uniform_start, shape=shape, fan_in=size.event + size.context)
            )

    def _layer(self, i: int) -> dict[str, Weight]:
        d, before, after = self.event, self.units[i], self.units[i + 1]
        last = i == len(self.units) - 2
        spread = 0.0 if last else 3.0 if i == 0 else 1.0
        layer = {
            f"layer/{i}/positive": Weight((d, after, before), lambda rng: rng.uniform(-0.5, 0.5, (d, after, before))),
            # Bends of the first layer lie where standardised data do.
            f"layer/{i}/bias": Weight((d, after), lambda rng: rng.uniform(-spread, spread, (d, after))),
        }
        if d > 1:
            mask, factor = self._mask(i), 0.03 if last else 1.0
            layer[f"layer/{i}/kernel"] = Weight(
                mask.shape,
                lambda rng: uniform_start(rng, mask.shape, d * before) * mask * factor,
                used=int(mask.sum()),
            )
        return layer

    def _mask(self, i: int) -> np.ndarray:
        """What units of a dimension may get from those of earlier dimensions."""
        earlier = np.tril(np.ones((self.event, self.event)), -1)
        return np.kron(earlier, np.ones((self.units[i + 1], self.units[i])))

    def _positive(self, weights, i: int):
        """Weights within each dimension, `[d, after, before]`."""
        first = FIRST_SLOPE if i == len(self.units) - 2 else 1.0
        return first / self.units[i] * tf.exp(bounded(weights[f"layer/{i}/positive"], LOG_WEIGHT_BOUND))

    def _kernels(self, weights) -> list:
        """Weights from earlier dimensions, each `[d, after, d * before]`; None where there are none."""
        if self.event == 1:
            return [None] * (len(self.units) - 1)
        return [
            tf.reshape(
                weights[f"layer/{i}/kernel"] * tf.constant(self._mask(i), weights[f"layer/{i}/kernel"].dtype), shape
            )
            for i, shape in enumerate((self.event, after, -1) for after in self.units[1:])
        ]

    def _starts(self, weights, context) -> list:
        """What the units get whatever x is: biases, and what the first layer gets from the context; `[d, after, n]`."""
        starts = [weights[f"layer/{i}/bias"][..., None] for i in range(len(self.units) - 1)]
        if self.context:
            seen = tf.matmul(weights["context/kernel"], squashed(context))
            starts[0] = starts[0] + tf.reshape(seen, [self.event, self.units[1], -1])
        return starts

    def _slope(self, weights):
        return tf.math.softplus(weights["slope"]) + SMALLEST_SLOPE

    def inverse(self, weights, x, context=None):
        known, h = squashed(x), x[:, None]
        g = tf.ones_like(h)
        kernels, starts = self._kernels(weights), self._starts(weights, context)
        for i, (kernel, given) in enumerate(zip(kernels, starts, strict=True)):
            if kernel is not None:
                flat = tf.reshape(kernel, [self.event * self.units[i + 1], -1])
                given = given + tf.reshape(tf.matmul(flat, known), [self.event, self.units[i + 1], -1])
            h, g = self._advance(i, self._positive(weights, i), given, h, g)
            known = tf.reshape(h, [self.event * self.units[i + 1], -1])
        slope = column(self._slope(weights))
        return slope * x + h[:, 0], tf.reduce_sum(tf.math.log(slope + g[:, 0]), 0)

    def _advance(self, i: int, positive, given, h, g):
        """One layer: its units, and their derivatives with respect to the dimension's own x (sums of positives)."""
        h, g = given + tf.matmul(positive, h), tf.matmul(positive, g)
        if i == len(self.units) - 2:
            return h, g
        h = tf.tanh(h)
        return h, g * (1.0 - h * h)

    def forward(self, weights, z, context=None):
        layers = range(len(self.units) - 1)
        positives = [self._positive(weights, i) for i in layers]
        kernels, starts, slopes = self._kernels(weights), self._starts(weights, context), self._slope(weights)

        def step(j, x, known, total):
            """Dimension j, from the units of those before it, which are known (and the others zero)."""
            own = [positive[j] for positive in positives]
            given = [start[j] + tf.zeros_like(z[:1]) for start in starts]
            if self.event > 1:
                given = [g + tf.matmul(kernel[j], k) for g, kernel, k in zip(given, kernels, known, strict=True)]
            # The last hidden units lie between -1 and 1.
            reach = tf.reduce_sum(own[-1])
            rest = z[j] - given[-1][0]
            low, high = (rest - reach) / slopes[j], (rest + reach) / slopes[j]
            here = solve(self._single, z[j], low, high, (slopes[j], *own, *given))
            units, slope = self._units(here, slopes[j], own, given)
            known = [_put(k, j, part) for k, part in zip(known, [squashed(here)[None], *units[:-1]], strict=True)]
            return j + 1, _put(x, j, here[None]), known, total - tf.math.log(slope)

        empty = [tf.zeros_like(z[:1]) + tf.zeros([self.event * units, 1], z.dtype) for units in self.units[:-1]]
        begin = (0, tf.zeros_like(z), empty, tf.zeros_like(z[0]))
        _, x, _, total = tf.while_loop(lambda j, *_: j < self.event, step, begin, maximum_iterations=self.event)
        return x, total

    def _single(self, x, slope, *parts):
        """One dimension's z, and its derivative with respect to its x `[n]`."""
        count = len(self.units) - 1
        units, slope_here = self._units(x, slope, parts[:count], parts[count:])
        return slope * x + units[-1][0], slope_here

    def _units(self, x, slope, own, given):
        """All units of one dimension, a list by layer of `[after, n]`, and the derivative of its z."""
        h, units = x[None], []
        g = tf.ones_like(h)
        for i, (positive, start) in enumerate(zip(own, given, strict=True)):
            h, g = self._advance(i, positive, start, h, g)
            units.append(h)
        return units, slope + g[0]


def _put(rows, j, block):
    """The block in its place, the j-th of blocks of its size."""
    size = block.shape[0]
    places = j * size + tf.range(size)
    return tf.tensor_scatter_nd_update(rows, places[:, None], block)


@register(hidden=WholeList(min=1))
def block_autoregressive(size: Size, hidden=(8, 8)):
    """Block neural autoregressive layer: a masked network that is increasing in each dimension's own input.

    `z_i = s_i x_i + f_i(x_1 ... x_i; context)` in the direction data -> base. The f_i are one tanh network with
    block-triangular weights, positive from units of a dimension to units of the same one. Its derivatives with
    respect to x_i are sums of positive numbers, so that the density takes one pass and is exact; the linear part keeps
    slopes above 0 and gives straight tails. Sampling goes through the dimensions in order: for each it solves one
    increasing equation of a single number, in a bracket that holds its root (f_i is bounded), to the precision of the
    numbers; the units of earlier dimensions are computed once. It bends more than an affine
    `autoregressive` layer of that size, and is slower to sample. It starts near the identity.

    Args:
        hidden: units of each hidden layer *for each dimension*, whole numbers >= 1.

    Shapes:
        x `[n, d]`, any d >= 1 (d = 1 is a monotonic network), context `[n, c]`.

    Raises:
        ArgumentError: `hidden` is not allowed.

    References:
        De Cao, Titov & Aziz (2019), Block Neural Autoregressive Flow, arXiv:1904.04676 (there without the bound on
        positive weights, and with a gate where this has s).

    Example:
        >>> flow(block_autoregressive(hidden=(8, 8)), reverse(), block_autoregressive(hidden=(8, 8)))
    """
    return BlockAutoregressiveMap(size, hidden)
