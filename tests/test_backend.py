"""The door to TensorFlow: quiet, once, and never in a forked child."""

from __future__ import annotations

import pytest

from pyflows import backend
from pyflows.errors import BackendError

pytestmark = pytest.mark.filterwarnings("ignore")


def test_start_prints_nothing_and_a_later_fork_gets_an_error_instead_of_hanging(python):
    done = python(
        """
import multiprocessing, warnings
import pyflows as pf
warnings.simplefilter("ignore")
model = pf.build(pf.affine(), 2, seed=1)
pf.sample(model, 3, seed=1)

def work(results):
    for use in (
        lambda: pf.build(pf.affine(), 2),
        lambda: pf.fit(pf.affine(), [[1.0], [2.0]]),
        lambda: pf.log_prob(model, [[1.0, 2.0]]),
        lambda: pf.sample(model, 3),
    ):
        try:
            use()
            results.put("no error")
        except pf.ForkError as error:
            results.put(str(error))

context = multiprocessing.get_context("fork")
results = context.Queue()
child = context.Process(target=work, args=(results,), daemon=True)
child.start()
for _ in range(4):
    print(repr(results.get(timeout=30)))
child.join(30)
"""
    )
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert len(lines) == 4
    assert all("before this process was forked" in line and "spawn" in line for line in lines)


def versions(**changes):
    found = {"tensorflow": "2.21.0", "tensorflow-probability": "0.25.0", "tf-keras": "2.21.0", "numpy": "1.26.4"}
    return lambda: {**found, **{name.replace("_", "-"): value for name, value in changes.items()}}


def test_versions_that_do_not_fit_are_refused(monkeypatch):
    monkeypatch.setattr(backend, "versions", versions())
    backend._check_versions()
    monkeypatch.setattr(backend, "versions", versions(numpy="2.4.1"))
    with pytest.raises(BackendError, match=r"numpy 2\.4\.1 does not fit.*0\.25\.0") as caught:
        backend._check_versions()
    assert "numpy<2.4" in caught.value.hint
    monkeypatch.setattr(backend, "versions", versions(tensorflow_probability=None, tf_keras=None))
    with pytest.raises(BackendError, match="missing: tensorflow-probability, tf-keras") as caught:
        backend._check_versions()
    assert "pip install" in caught.value.hint and "install_pyflows" in caught.value.hint


def test_start_goes_on_after_a_failure_and_a_fork(python):
    """A first start that fails leaves the door closed, not half open; a fork before the start is fine."""
    done = python(
        """
import sys, os
import pyflows as pf
from pyflows import backend
good, backend.versions = backend.versions, lambda: {"numpy": "2.4.0", **dict.fromkeys(
    ("tensorflow", "tensorflow-probability", "tf-keras"), "1")}
try:
    pf.build(pf.affine(), 2)
except pf.BackendError:
    print("refused", backend.is_started())
backend.versions = good
sys.stdout.flush()
child = os.fork()
print(pf.build(pf.affine(), 2).event_size, backend.is_started(), flush=True)
if child:
    os.waitpid(child, 0)
os._exit(0)
"""
    )
    assert done.stdout.split() == ["refused", "False", "2", "True", "2", "True"]


def test_versions_and_availability():
    assert backend.available()
    assert set(backend.versions()) >= {"python", "tensorflow", "tensorflow-probability", "numpy", "safetensors"}
    assert backend._version("no-such-package-at-all") is None
    assert "tensorflow" in repr(backend.tf)
