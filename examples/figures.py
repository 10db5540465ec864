"""Figures of the demo, by matplotlib."""

import matplotlib
import numpy as np
from scipy import stats

import pyflows as pf

matplotlib.use("Agg")
from matplotlib import pyplot as plt

GREY, BLUE, ORANGE = "#8a8a8a", "#20639b", "#d1701f"
UNITS = {
    "eruptions": "eruption (min)",
    "waiting": "waiting time (min)",
    "carat": "carat (0.2 g)",
    "depth": "depth (%)",
    "table": "table (%)",
    "price": "price (1000 $)",
    "x": "x (mm)",
    "y": "y (mm)",
    "z": "z (mm)",
}
MASS = (0.95, 0.8, 0.5, 0.2)

plt.rcParams.update(
    {
        "figure.dpi": 130,
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": "#555555",
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "legend.frameon": False,
        "legend.handlelength": 1.5,
    }
)


def _save(figure, path):
    figure.savefig(path)
    plt.close(figure)
    print(f"  {path}")


def _in_units(table):
    return table.assign(price=table["price"] / 1000) if "price" in table else table


def contours(data, fits, path):
    """The data, and contours that hold given shares of each fitted distribution."""
    low, high = data.min(), data.max()
    axes = [np.linspace(low[c] - 0.25 * (high - low)[c], high[c] + 0.25 * (high - low)[c], 200) for c in data]
    grid = np.stack(np.meshgrid(*axes), -1)
    figure, panels = plt.subplots(1, len(fits), figsize=(8, 3.7), sharex=True, sharey=True, layout="constrained")
    for panel, (label, fit) in zip(panels, fits.items(), strict=True):
        # A region of highest density holds the share p of draws when p of them are denser than its edge.
        drawn = pf.log_prob(fit, pf.sample(fit, 20_000, seed=1))
        levels = np.quantile(drawn, [1 - p for p in MASS])
        height = pf.log_prob(fit, grid.reshape(-1, 2)).reshape(200, 200)
        panel.contourf(*axes, height, [*levels, np.inf], colors=plt.get_cmap("Blues")([0.15, 0.3, 0.5, 0.75]))
        panel.plot(*data.to_numpy().T, ".", color="black", alpha=0.6, markersize=3)
        panel.set(title=label, xlabel=UNITS[data.columns[0]])
    panels[0].set_ylabel(UNITS[data.columns[1]])
    figure.suptitle("Old Faithful: regions with 20, 50, 80 and 95 % of the fitted distribution", x=0.01, ha="left")
    _save(figure, path)


def training(fits, path):
    """Mean log-density of training and held-out rows by epoch, a panel for each fit."""
    labels = list(next(iter(fits.values())))
    figure, panels = plt.subplots(len(fits), len(labels), figsize=(8, 5), layout="constrained", squeeze=False)
    for row, (name, models) in zip(panels, fits.items(), strict=True):
        for panel, (label, fit) in zip(row, models.items(), strict=True):
            history = fit.history
            curves = [("training", GREY), ("validation", BLUE)]
            for part, color in curves:
                key = "train_log_prob" if part == "training" else "validation_log_prob"
                panel.plot(history["epoch"], history[key], color=color, label=part, linewidth=1.3)
            panel.axvline(fit.facts["best_epoch"], color=ORANGE, linewidth=1, linestyle=":", label="kept")
            # The first epochs would squeeze the rest.
            seen = np.concatenate([history["train_log_prob"], history["validation_log_prob"]])
            bottom, top = np.nanquantile(seen, 0.05), np.nanmax(seen)
            panel.set_ylim(bottom - 0.1 * (top - bottom), top + 0.1 * (top - bottom))
            panel.set_title(f"{name}, {label}")
    for panel in panels[-1]:
        panel.set_xlabel("epoch")
    for row in panels:
        row[0].set_ylabel("mean log-density (nats)")
    panels[0, 0].legend(loc="lower right")
    _save(figure, path)


def samples(data, draws, path):
    """Data and draws: side by side for two columns, otherwise all pairs, data below and draws above the diagonal."""
    data, draws = _in_units(data), _in_units(draws)
    data = data.iloc[: len(draws)]
    (_two_columns if data.shape[1] == 2 else _pairs)(data, draws, path)


def _two_columns(data, draws, path):
    figure, panels = plt.subplots(1, 2, figsize=(8, 3.7), sharex=True, sharey=True, layout="constrained")
    draws = draws.iloc[: len(data)]
    for panel, table, title, color in zip(panels, (data, draws), ("data", "draws"), (GREY, BLUE), strict=True):
        panel.plot(*table.to_numpy().T, ".", color=color, markersize=5, alpha=0.8)
        panel.set(title=title, xlabel=UNITS[data.columns[0]])
    panels[0].set_ylabel(UNITS[data.columns[1]])
    _save(figure, path)


def _pairs(data, draws, path):
    names = list(data)
    low, high = data.quantile(0.002), data.quantile(0.998)
    figure, panels = plt.subplots(len(names), len(names), figsize=(9.5, 9.5), layout="constrained")
    for i, below in enumerate(names):
        for j, left in enumerate(names):
            panel = panels[i, j]
            panel.set_xlim(low[left], high[left])
            panel.tick_params(labelsize=6, labelleft=j == 0 and i > 0, labelbottom=i == len(names) - 1, length=2)
            if i == j:
                bins = np.linspace(low[left], high[left], 40)
                panel.hist(data[left], bins, density=True, color=GREY, alpha=0.5)
                panel.hist(draws[left], bins, density=True, color=BLUE, histtype="step")
                panel.set_yticks([])
            else:
                table, color = (data, GREY) if i > j else (draws, BLUE)
                panel.plot(table[left], table[below], ".", color=color, markersize=2, alpha=0.35, markeredgewidth=0)
                panel.set_ylim(low[below], high[below])
            if i == len(names) - 1:
                panel.set_xlabel(UNITS[left])
            if j == 0:
                panel.set_ylabel(UNITS[below])
    figure.align_ylabels()
    figure.suptitle(f"{len(data):,} diamonds (grey, below) and as many draws (blue, above)", x=0.01, ha="left")
    _save(figure, path)


def residuals(latent, path):
    """Normal quantile plot of each latent dimension."""
    count = latent.shape[1]
    columns = min(count, 4)
    rows = -(-count // columns)
    size = (2.1 * columns, 2.2 * rows) if count > 2 else (6, 3.2)
    figure, panels = plt.subplots(rows, columns, figsize=size, sharex=True, sharey=True, layout="constrained")
    normal = stats.norm.ppf((np.arange(len(latent)) + 0.5) / len(latent))
    edge = 1.1 * normal[-1]
    for i, panel in enumerate(panels.flat):
        if i >= count:
            panel.set_axis_off()
            continue
        panel.plot([-edge, edge], [-edge, edge], color=GREY, linewidth=1)
        # A far outlier is drawn at the edge, so that the others can be seen.
        panel.plot(normal, np.clip(np.sort(latent[:, i]), -2 * edge, 2 * edge), ".", color=BLUE, markersize=3)
        panel.set_title(f"$z_{i + 1}$")
    figure.supxlabel("normal quantile", fontsize=9)
    figure.supylabel("latent residual of a test row", fontsize=9)
    _save(figure, path)
