"""Student's t-distribution with learned degrees of freedom."""

from __future__ import annotations

import math

import numpy as np

from ..backend import tf, tfd, tfp_util
from ..checks import Number
from ..maps import Size, column, constant
from ..spec import register
from .base import Base

# With fewer degrees of freedom, draws leave the range of float32, and hardly any data are like that.
SMALLEST_DF = 0.5


class StudentTBase(Base):
    """The weight is the logarithm of what the degrees of freedom are above their bound, for each dimension."""

    def __init__(self, size: Size, df: float):
        self.event, self.dtype = size.event, size.dtype
        self.weights = {"log_df": constant(math.log(df - SMALLEST_DF), (size.event,))}

    def log_prob(self, weights, z, context=None):
        df = _df(column(weights["log_df"]))
        return tf.reduce_sum(self._each(df).log_prob(z), 0)

    def sample(self, weights, n, rng, context=None):
        df = SMALLEST_DF + np.exp(weights["log_df"])
        return rng.standard_t(df, (n, self.event)).astype(self.dtype)

    def distribution(self, weights, context=None):
        return tfd.Independent(self._each(tfp_util.DeferredTensor(weights["log_df"], _df)), 1)

    def _each(self, df):
        # TFP's density neither overflows far out nor loses digits where there are many degrees of freedom.
        return tfd.StudentT(df, tf.zeros([], self.dtype), tf.ones([], self.dtype))


def _df(log_df):
    return SMALLEST_DF + tf.exp(log_df)


@register(group="base", df=Number(min=SMALLEST_DF, open=True))
def base_student_t(size: Size, df=5.0):
    """Student's t base distribution, with learned degrees of freedom for each dimension.

    d independent t-distributions, `log p(z) = const - (df + 1) / 2 log(1 + z^2 / df)`, whose tails fall like a power:
    for data with rows far out, which bend a flow over a normal base to reach them. The degrees of freedom are learned
    (they stay above 1/2). The layers must let the tails through: those that are the identity far out (splines) or
    affine do. The density costs a few operations more than the normal one.

    Args:
        df: degrees of freedom at the start, > 1/2; 1 is the Cauchy distribution, from 30 on it is near the normal one.

    Shapes:
        z `[n, d]`, any d >= 1.

    Raises:
        ArgumentError: `df` is not a number above 1/2.

    References:
        Jaini, Kobyzev, Yu & Brubaker (2020), Tails of Lipschitz Triangular Flows, arXiv:1907.04481.
        Alexanderson & Henter (2020), Robust model training and generalisation with Studentising flows,
        arXiv:2006.06599.

    Example:
        >>> flow(affine(), base=base_student_t(df=3))
    """
    return StudentTBase(size, df)
