"""Losses that were recorded: every configuration of a grid, trained several times (tables/README.md says by whom).

An evaluation draws one of the recorded runs; the truth is their mean. Choices have no order, levels of numbers have, as in the recordings.
"""
import functools
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "tables" / "tables.npz"
LEVELS = lambda *sizes: [("int", 0, size - 1) for size in sizes]
KINDS = {
    # Regularisation, batch size, depth, learning rate, width.
    "hpobench": LEVELS(10, 10, 3, 10, 10),
    # Two activations; batch size, two dropouts, rate; schedule; two widths.
    "hpolib": [("choice", 2), ("choice", 2)] + LEVELS(4, 3, 3, 6) + [("choice", 2)] + LEVELS(6, 6),
    # Operations on the six edges of a cell.
    "nasbench201": [("choice", 5)] * 6,
}
NAMES = ("hpobench/australian", "hpobench/phoneme", "hpobench/vehicle", "hpolib/naval_propulsion", "hpolib/slice_localization",
         "nasbench201/cifar10", "nasbench201/imagenet")


@functools.cache
def runs(name):
    with np.load(FILE) as file:
        low, high = file[f"{name}.range"]
        return low + file[name] / 65535.0 * (high - low)


def objective(name):
    """As in objectives.py: (loss, parameters, least, how a loss is observed)."""
    parameters = KINDS[name.split("/")[0]]
    sizes = [it[1] if it[0] == "choice" else it[2] + 1 for it in parameters]
    row = lambda point: runs(name)[np.ravel_multi_index([int(value) for value in point], sizes)]
    loss = lambda point, _: float(row(point).mean())
    return loss, parameters, float(runs(name).mean(axis=1).min()), lambda point, _, random: float(random.choice(row(point)))


TABLES = {name: objective(name) for name in NAMES}
