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


def main() -> None:
    options = _options()
    began = time.perf_counter()
    presets = [kind.name for kind in kinds("preset") if re.search(options.only, kind.name)]
    results = {
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "epochs": options.epochs,
        "presets": {},
    }
    folder, shown = (SCRATCH, SCRATCH) if options.only else (HERE, VIGNETTES)
    folder.mkdir(exist_ok=True)
    figure, axes = _canvas(presets)
    for i, preset in enumerate(presets):
        models = {name: _fit(preset, shape, options.epochs) for name, shape in SHAPES.items()}
        found = {name: _judge(model, SHAPES[name]) for name, model in models.items()}
        results["presets"][preset] = {"shapes": found, **_cost(next(iter(models.values())))}
        print(preset, results["presets"][preset], file=sys.stderr, flush=True)
        for ax, (name, model) in zip(axes[i + 1], models.items(), strict=True):
            _draw(ax, lambda x, model=model: pf.log_prob(model, x), SHAPES[name])
        axes[i + 1][0].set_ylabel(preset, fontsize=11)
    figure.savefig(shown / "gallery.png", bbox_inches="tight")
    (shown / "gallery.csv").write_text(csv(results))
    results["seconds"] = round(time.perf_counter() - began)
    (folder / "gallery.json").write_text(json.dumps(results, indent=1) + "\n")
    text = markdown(results)
    (folder / "gallery.md").write_text(text)
    print(f"{text}\n{folder}/gallery.md and .json, {shown}/gallery.png and .csv, {results['seconds']} s")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="presets whose name matches this regular expression")
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
    head = ["preset", *SHAPES, "seconds a fit", "density, rows/s", "draws/s"]
    rows = []
    for preset, found in results["presets"].items():
        cells = [f"{entry['gap']:.3f} ({entry['error']:.3f})" for entry in found["shapes"].values()]
        seconds = np.median([entry["seconds"] for entry in found["shapes"].values()])
        rows.append([preset, *cells, f"{seconds:.0f}", f"{found['density']:,.0f}", f"{found['draws']:,.0f}"])
    return (
        "# Gallery: what each preset learns\n\n"
        f"{results['date']}, {results['machine']['processor']}, {results['machine']['cores']} cores. Each preset with "
        f"its defaults, fitted to {ROWS:,} rows for at most {results['epochs']} epochs. By how many nats a row the "
        f"held-out log-density ({TEST_ROWS:,} rows) falls short of the true one, with its standard error; smaller is "
        "better, 0 is perfect. Then what it costs: the median fit, and each direction at "
        f"{COST_ROWS:,} rows. The densities are drawn in `vignettes/gallery.png`.\n\n" + table(head, rows) + "\n"
    )


def csv(results: dict) -> str:
    """One line a preset: gaps to the truth by shape, median seconds of a fit, rates of both directions."""
    lines = [",".join(["preset", *(name.replace(" ", "_") for name in SHAPES), "seconds", "density", "draws"])]
    for preset, found in results["presets"].items():
        gaps = [f"{entry['gap']:.4f}" for entry in found["shapes"].values()]
        seconds = np.median([entry["seconds"] for entry in found["shapes"].values()])
        lines.append(",".join([preset, *gaps, f"{seconds:.1f}", f"{found['density']:.0f}", f"{found['draws']:.0f}"]))
    return "\n".join(lines) + "\n"


# ---- The page of densities ---------------------------------------------------------------------------------


def _canvas(presets: list[str]):
    size = 1.5
    figure, axes = plt.subplots(
        len(presets) + 1, len(SHAPES), figsize=(size * len(SHAPES), size * (len(presets) + 1)), dpi=100, squeeze=False
    )
    for ax, (name, shape) in zip(axes[0], SHAPES.items(), strict=True):
        ax.set_title(name, fontsize=11)
        _draw(ax, shape.log_density, shape)
    axes[0][0].set_ylabel("truth", fontsize=11)
    for ax in axes.flat:
        ax.set_xticks([])
        ax.set_yticks([])
    figure.subplots_adjust(wspace=0.04, hspace=0.04)
    return figure, axes


def _draw(ax, log_density, shape: Shape) -> None:
    rows = shape.sample(2000, np.random.default_rng(SEED))
    low, high = rows.min(0) - 0.3, rows.max(0) + 0.3
    xs, ys = (np.linspace(low[k], high[k], GRID) for k in (0, 1))
    points = np.stack(np.meshgrid(xs, ys), -1).reshape(-1, 2)
    values = np.exp(log_density(points)).reshape(GRID, GRID)
    top = np.exp(np.quantile(shape.log_density(rows), 0.98))  # one scale of colours for a column
    ax.imshow(
        values, origin="lower", extent=(*xs[[0, -1]], *ys[[0, -1]]), aspect="auto", vmin=0, vmax=top, cmap="Blues"
    )


if __name__ == "__main__":
    main()
