"""Which windows an epoch trains on and is validated on; the same in every engine.

An epoch is one pass over the training windows. Of a long series it is `MOST_WINDOWS` of them, drawn anew
for each epoch, and as many validation windows, drawn once: what a search shows, when it ends a trial and
how soon it hears Ctrl-C then depend on the training done and not on the length of the series.
"""

from __future__ import annotations

import math

import numpy as np

from .windows import Windows

MOST_WINDOWS = 10_000
EVALUATION_BATCH = 512
"""Windows that Keras validates at once."""


def training_rows(windows: Windows, seed: int, epoch: int) -> np.ndarray:
    """Return the first-target rows, int64, that an epoch (from 1) trains on, in their order.

    A function of seed and epoch alone, so that every engine trains on the same batches and a trial
    that goes on after a break sees what it would have seen.
    """
    rows = windows.parts["train"]
    return rows[np.random.default_rng([seed, epoch]).permutation(len(rows))[:MOST_WINDOWS]]


def training_steps(windows: Windows, batch_size: int) -> int:
    """Return how many batches an epoch has; the last one may be smaller."""
    return math.ceil(min(len(windows.parts["train"]), MOST_WINDOWS) / batch_size)


def measured_rows(windows: Windows, wanted: int, part: str = "validation") -> np.ndarray:
    """Return the first-target rows, int64, of at most `wanted` windows of a part, always the same.

    They are what the measures of a trained network are taken on, in the order of time: windows of several
    series at one moment stand beside each other.
    """
    rows = windows.parts[part]
    drawn = np.random.default_rng(0).choice(len(rows), min(len(rows), wanted), replace=False)
    rows = rows[np.sort(drawn)]
    return rows[np.argsort(windows.moments[rows], kind="stable")]


def validation_rows(windows: Windows) -> np.ndarray:
    """Return the first-target rows, int64, rising, that every epoch of every trial is validated on."""
    return evaluation_rows(windows, "validation")


def evaluation_rows(windows: Windows, part: str) -> np.ndarray:
    """Return the first-target rows, int64, rising, of at most `MOST_WINDOWS` windows of a part."""
    rows = windows.parts[part]
    if len(rows) <= MOST_WINDOWS:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, MOST_WINDOWS, replace=False))
