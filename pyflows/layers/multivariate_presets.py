"""Presets of multivariate maps: recipes of layers that are neither autoregressive nor coupling layers."""

from __future__ import annotations

from ..checks import Whole
from ..spec import flow, register
from .block_autoregressive import block_autoregressive
from .continuous import CONTINUOUS_CHECKS, continuous
from .gaussianization import GAUSSIANIZATION_CHECKS, gaussianization
from .normalisation import actnorm
from .parameters import NETWORK_CHECKS
from .permutations import reverse
from .planar import planar
from .residual import RESIDUAL_CHECKS, residual

LAYERS = {"layers": Whole(min=1)}


@register(group="preset", **LAYERS, **NETWORK_CHECKS)
def planar_flow(layers=24, hidden=(32,), activation="tanh"):
    """Planar flow: many bends, each along one direction.

    `layers` planar layers, nothing between them. Cheap, smooth and easily understood, but it needs many layers for what
    one layer of splines does, and more of them the more columns there are. The density takes one pass; sampling
    solves one equation of a single number for each row and layer.

    Args:
        layers: number of planar layers, a whole number >= 1.
        hidden: units of each hidden layer of the networks of the context, whole numbers >= 1; without a context there
            are none.
        activation: activation of their hidden units.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Rezende & Mohamed (2015), Variational Inference with Normalizing Flows, arXiv:1505.05770.

    Example:
        >>> planar_flow(layers=16)
    """
    return flow(*[planar(hidden, activation)] * layers)


@register(group="preset", **LAYERS, hidden=NETWORK_CHECKS["hidden"])
def bnaf(layers=3, hidden=(8, 8)):
    """Block neural autoregressive flow: the networks are the maps.

    `layers` block autoregressive layers with the order of the columns reversed between them. Very flexible for the
    number of its weights, as each layer bends each column in any increasing way, given those before it. The density
    takes one pass of each layer; sampling solves an equation for each number, and is slower than that of `maf`.

    Args:
        layers: number of block autoregressive layers, a whole number >= 1.
        hidden: units of each hidden layer *for each dimension*, whole numbers >= 1.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        De Cao, Titov & Aziz (2019), Block Neural Autoregressive Flow, arXiv:1904.04676.

    Example:
        >>> bnaf(layers=2, hidden=(8,))
    """
    layer = block_autoregressive(hidden)
    return flow(layer, *[reverse(), layer] * (layers - 1))


@register(group="preset", **LAYERS, **RESIDUAL_CHECKS)
def residual_flow(layers=8, hidden=(32, 32), activation="tanh", lipschitz=0.9, log_det="auto"):
    """Residual flow: many short steps of all columns at once.

    `layers` residual layers, each with `actnorm` after it (data -> base: before it), which lets scales grow or shrink
    where the steps are too short for that. The log-determinant of densities is exact, at a cost that grows with the
    number of columns; training steps estimate it where there are many. Sampling is a fixed-point iteration in each
    layer. Good for smooth densities of a few columns.

    Args:
        layers: number of residual layers, a whole number >= 1.
        hidden: units of each hidden layer of the networks, whole numbers >= 1.
        activation: activation of the hidden units, smooth and of slope at most 1.
        lipschitz: bound on the Lipschitz constant of each step, between 0 and 1.
        log_det: the log-determinant of training steps: "exact", "roulette" (a random estimate), or "auto" by the number
            of columns.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Behrmann, Grathwohl, Chen, Duvenaud & Jacobsen (2019), Invertible Residual Networks, arXiv:1811.00995.
        Chen, Behrmann, Duvenaud & Jacobsen (2019), Residual Flows for Invertible Generative Modeling, arXiv:1906.02735.

    Example:
        >>> residual_flow(layers=4, hidden=(16, 16))
    """
    return flow(*[residual(hidden, activation, lipschitz, log_det), actnorm()] * layers)


@register(group="preset", **LAYERS, **CONTINUOUS_CHECKS)
def cnf(layers=1, hidden=(64, 64), activation="tanh", tolerance=1e-5, trace="auto"):
    """Continuous normalizing flow: points drift from base to data.

    One continuous layer, or several after each other. It gives the smoothest densities, and takes the longest to fit:
    every evaluation solves a differential equation. The trace is exact for densities, and costs d times the network;
    training steps estimate it where there are many columns.

    Args:
        layers: number of continuous layers, a whole number >= 1; one is enough, as the velocity changes with time.
        hidden: units of each hidden layer of the velocity's network, whole numbers >= 1.
        activation: activation of the hidden units, a smooth one.
        tolerance: largest error of a step of the solver, as a share of 1 + |value|, between 0 and 0.01.
        trace: the trace in training steps: "exact", "hutchinson" (a random estimate), or "auto" by the number of
            columns.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Grathwohl, Chen, Bettencourt, Sutskever & Duvenaud (2019), FFJORD, arXiv:1810.01367.

    Example:
        >>> cnf(hidden=(32, 32))
    """
    return flow(*[continuous(hidden, activation, tolerance, trace)] * layers)


@register(group="preset", **LAYERS, **GAUSSIANIZATION_CHECKS)
def gaussianization_flow(layers=6, components=8, rotations=2, hidden=(32,), activation="tanh"):
    """Gaussianization flow: rotates, makes each column normal by itself, and again.

    `layers` gaussianization layers. Each fits some directions by themselves, gaps and modes included; the dependence
    among columns is left to the rotations, so that more columns need more layers. The density takes one pass
    of each layer; sampling solves an equation for each number.

    Args:
        layers: number of gaussianization layers, a whole number >= 1.
        components: logistic distributions in the mixture of each column, a whole number from 2 to 200.
        rotations: how many rotations each layer has, each in one plane, a whole number >= 0.
        hidden: units of each hidden layer of the networks of the context, whole numbers >= 1; without a context there
            are none.
        activation: activation of their hidden units.

    Shapes:
        x `[n, d]`, any d >= 1, context `[n, c]`.

    Raises:
        ArgumentError: an argument is not allowed.

    References:
        Meng, Song, Song & Ermon (2020), Gaussianization Flows, arXiv:2003.01941.

    Example:
        >>> gaussianization_flow(layers=4, components=6)
    """
    return flow(*[gaussianization(components, rotations, hidden, activation)] * layers)
