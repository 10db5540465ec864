"""`make gallery`: every preset on every shape. Numbers go to gallery.md and .json, the rest beside the vignettes."""

from __future__ import annotations

import argparse
import datetime
import json
import re
import sys
import time
from pathlib import Path

import matplotlib
import numpy as np

import pyflows as pf
from pyflows.spec import kinds

from .process import SCRATCH, machine
from .report import table
from .shapes import SHAPES, Shape

matplotlib.use("Agg")
from matplotlib import pyplot as plt

HERE = Path(__file__).parent
VIGNETTES = HERE.parent / "vignettes"
ROWS, TEST_ROWS, COST_ROWS, GRID = 10_000, 10_000, 20_000, 160
SEED = 1
# What is known of each preset so far: one is fitted by itself, so that a call that was broken off can go on later.
KEPT = SCRATCH / "gallery"


def main() -> None:
    options = _options()
    KEPT.mkdir(parents=True, exist_ok=True)
    presets = [kind.name for kind in kinds("preset")]
    for preset in presets:
        if re.search(options.only, preset) and not (options.go_on and (KEPT / f"{preset}.npz").exists()):
            _make(preset, options.epochs)
    missing = [preset for preset in presets if not (KEPT / f"{preset}.npz").exists()]
    if missing:
        print(f"no page yet: {', '.join(missing)} not fitted so far", file=sys.stderr)
        return
    results = {
        "machine": machine(),
        "presets": {name: json.loads((KEPT / f"{name}.json").read_text()) for name in presets},
    }
    _page(presets).savefig(VIGNETTES / "gallery.png", bbox_inches="tight")
    (VIGNETTES / "gallery.csv").write_text(csv(results))
    (HERE / "gallery.json").write_text(json.dumps(results, indent=1) + "\n")
    text = markdown(results)
    (HERE / "gallery.md").write_text(text)
    print(f"{text}\n{HERE}/gallery.md and .json, {VIGNETTES}/gallery.png and .csv")


def _make(preset: str, epochs: int) -> None:
    """Fit a preset to all shapes; what is found, and the densities on a grid, are kept for the page."""
    models = {name: _fit(preset, shape, epochs) for name, shape in SHAPES.items()}
    found = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "epochs": epochs,
        "shapes": {name: _judge(model, SHAPES[name]) for name, model in models.items()},
        **_cost(next(iter(models.values()))),
    }
    print(preset, found, file=sys.stderr, flush=True)
    grids = {name: pf.log_prob(model, _grid(SHAPES[name])[0]) for name, model in models.items()}
    (KEPT / f"{preset}.json").write_text(json.dumps(found))
    np.savez(KEPT / f"{preset}.npz", **grids)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="fit presets whose name matches this regular expression")
    parser.add_argument("--go-on", action="store_true", help="keep what an earlier call has fitted")
    parser.add_argument("--epochs", type=int, default=100, help="passes through the data at the most")
    return parser.parse_args()


def _fit(preset: str, shape: Shape, epochs: int) -> pf.Model:
    """The preset with its defaults, fitted to draws of the shape."""
    x = shape.sample(ROWS, np.random.default_rng(SEED)).astype("float32")
    # The shapes lie on a plane, not on a torus.
    options = {"length": None} if preset == "ncsf" else {}
    return pf.fit(getattr(pf, preset)(**options), x, epochs=epochs, seed=SEED, progress=False)


def _judge(model: pf.Model, shape: Shape) -> dict:
    """Held-out log-density, what it falls short of the truth by (with its standard error), and what the fit took."""
    x = shape.sample(TEST_ROWS, np.random.default_rng(SEED + 1))
    # In float32 a value may round onto the edge of a square, where the true density is zero.
    truth, found = shape.log_density(x), pf.log_prob(model, x.astype("float32")).astype(float)
    short = truth - found
    return {
        "log_prob": found.mean(),
        "gap": short.mean(),
        "error": short.std() / np.sqrt(len(short)),
        "epochs": model.facts["epochs"],
        "seconds": model.facts["seconds"],
    }


def _cost(model: pf.Model) -> dict:
    """Rows a second in both directions, warm."""
    x = pf.sample(model, COST_ROWS, seed=SEED)
    rates = {}
    for name, call in (
        ("density", lambda: pf.log_prob(model, x)),
        ("draws", lambda: pf.sample(model, COST_ROWS, seed=SEED)),
    ):
        call()
        began = time.perf_counter()
        call()
        rates[name] = COST_ROWS / (time.perf_counter() - began)
    return rates


def markdown(results: dict) -> str:
    """Gaps to the truth, and costs."""
    head = ["preset", *SHAPES, "epochs at most", "seconds a fit", "density, rows/s", "draws/s"]
    rows = []
    for preset, found in results["presets"].items():
        cells = [f"{entry['gap']:.3f} ({entry['error']:.3f})" for entry in found["shapes"].values()]
        seconds = np.median([entry["seconds"] for entry in found["shapes"].values()])
        costs = f"{seconds:.0f}", f"{found['density']:,.0f}", f"{found['draws']:,.0f}"
        rows.append([preset, *cells, str(found["epochs"]), *costs])
    return (
        "# Gallery: what each preset learns\n\n"
        f"{results['machine']['processor']}, {results['machine']['cores']} cores. Each preset with "
        f"its defaults, fitted to {ROWS:,} rows. By how many nats a row the "
        f"held-out log-density ({TEST_ROWS:,} rows) falls short of the true one, with its standard error; smaller is "
        "better, 0 is perfect. Then what it costs: the median fit, and each direction at "
        f"{COST_ROWS:,} rows. The densities are drawn in `vignettes/gallery.png`.\n\n" + table(head, rows) + "\n"
    )


def csv(results: dict) -> str:
    """One line a preset: gaps to the truth by shape, most epochs, median seconds of a fit, rates of both directions."""
    names = [name.replace(" ", "_") for name in SHAPES]
    lines = [",".join(["preset", *names, "epochs", "seconds", "density", "draws"])]
    for preset, found in results["presets"].items():
        gaps = [f"{entry['gap']:.4f}" for entry in found["shapes"].values()]
        seconds = np.median([entry["seconds"] for entry in found["shapes"].values()])
        costs = f"{seconds:.1f}", f"{found['density']:.0f}", f"{found['draws']:.0f}"
        lines.append(",".join([preset, *gaps, str(found["epochs"]), *costs]))
    return "\n".join(lines) + "\n"


# ---- The page of densities ---------------------------------------------------------------------------------


def _page(presets: list[str]):
    """A row of densities for the truth and for each preset, a column for each shape."""
    size = 1.5
    figure, axes = plt.subplots(
        len(presets) + 1, len(SHAPES), figsize=(size * len(SHAPES), size * (len(presets) + 1)), dpi=72, squeeze=False
    )
    for ax, name in zip(axes[0], SHAPES, strict=True):
        ax.set_title(name, fontsize=11)
    truth = {name: shape.log_density(_grid(shape)[0]) for name, shape in SHAPES.items()}
    for row, preset in zip(axes, ["truth", *presets], strict=True):
        values = truth if preset == "truth" else np.load(KEPT / f"{preset}.npz")
        row[0].set_ylabel(preset.replace("_flow", "\n_flow"), fontsize=10)
        for ax, (name, shape) in zip(row, SHAPES.items(), strict=True):
            _draw(ax, values[name], shape)
    figure.subplots_adjust(wspace=0.04, hspace=0.04)
    return figure


def _grid(shape: Shape):
    """Points over a shape's rows, and the coordinates of both axes."""
    rows = shape.sample(2000, np.random.default_rng(SEED))
    low, high = rows.min(0) - 0.3, rows.max(0) + 0.3
    xs, ys = (np.linspace(low[k], high[k], GRID) for k in (0, 1))
    return np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2), xs, ys


def _draw(ax, log_density: np.ndarray, shape: Shape) -> None:
    _, xs, ys = _grid(shape)
    top = np.exp(np.quantile(shape.log_density(shape.sample(2000, np.random.default_rng(SEED))), 0.98))
    ax.set_xticks([])
    ax.set_yticks([])
    # One scale of colours for a column.
    extent = (*xs[[0, -1]], *ys[[0, -1]])
    values = np.exp(log_density).reshape(GRID, GRID)
    ax.imshow(values, origin="lower", extent=extent, aspect="auto", vmin=0, vmax=top, cmap="Blues")


if __name__ == "__main__":
    main()
