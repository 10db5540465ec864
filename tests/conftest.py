"""Settings and small data that all tests share. Fitted models are made once a process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import hypothesis
import numpy as np
import pytest

ROOT = Path(__file__).parent.parent
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

# The same examples in every run; the machine may be busy, so no deadlines.
hypothesis.settings.register_profile("pyflows", deadline=None, derandomize=True, database=None, max_examples=60)
hypothesis.settings.load_profile("pyflows")


def pytest_collection_modifyitems(items):
    """In the contract suite the tests of a case follow each other, because they share its models."""

    def case(item):
        if item.path.name != "test_contract.py" or not hasattr(item, "callspec"):
            return -1
        params = item.callspec.params
        return order.get((params["kind"], params.get("variant")), -1)

    from cases import CASES

    order = {case: i for i, case in enumerate(CASES)}
    items.sort(key=case)


@pytest.fixture(scope="session")
def pf():
    """The package."""
    import pyflows

    return pyflows


@pytest.fixture(scope="session")
def table():
    """300 rows of two dependent, skewed columns."""
    rng = np.random.default_rng(1)
    z = rng.standard_normal((300, 2))
    return np.stack([5.0 + 2.0 * z[:, 0], np.exp(0.4 * z[:, 1]) + 0.5 * z[:, 0]], 1)


@pytest.fixture(scope="session")
def context_table(table):
    """One context column for `table`."""
    return np.random.default_rng(2).standard_normal((len(table), 1))


@pytest.fixture(scope="session")
def quick():
    """Options of a fit that takes a moment."""
    return {"epochs": 3, "batch_size": 100, "seed": 1, "progress": False, "jit_compile": False}


@pytest.fixture(scope="session")
def frame(table):
    """`table` as a data frame with columns `long` and `wide`."""
    import pandas

    return pandas.DataFrame(table, columns=["long", "wide"])


@pytest.fixture(scope="session")
def fitted(pf, frame, quick):
    """A small flow fitted to `frame`. Do not change its weights."""
    return pf.fit(pf.flow(pf.affine(), pf.prelu()), frame, **quick)


@pytest.fixture(scope="session")
def fitted_context(pf, table, context_table, quick):
    """A small conditional flow. Do not change its weights."""
    return pf.fit(pf.autoregressive(hidden=6), table, context=context_table, **quick)


@pytest.fixture
def eagerly():
    """Run the verbs without tracing them, which takes longer than a few rows do."""
    from pyflows.backend import tf

    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.fixture(scope="session")
def python():
    """Run Python source in a new process, and get what it did."""

    def run(source: str, *args: str, check: bool = True, timeout: float = 120) -> subprocess.CompletedProcess:
        done = subprocess.run(
            [sys.executable, "-c", source, *map(str, args)],
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        if check:
            assert done.returncode == 0, done.stderr
        return done

    return run
