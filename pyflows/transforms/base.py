"""The form that every univariate transform has."""

from __future__ import annotations


class Transform:
    """An increasing map of the line, with `params` parameters that a conditioner gives for every value.

    Shapes:
        theta `[params, d, n]`, values `[d, n]`; both methods return the mapped values and the log-derivative of the
        direction that was computed, each `[d, n]`.
    """

    params: int
    # Long arithmetic, of which it matters how often XLA does it.
    costly = False
    # Parameters at which the map is the identity, `[params]`.
    identity: tuple[float, ...]

    def forward(self, theta, z):
        raise NotImplementedError

    def inverse(self, theta, x):
        raise NotImplementedError
