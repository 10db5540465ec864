"""Any univariate transform with parameters of its own, instead of a network's."""

from __future__ import annotations

import numpy as np

from ..backend import tf
from ..maps import Map, Size, constant, materialized
from ..spec import register
from ..transforms import TRANSFORMS, Transform
from .conditioned import CHECKS, TAILS, common_args


class ElementwiseMap(Map):
    """One set of parameters for each dimension, the same for all observations."""

    def __init__(self, size: Size, transform: Transform):
        self.transform = transform
        start = np.repeat(np.asarray(transform.identity)[:, None], size.event, 1)
        self.weights = {"theta": constant(start, start.shape)}

    def forward(self, weights, z, context=None):
        return self._run(self.transform.forward, weights, z)

    def inverse(self, weights, x, context=None):
        return self._run(self.transform.inverse, weights, x)

    def _run(self, apply, weights, value):
        theta = weights["theta"][..., None]
        shape = tf.stack([*theta.shape[:2], tf.shape(value)[1]])
        result, log_derivative = apply(tf.broadcast_to(theta, shape), value)
        if self.transform.costly:
            result = materialized(result)
        return result, tf.reduce_sum(log_derivative, 0)


@register(
    transform=CHECKS["transform"],
    bins=CHECKS["bins"],
    box=CHECKS["box"],
    tails=TAILS,
)
@common_args
def elementwise(size: Size, transform="rq_spline", bins=8, box=5.0, tails="identity"):
    """A univariate transform of each dimension, with learned parameters that depend on nothing.

    `x_i = f(z_i; theta_i)` with an increasing function f: it bends the margins and leaves dependence to other layers.
    As the last layer it takes skewed, bounded or many-peaked margins off their shoulders; alone it is a density for
    each column. It starts at the identity, or near it for "monotonic_network". It costs what the transform costs.

    Args:
        {transform}
        {tails}

    Shapes:
        x `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: an argument is not allowed, or "quadratic_spline" with two bins and identity tails.

    References:
        Durkan, Bekasov, Murray & Papamakarios (2019), Neural Spline Flows, arXiv:1906.04032 (rq_spline).
        Dolatabadi, Erfani & Leckie (2020), Linear Rational Splines, arXiv:2001.05168 (lr_spline).
        Müller, McWilliams, Rousselle, Gross & Novák (2019), Neural Importance Sampling, arXiv:1808.03856
        (quadratic_spline, linear_spline).
        Rezende, Papamakarios, Racanière et al. (2020), Normalizing Flows on Tori and Spheres, arXiv:2002.02428
        (circular_spline).
        Ramasinghe, Fernando, Khan & Barnes (2021), Bernstein-type polynomials, arXiv:2102.03509 (bernstein).
        Jaini, Selby & Yu (2019), Sum-of-Squares Polynomial Flow, arXiv:1905.02325 (sos_polynomial).
        Huang, Krueger, Lacoste & Courville (2018), Neural Autoregressive Flows, arXiv:1804.00779 (monotonic_network).

    Example:
        >>> flow(autoregressive(), elementwise("rq_spline", bins=16))
    """
    return ElementwiseMap(size, TRANSFORMS[transform](bins, box, tails))
