"""The decorator of `pyflows.tfd`, with the arguments that mean the same in many distributions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...backend import tf, tfd, tfm
from ...checks import Check, Flag
from .. import table
from ..kinds import Distribution, Function, Integer, Integers, ListOf, Operator, Shape, Tensor
from ..settings import dtype_in_force

POSITIVE = Tensor(min=0, open=True)
NUMBERS = Tensor(null=True)
VECTOR, MATRIX = Tensor(rank=1), Tensor(rank=2)
FUNCTION = Function(null=True)

KERNELS = {
    "exponentiated_quadratic": "ExponentiatedQuadratic",
    "matern_one_half": "MaternOneHalf",
    "matern_three_halves": "MaternThreeHalves",
    "matern_five_halves": "MaternFiveHalves",
    "rational_quadratic": "RationalQuadratic",
}


@dataclass(frozen=True)
class Kernel(Check):
    """A kernel of TFP, or the name of one with amplitude and length scale 1."""

    def plain(self, value):
        if isinstance(value, str):
            known = value in KERNELS
            one = tf.ones([], dtype_in_force())
            return known, getattr(tfm.psd_kernels, KERNELS[value])(one, one) if known else None
        return isinstance(value, tfm.psd_kernels.PositiveSemidefiniteKernel), value

    def allowed(self):
        return "a kernel of tfp.math.psd_kernels, or one of " + ", ".join(f'"{name}"' for name in KERNELS)


@dataclass(frozen=True)
class OrFunction(Check):
    """A value of some kind, or a function that makes one."""

    kind: Check = field(default_factory=Check)

    def plain(self, value):
        return self.kind.plain(value) if not callable(value) else (True, value)

    def allowed(self):
        return f"{self.kind.allowed()}, or a function that returns one"

    def export(self):
        return {"type": "or_function", "null": self.null}


@dataclass(frozen=True)
class Rows(ListOf):
    """A list of arrays, or an array with one more dimension."""

    def plain(self, value):
        return super().plain(list(value) if isinstance(value, np.ndarray) and value.ndim > 1 else value)


@dataclass(frozen=True)
class Mask(Check):
    """True and False, in any shape."""

    def plain(self, value):
        array = value if isinstance(value, tf.Tensor) else np.asarray(value)
        return array.dtype in (tf.bool, bool), tf.convert_to_tensor(array)

    def allowed(self):
        return "True and False, one or more"


@dataclass(frozen=True)
class Model(Check):
    """Distributions, and functions that make them of the values of others: as a list, or as a dict by name."""

    keys: bool = False

    def plain(self, value):
        if not isinstance(value, dict if self.keys else (list, tuple)) or not value:
            return False, None
        parts = list(value.values()) if self.keys else list(value)
        return all(isinstance(part, tfd.Distribution) or callable(part) for part in parts), value

    def allowed(self):
        return ("a dict (in R a named list)" if self.keys else "a list") + " of distributions and functions"


ARGS = {
    "loc": (Tensor(), "location."),
    "scale": (POSITIVE, "scale, > 0."),
    "df": (POSITIVE, "degrees of freedom, > 0."),
    "rate": (POSITIVE, "rate (the inverse of a scale), > 0."),
    "log_rate": (NUMBERS, "its logarithm, in place of `rate`."),
    "log_scale": (NUMBERS, "its logarithm, in place of `scale`."),
    "concentration": (POSITIVE, "shape parameter, > 0."),
    "concentration1": (POSITIVE, "shape parameter at 1, > 0."),
    "concentration0": (POSITIVE, "shape parameter at 0, > 0."),
    "low": (Tensor(), "lower end."),
    "high": (Tensor(), "upper end, > `low`."),
    "power": (POSITIVE, "exponent, > 0."),
    "skewness": (Tensor(), "skewness; 0: symmetric."),
    "tailweight": (POSITIVE, "weight of the tails, > 0."),
    "temperature": (POSITIVE, "temperature, > 0; near 0, draws are near the corners."),
    "total_count": (Tensor(min=0), "number of trials."),
    "logits": (NUMBERS, "log-odds log(p / (1 - p)); give these or `probs`."),
    "probs": (Tensor(null=True, min=0, max=1), "probabilities p in [0, 1]; give these or `logits`."),
    "sample_shape": (Shape(), "the shape of the draws; an empty list: one draw."),
    "batch_shape": (Shape(), "the shape of the batch."),
    "dimension": (Integer(min=0), "number of dimensions."),
    "mean_direction": (VECTOR, "direction m, a vector of length 1, `[..., d]`."),
    "scale_diag": (Tensor(null=True, rank=1), "diagonal of the matrix A, `[..., k]`."),
    "scale_identity_multiplier": (NUMBERS, "number that is added to the diagonal of A."),
    "scale_perturb_factor": (Tensor(null=True, rank=2), "matrix V, `[..., k, r]`, of an update of rank r."),
    "scale_perturb_diag": (Tensor(null=True, rank=1), "vector e, `[..., r]`; `None`: ones."),
    "scale_tril": (MATRIX, "lower triangular matrix L, `[..., k, k]`, with a diagonal > 0."),
    "scale_row": (Operator(), "operator of the rows, `[..., n, n]`."),
    "scale_column": (Operator(), "operator of the columns, `[..., p, p]`."),
    "atol": (Tensor(null=True, min=0), "absolute tolerance of equality; `None`: 0."),
    "rtol": (Tensor(null=True, min=0), "relative tolerance of equality; `None`: 0."),
    "quadrature_size": (Integer(min=1), "number of points of the quadrature."),
    "distributions": (ListOf(kind=Distribution()), "list of distributions."),
    "axis": (Integer(), "dimension, counted from 0, or from the last by -1."),
    "num_steps": (Integers(rank=0, min=1), "number of steps."),
    "input_output_cholesky": (Flag(), "values and draws are Cholesky factors instead of the matrices."),
    "interpolate_nondiscrete": (
        Flag(),
        "between whole numbers the density is continued smoothly; `False`: it is 0 there.",
    ),
    "kernel": (Kernel(), "kernel of `tfp.math.psd_kernels`, or the name of one, with amplitude and length scale 1."),
    "index_points": (MATRIX, "points where the process is looked at, `[..., n, f]`."),
    "mean_fn": (FUNCTION, "takes points to the mean there; `None`: 0."),
    "observation_noise_variance": (Tensor(min=0), "variance of the noise in what is observed, >= 0."),
    "predictive_noise_variance": (Tensor(null=True, min=0), "variance of the noise in what is predicted, >= 0."),
    "observation_index_points": (Tensor(null=True, rank=2), "points of the observations, `[..., m, f]`."),
    "observations": (Tensor(null=True, rank=1), "what was observed there, `[..., m]`."),
    "jitter": (Tensor(min=0), "number added to the diagonal of covariances, so that they can be factored."),
    "batch_ndims": (Integer(min=0), "number of leading dimensions that are a batch."),
    "use_vectorized_map": (Flag(), "draws and densities of a batch are computed together."),
    "cutpoints": (VECTOR, "increasing thresholds, `[..., k - 1]` for k classes."),
}


# Of these, wherever a distribution has both, one is given and the other is not.
PAIRS = (
    ("logits", "probs"),
    ("probits", "probs"),
    ("rate", "log_rate"),
    ("rate1", "log_rate1"),
    ("rate2", "log_rate2"),
    ("scale", "log_scale"),
    ("scale", "scale_tril"),
)


def distribution(cls: str | None = None, **options: Any) -> Callable:
    """`table.distribution`, where the kinds and texts of `ARGS` hold unless others are given."""
    return table.distribution(cls, shared=ARGS, pairs=PAIRS, **options)
