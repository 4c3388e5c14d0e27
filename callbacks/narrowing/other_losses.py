"""Networks that were not trained by squared error, seen so that verdicts are fair to them.

All measures are of squared error, which outliers make nearly alone and which a forecast of the mean makes
least. A network that was trained by absolute error (or Huber's) minds outliers little and forecasts the
median. So targets and forecasts that are far out count as if they stood at the limits

    median +- 3 * 1.4826 * median |y - median|        (three standard deviations, were y normal)

and where errors are skewed, as in sales, each output of the network is put on the line through its target
first: of y = m e with lognormal e the median is m and the mean is m times a constant.

Sources: the robust standard deviation is that of Hampel 1974; pulling outliers in is winsorising.
"""

from __future__ import annotations

import numpy as np

from .split import Split

SQUARED = "", "mse"
"""Names of losses that make a network forecast the mean; without a name none is known to be another."""
FAR = 3 * 1.4826


def limits(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far down and up a target counts, float64 (outputs,) each.

    Args:
        y: float64 (rows, outputs). An output of which half is one number, as sales of a slow article are,
            has no limits: its few other numbers are no outliers.
    """
    median = np.median(y, axis=0)
    away = FAR * np.median(np.abs(y - median), axis=0)
    away[away == 0] = np.inf
    return median - away, median + away


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
