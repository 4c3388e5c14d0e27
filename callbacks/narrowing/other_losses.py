"""The forecasts of networks that were not trained by squared error, read so that R^2 is fair to them.

Measured is squared error, which a forecast of the mean makes least. A network that was trained by absolute
error forecasts the median, and where errors are skewed, as in sales, that is another number: with
y = m e, e lognormal, the median of y is m and the mean m times a constant. So each output is put on the line
through the targets first, a + b times the output by least squares on the training rows of the probes. That
would let a network that has learned nothing look as if it had; so whether it has is asked of its absolute
error, against that of the best constant:

    1 - sum |y - output| / sum |y - median of the training rows|
"""

from __future__ import annotations

import numpy as np

from .split import Split

SQUARED = "", "mse"
"""Names of losses that make a network forecast the mean; without a name none is known to be another."""


def on_a_line(emitted: np.ndarray, targets: np.ndarray, split: Split) -> np.ndarray:
    """Return float64 (rows, outputs), each output moved and stretched to fit its target on `train` rows.

    Args:
        emitted: float64 (rows, outputs).
        targets: float64 (rows, outputs).
        split: of the rows. An output that does not move becomes the mean of its target.
    """
    x, y = emitted[split.train], targets[split.train]
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    moves = np.square(x - x_mean).sum(axis=0)
    together = ((x - x_mean) * (y - y_mean)).sum(axis=0)
    slope = np.divide(together, moves, out=np.zeros_like(moves), where=moves > 0)
    found: np.ndarray = y_mean + (emitted - x_mean) * slope
    return found


def absolute(emitted: np.ndarray, targets: np.ndarray, split: Split) -> float:
    """Return the share of the absolute error of the best constant that forecasts save on the test rows.

    Args:
        emitted: float64 (rows, outputs), as the network gave them.
        targets: float64 (rows, outputs).
        split: of the rows.

    Returns:
        At most 1, below 0 for forecasts that are worse than the constant; NaN for targets that do not move.
    """
    test, constant = targets[split.test], np.median(targets[split.train], axis=0)
    whole = np.abs(test - constant).sum()
    return float(1 - np.abs(test - emitted[split.test]).sum() / whole) if whole > 0 else float("nan")
