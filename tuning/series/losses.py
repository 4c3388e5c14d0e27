"""The training losses, in NumPy, and those of a linear forecast."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ...search_spaces.linear import Linear
from .epoch_rows import evaluation_rows
from .windows import Windows

CHUNK = 4096


def mean_loss(loss: str, error: np.ndarray) -> float:
    """Return the mean of a loss over all errors (windows, horizon, targets), as Keras has it; huber's delta
    is 1."""
    return float(each_loss(loss, error).mean())


def each_loss(loss: str, error: np.ndarray) -> np.ndarray:
    """Return the loss of each error, float64; see `mean_loss`."""
    error = np.abs(np.asarray(error, float))
    if loss == "mse":
        return np.square(error)
    if loss == "mae":
        return error
    return np.where(error <= 1, 0.5 * np.square(error), error - 0.5)


def linear_losses(linear: Linear, windows: Windows, loss: str) -> tuple[float, float]:
    """Return the loss of a linear forecast on training windows and on those that epochs are validated on.

    Args:
        linear: fitted to these windows.
        windows: the data.
        loss: `mse`, `mae` or `huber`.
    """

    def chunks(rows: np.ndarray) -> Iterator[float]:
        for first in range(0, len(rows), CHUNK):
            some = rows[first : first + CHUNK]
            yield len(some) * mean_loss(loss, linear(windows.inputs(some)) - windows.targets(some))

    parts = (evaluation_rows(windows, part) for part in ("train", "validation"))
    train, validation = (sum(chunks(rows)) / len(rows) for rows in parts)
    return train, validation
