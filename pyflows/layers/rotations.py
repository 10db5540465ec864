"""Learned rotations: products of reflections, and of rotations of pairs. Their log-determinant is 0."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..backend import tf
from ..checks import Whole
from ..maps import Map, Size, Weight, constant
from ..spec import register
from .reflections import freedom, reflected


class HouseholderMap(Map):
    """`x = H_1 ... H_k z`."""

    def __init__(self, size: Size, reflections: int):
        d, k = size.event, reflections

        def start(rng):
            # Equal neighbours undo each other.
            return np.repeat(rng.standard_normal((d, (k + 1) // 2)), 2, axis=1)[:, :k]

        self.weights = {"vectors": Weight((d, k), start, dimension=freedom(k, d))}

    def forward(self, weights, z, context=None):
        return reflected(tf.transpose(weights["vectors"]), z), tf.zeros([], z.dtype)

    def inverse(self, weights, x, context=None):
        return reflected(tf.transpose(weights["vectors"]), x, back=True), tf.zeros([], x.dtype)


@register(reflections=Whole(min=1, null=True))
def householder(size: Size, reflections=None):
    """Learnable rotation as a product of Householder reflections.

    `x = H_1 ... H_k z` with `H_i = I - 2 v_i v_i^T / v_i^T v_i`. It mixes dimensions without stretching: the inverse is
    the transpose, the log-determinant is 0, and nothing can become singular. An even number of reflections is a
    rotation, and by default there are enough to reach every rotation; an odd number has determinant -1. Both directions
    cost 2 d k products a row, taken together and not one reflection after the other. Equal pairs of random reflections
    make it start at the identity; where k is odd, the last one is left over. The length of a vector has no effect.

    Args:
        reflections: number of reflections k, a whole number >= 1; None takes d, or d - 1 if d is odd (at least 2).

    Shapes:
        x `[n, d]`, any d >= 1 (at d = 1 each reflection changes the sign).

    Raises:
        ArgumentError: `reflections` is not a whole number >= 1.

    References:
        Tomczak & Welling (2016), Improving Variational Auto-Encoders using Householder Flow, arXiv:1611.09630.
        Joffrain, Low, Quintana-Orti, van de Geijn & Van Zee (2006), Accumulating Householder transformations,
            revisited, ACM Transactions on Mathematical Software 32(2), doi:10.1145/1141885.1141886.

    Example:
        >>> flow(coupling(), householder(reflections=2), coupling())
    """
    return HouseholderMap(size, reflections or max(2 * (size.event // 2), 2))


class GivensMap(Map):
    """`x = G_1 ... G_r z`: every round G turns disjoint pairs of dimensions, each by an angle of its own."""

    def __init__(self, size: Size, rounds: int | None):
        tournament = round_robin(size.event)
        rounds = rounds or len(tournament)
        turns = [(r, i, j) for r in range(rounds) for i, j in tournament[r % len(tournament)]]
        free = min(len(turns), freedom(size.event, size.event))
        angles = dataclasses.replace(constant(0.0, (len(turns),)), dimension=free)
        self.weights = {"angles": angles} if turns else {}
        r, i, j = np.array(turns, "int32").reshape(-1, 3).T
        self.where = np.concatenate([np.stack(place, 1) for place in ((r, i, i), (r, j, j), (r, i, j), (r, j, i))])
        # In each round the dimensions without a partner stay.
        self.rest = np.tile(np.eye(size.event), (rounds, 1, 1))
        self.rest[r, i, i] = self.rest[r, j, j] = 0.0

    def forward(self, weights, z, context=None):
        return self._apply(weights, z, transposed=False), tf.zeros([], z.dtype)

    def inverse(self, weights, x, context=None):
        return self._apply(weights, x, transposed=True), tf.zeros([], x.dtype)

    def _apply(self, weights, value, transposed: bool):
        if not self.weights:
            return value
        cos, sin = tf.cos(weights["angles"]), tf.sin(weights["angles"])
        turned = tf.scatter_nd(self.where, tf.concat([cos, cos, -sin, sin], 0), self.rest.shape)
        return tf.matmul(product(turned + tf.constant(self.rest, turned.dtype)), value, transpose_a=transposed)


def round_robin(d: int) -> list[list[tuple[int, int]]]:
    """Rounds of disjoint pairs in which each two of d meet once, as in a tournament (the circle method)."""
    players = list(range(d + d % 2))
    half, rounds = len(players) // 2, []
    for _ in players[1:]:
        pairs = zip(players[:half], reversed(players[half:]), strict=True)
        # Whoever is paired with a player that is not there sits out.
        rounds.append([(i, j) for i, j in pairs if max(i, j) < d])
        players = [players[0], players[-1], *players[1:-1]]
    return rounds


def product(matrices):
    """The product of `[r, d, d]` matrices from first to last, by neighbours, so that it takes log2(r) steps."""
    while matrices.shape[0] > 1:
        if matrices.shape[0] % 2:
            matrices = tf.concat([matrices, tf.eye(matrices.shape[1], dtype=matrices.dtype)[None]], 0)
        matrices = tf.matmul(matrices[0::2], matrices[1::2])
    return matrices[0]


@register(rounds=Whole(min=1, null=True))
def givens(size: Size, rounds=None):
    """Learnable rotation as a product of rotations of pairs (Givens rotations).

    `x = G_1 ... G_r z`; each round G pairs the dimensions off and turns each pair by its own angle, and in d - 1 rounds
    (d, if d is odd) each two dimensions meet once. It mixes without stretching: the inverse is the transpose and the
    log-determinant is 0. With all rounds there are d (d - 1) / 2 angles, as many as a rotation has; a few rounds are a
    sparse rotation with d / 2 angles each. All angles start at 0, the identity. The rounds are multiplied to one
    matrix first (r d^3 products, once), so a row costs d^2 in both directions; with d in the hundreds give few rounds.

    Args:
        rounds: number of rounds r, a whole number >= 1; None takes each pair once, and with more
            than that the pairs come again.

    Shapes:
        x `[n, d]`, any d >= 1 (d = 1 has nothing to rotate: the identity).

    Raises:
        ArgumentError: `rounds` is not a whole number >= 1.

    References:
        Givens (1958), Computation of plane unitary rotations transforming a general matrix to triangular form,
            Journal of the Society for Industrial and Applied Mathematics 6(1), doi:10.1137/0106004.

    Example:
        >>> flow(coupling(), givens(), coupling())
    """
    return GivensMap(size, rounds)
