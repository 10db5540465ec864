"""What is measured: one case is one task of one flow in one number of dimensions, done by a library in one mode."""

from __future__ import annotations

from dataclasses import dataclass

TASKS = ("train", "density", "draws")
FLOWS = ("maf", "spline", "coupling")
DIMENSIONS = (2, 8, 64)
LAYERS = {"maf": 5, "spline": 3, "coupling": 8}
HIDDEN, BINS, BOX = 64, 8, 5.0  # two hidden layers of 64 units; 8 bins on [-5, 5]
BATCH, LEARNING_RATE = 256, 1e-3
TRAINING_ROWS, DENSITY_ROWS, DRAWS = 25_600, 100_000, 10_000

# The modes of each library, the best known first. A library with one mode is at its best as its documentation shows.
MODES = {
    "pyflows": ("fit",),
    "zuko": ("compiled", "documented"),
    "nflows": ("documented",),
    "normflows": ("documented",),
    "flowjax": ("fused", "documented"),
    "tfp": ("fused", "documented"),
}
OURS = "pyflows"
PEERS = tuple(name for name in MODES if name != OURS)
# Which virtual environment a library lives in.
ENVIRONMENTS = {
    "pyflows": ".venv",
    "tfp": ".venv",
    "zuko": ".bench/torch",
    "nflows": ".bench/torch",
    "normflows": ".bench/torch",
    "flowjax": ".bench/jax",
}


@dataclass(frozen=True)
class Case:
    """One thing to measure. `layers` None means the number of the core table; `mode` None the library's best."""

    flow: str = "maf"
    d: int = 8
    task: str = "train"
    mode: str | None = None
    layers: int | None = None

    @property
    def depth(self) -> int:
        """Number of layers."""
        return self.layers or LAYERS[self.flow]
