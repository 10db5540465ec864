"""The main job in Python: describe flows, fit them to real data, score, sample, save, load, and draw.

`make demo` runs it after examples/data.R, which writes the data, and examples/main-job.R, which does the same work in
R; the densities that R got are compared with those got here.
"""

import sys
from pathlib import Path

import figures
import numpy as np
import pandas as pd
from scipy import stats

import pyflows as pf

DEMO = Path("demo")
SEED = 1

flows = {
    "affine/PReLU": pf.flow(*[pf.affine(), pf.prelu()] * 6, pf.affine()),
    "MAF": pf.maf(layers=5, hidden=(64, 64)),
}
options = {
    "faithful": {"epochs": 400, "batch_size": 32, "patience": 100},
    "diamonds": {"epochs": 40, "learning_rate": 2e-3},
}


def read_parts(name):
    """The training, validation and test rows of a table."""
    table = pd.read_csv(DEMO / f"{name}.csv")
    return {part: rows.drop(columns="part") for part, rows in table.groupby("part")}


def normal_log_prob(train, test):
    """Multivariate normal, by maximum likelihood; standardised first, as the columns' units differ widely."""
    mean, sd = train.mean(), train.std()
    scaled = stats.multivariate_normal(np.zeros(len(mean)), np.cov((train - mean) / sd, rowvar=False, bias=True))
    return scaled.logpdf((test - mean) / sd) - np.log(sd).sum()


def kernel_log_prob(train, test):
    """Kernel density estimate: normal kernels shaped like the data, Scott's bandwidth."""
    return stats.gaussian_kde(train.T).logpdf(test.T)


def work(name):
    """Everything for one table: the fits, and the log-density of each test row under each model."""
    parts = read_parts(name)
    train, test = parts["train"], parts["test"]
    scores = {"normal": normal_log_prob(train, test)}
    if name == "faithful":
        scores["kernel density"] = kernel_log_prob(train, test)
    fits = {}
    for label, flow in flows.items():
        print(f"\n{name}, {label}")
        fit = pf.fit(flow, train, validation=parts["validation"], seed=SEED, **options[name])
        print(fit)
        scores[label] = pf.log_prob(fit, test)
        check_file(fit, test, DEMO / f"py-{name}-{label.replace('/', '-').lower()}.flow")
        fits[label] = fit
    return parts, fits, scores


def check_file(fit, test, path):
    """Save, load, and see that nothing changed."""
    pf.save(fit, path)
    again = pf.load(path)
    same = np.array_equal(pf.log_prob(again, test), pf.log_prob(fit, test))
    print(f"  loaded from {path}: {'the same densities' if same else 'DIFFERENT densities'}")
    if not same:
        sys.exit(1)


def show_table(scores):
    """Held-out log-density, and its standard error over the rows."""
    print("\nMean log-density of the test rows, in nats a row (standard error)\n")
    for name, models in scores.items():
        print(f"  {name}, {len(models['normal']):,} rows")
        for label, values in models.items():
            error = values.std(ddof=1) / len(values) ** 0.5
            print(f"    {label:<16}{values.mean():>9.3f}  ({error:.3f})")


def compare_with_r(scores):
    """Did R, with the same seed, get the same densities?"""
    path = DEMO / "r-log-prob.csv"
    if not path.exists():
        print(f"\nNo {path}: run examples/main-job.R first to compare with R.")
        return
    other = pd.read_csv(path)
    differences = [
        np.abs(other.query("data == @name and model == @label")["log_prob"].to_numpy() - models[label])
        for name, models in scores.items()
        for label in flows
    ]
    worst = np.concatenate(differences).max()
    count = sum(map(len, differences))
    if not worst <= 1e-5:
        sys.exit(f"\nR and Python, same seed: {count:,} densities of test rows DIFFER, by up to {worst:.2g} nats.")
    print(f"\nR and Python, same seed: {count:,} densities of test rows agree to 1e-5 (largest difference {worst:.1g})")


results = {name: work(name) for name in options}
scores = {name: result[2] for name, result in results.items()}

figures.training({name: fits for name, (_, fits, _) in results.items()}, DEMO / "py-training.png")
for name, (parts, fits, _) in results.items():
    draws = pd.DataFrame(pf.sample(fits["MAF"], 2000, seed=SEED), columns=parts["test"].columns)
    figures.samples(parts["train"], draws, DEMO / f"py-{name}-samples.png")
    figures.residuals(pf.inverse(fits["MAF"], parts["test"]), DEMO / f"py-{name}-residuals.png")
figures.contours(results["faithful"][0]["train"], results["faithful"][1], DEMO / "py-faithful-density.png")

show_table(scores)
compare_with_r(scores)
