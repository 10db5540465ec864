"""Autoregressive layers: each dimension is transformed given the ones before it."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable

import numpy as np

from .. import graphs, incremental, solvers
from ..backend import tf
from ..checks import Adjacency, Choice, Order, Whole
from ..errors import ArgumentError
from ..maps import Map, Size, materialized
from ..networks import MaskedNetwork, Network
from ..reordering import values_in_order
from ..spec import register
from ..transforms import Transform
from .conditioned import CHECKS, TAILS, common_args, make_transform
from .permutations import LARGEST_SEED, positions, random_order

FAST = ("density", "sampling")


class AutoregressiveMap(Map):
    """The direction whose conditions are its own input takes one pass; the other one solves for its result.

    Args:
        transform: the univariate transform.
        network: gives its parameters.
        fast: the direction that takes one pass, "density" or "sampling".
        exact: how the other one is computed exactly, a function like `incremental.invert`.
        solver: one of `solvers.METHODS`.
    """

    # The network's dimension i is our dimension `order[i]`, and our dimension i its dimension `back[i]`.
    order = back = None

    def __init__(self, transform: Transform, network: Network, fast: str, exact: Callable, solver: str):
        self.transform, self.network, self.fast = transform, network, fast
        self.weights = network.weights
        if solver == "exact":
            self.solve = exact
            self.sequential = "forward" if fast == "density" else "inverse"
        else:
            undo = transform.inverse if fast == "density" else transform.forward
            self.solve = functools.partial(solvers.invert, method=solver, undo=undo)
            # XLA would leave out the check that the solver has converged.
            self.jit_compilable = False

    def forward(self, weights, z, context=None):
        run = self._one_pass if self.fast == "sampling" else self._solved
        return run(self.transform.forward, weights, z, context)

    def inverse(self, weights, x, context=None):
        run = self._one_pass if self.fast == "density" else self._solved
        return run(self.transform.inverse, weights, x, context)

    def _one_pass(self, apply, weights, value, context):
        result, log_derivative = apply(self.network(weights, value, context, self.back, self.back), value)
        if self.transform.costly:
            result = materialized(result)
        return result, tf.reduce_sum(log_derivative, 0)

    def _solved(self, apply, weights, value, context):
        if self.order is None:
            return self.solve(self.network, weights, value, context, apply)
        value = values_in_order(value, self.order)
        result, log_det = self.solve(self.network, weights, value, context, apply)
        return values_in_order(result, self.back), log_det

    def reordered(self, order):
        twin = copy.copy(self)
        twin.order = np.asarray(order if self.order is None else np.asarray(order)[self.order])
        twin.back = np.argsort(twin.order)
        return twin


def indices(order, order_seed: int, size: Size):
    """The dimensions in the order in which they depend on each other, the first on none."""
    if order == "reversed":
        return range(size.event)[::-1]
    return random_order(order_seed, size.event) if order == "random" else positions(order, size)


@register(
    **CHECKS,
    fast=Choice(values=FAST),
    order=Order(),
    order_seed=Whole(min=0, max=LARGEST_SEED),
    adjacency=Adjacency(null=True),
    solver=Choice(values=solvers.METHODS),
    tails=TAILS,
)
@common_args
def autoregressive(
    size: Size,
    transform="affine",
    hidden=(64, 64),
    activation="relu",
    residual=False,
    bins=8,
    box=5.0,
    fast="density",
    order="natural",
    order_seed=0,
    adjacency=None,
    solver="exact",
    tails="identity",
):
    """One autoregressive layer: a masked network gives each dimension its transform, given the dimensions before.

    `x_i = f(z_i; theta_i)` with an increasing function f, whose parameters theta_i come from a masked network
    (MADE) of x_1 ... x_(i-1) and the context. The density takes one pass of the network. Sampling goes through the
    dimensions in order, but uses each weight once, so that it costs a few passes and not d of them; with
    `fast = "sampling"` the network sees z instead of x, and it is the other way round. Put `reverse` or `permute`
    between layers. It starts near the identity.

    Where it is known what depends on what, `adjacency` says so, and dimension i is given its parents only: hidden units
    then see subsets of one dimension's parents. The slow direction takes as many passes as the longest path through
    the graph has dimensions, at most d.

    Args:
        {common}
        fast: which direction takes one pass: "density" (data -> base) or "sampling" (base -> data).
        order: in which order the dimensions depend on each other: "natural" (each on those before it), "reversed",
            "random" (drawn from `order_seed`), or an order as `permute` takes it, the first entry depending on none.
        order_seed: what a random order is drawn from, a whole number from 0 to 999999; other orders ignore it.
        adjacency: None, or a square matrix of 0 and 1, whose row i has a 1 for each dimension that dimension i may
            depend on. It must have no cycle, and gives the order itself.
        solver: how the slow direction is computed: "exact" (as above), "fixed_point" (all dimensions at once, until
            nothing changes, at most d passes), "newton" (the same by Newton's method with each dimension's own
            derivative, and by the fixed point where that fails; for transforms that are costly in that direction) or
            "broyden" (by Broyden's method, which learns how dimensions act on each other, likewise; for strong
            dependence among many dimensions). The last three raise an error rather than return what has not converged
            (to 1e-5 in float32, 1e-10 in float64); in Python `pyflows.solvers.watch` reports what they did.
        {tails}

    Shapes:
        x `[n, d]`, any d >= 1 (d = 1 without context is an elementwise map), context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed, `residual` with hidden layers of several sizes, an `order` or
            `adjacency` that does not fit the number of columns, or an `adjacency` with a cycle, with fewer hidden units
            than there are different sets of parents, or together with an `order`.

    References:
        Germain, Gregor, Murray & Larochelle (2015), MADE, arXiv:1502.03509.
        Papamakarios, Pavlakou & Murray (2017), Masked Autoregressive Flow, arXiv:1705.07057.
        Durkan, Bekasov, Murray & Papamakarios (2019), Neural Spline Flows, arXiv:1906.04032 (rq_spline).
        Rezende, Papamakarios, Racanière et al. (2020), Normalizing Flows on Tori and Spheres, arXiv:2002.02428
            (circular_spline).
        Song, Meng, Liao & Ermon (2021), Accelerating Feedforward Computation via Parallel Nonlinear Equation Solving,
            arXiv:2002.03629 (fixed_point).
        Song, Meng & Ermon (2019), MintNet, arXiv:1907.07945 (newton).
        Broyden (1965), A class of methods for solving nonlinear simultaneous equations, Mathematics of Computation
            19(92), doi:10.1090/S0025-5718-1965-0198670-6 (broyden).
        Wehenkel & Louppe (2021), Graphical Normalizing Flows, arXiv:2006.02548 (adjacency).

    Example:
        >>> autoregressive(hidden=(32, 32), activation="tanh")
    """
    transform = make_transform(transform, hidden, residual, bins, box, tails)
    options = (size.context, transform.params, hidden, activation, residual, transform.identity, transform.period)
    if adjacency is not None:
        if order != "natural":
            raise ArgumentError("`adjacency` gives the order itself; leave `order` as it is.", argument="order")
        network = graphs.GraphNetwork(graphs.parents_of(adjacency, size), size.columns, *options)
        return AutoregressiveMap(transform, network, fast, graphs.invert, solver)
    map_ = AutoregressiveMap(transform, MaskedNetwork(size.event, *options), fast, incremental.invert, solver)
    return map_ if order == "natural" else map_.reordered(indices(order, order_seed, size))
