"""What R's operators do with tensors, where the R tests do not reach: dtypes and values on their way."""

from __future__ import annotations

import numpy as np
import pytest

from pyflows import tensors
from pyflows.backend import tf
from pyflows.errors import ArgumentError, ShapeError


@pytest.mark.parametrize(
    "x, y, dtype",
    [
        (tf.int32, 1.0, "int32"),
        (tf.int32, 0.5, "float64"),
        (tf.bool, 1, "int32"),
        (tf.bool, True, "int32"),
        (tf.float32, 1 + 2j, "complex64"),
        (tf.float32, np.ones(1), "float32"),
    ],
)
def test_the_dtype_of_a_sum(x, y, dtype):
    assert tensors.binary("+", tf.ones([1], x), y, "float64").dtype == dtype


def test_values_come_in_types_that_r_has():
    for dtype, found in [("int64", "int32"), ("uint8", "int32"), ("float16", "float64"), ("complex64", "complex128")]:
        assert tensors.values(tf.ones([1], dtype)).dtype == found
    assert tensors.values(tf.constant([2**40], tf.int64)).dtype == "float64"
    assert tensors.values(tf.constant(["ä", "b"])).tolist() == ["ä", "b"]
    assert tensors.values(tf.constant(2.5)) == 2.5
    assert tensors.shape(tf.ones([2, 1])) == [2, 1]


def test_a_tensor_without_values_says_so():
    @tf.function
    def f(x):
        with pytest.raises(ArgumentError, match="no numbers yet"):
            tensors.values(x)
        assert tensors.about(x) == {"kind": "tensor", "shape": [None, 2], "dtype": "float32", "known": False}
        assert not tensors.is_eager()
        return tensors.part(x, [None, [1]], [1])

    assert f.get_concrete_function(tf.TensorSpec([None, 2])).output_shapes.as_list() == [None]
    assert tensors.is_eager()


def test_what_does_not_fit():
    x = tf.ones([2, 3])
    with pytest.raises(ShapeError, match=r"\[2, 3\] and \[2\] do not fit each other in `\*`"):
        tensors.binary("*", x, np.ones(2), "float32")
    with pytest.raises(ShapeError, match="in `%\\*%`"):
        tensors.matmul(x, x, "float32")
    with pytest.raises(ArgumentError, match="`signif\\(\\)` is not there"):
        tensors.math("signif", x, "float32")
