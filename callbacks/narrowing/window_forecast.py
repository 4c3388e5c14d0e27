"""WindowForecast: what windows tell of their targets without any network.

A ridge regression on the numbers of a window, or on these and their most telling products (`products`),
whichever is better on rows of its own. It is the yardstick for a network, and best learned on windows that
the network was trained on: then both are as far from the rows that judge them, and a series that drifts away
from what it was is no fault of a narrow layer.
"""

from __future__ import annotations

import numpy as np

from .other_losses import SQUARED, limits
from .products import Products
from .ridge_probe import Learned, Probe
from .split import Split

MOST_OUTPUTS = 32
"""Of more outputs, evenly spaced ones stand for all."""
MOST_COLUMNS = 1000
"""Of a longer window the newest rows that make this many columns are read."""


class WindowForecast:
    """Learns when it is made, from the `train` rows of a split; the `test` rows are not looked at.

    Args:
        inputs: float (rows, lookback, channels), oldest first.
        targets: float (rows, outputs), at most `MOST_OUTPUTS`; see `outputs`.
        split: of the rows; with too few rows nothing is learned.
    """

    def __init__(self, inputs: np.ndarray, targets: np.ndarray, split: Split) -> None:
        columns = _flat(inputs)
        deviation = columns[split.train].std(axis=0)
        self._moves = deviation > 0
        self._scale = deviation[self._moves]
        columns = self._standardised(columns)
        self._products: Products | None = None
        self._learned = Probe(columns, split).learned(targets)
        if split.few:
            return
        # In what a linear forecast leaves open: products go along with what it tells already.
        missed = targets - self._learned(columns)
        products = Products.found(columns[split.fit], missed[split.fit])
        more = Probe(products(columns), split).learned(targets)
        if more.chosen > self._learned.chosen:
            self._products, self._learned = products, more

    @classmethod
    def of(
        cls, inputs: np.ndarray, targets: np.ndarray, *, span: int, times: np.ndarray, loss: str = "mse"
    ) -> WindowForecast:
        """Learn from all of some windows; the arguments are those of `Sample`."""
        told = outputs(targets)
        return cls(inputs, told if loss in SQUARED else told.clip(*limits(told)), Split.to_learn(times, span))

    def __call__(self, inputs: np.ndarray) -> np.ndarray:
        """Return float64 (rows, outputs), the forecasts for other windows of the same shape."""
        columns = self._standardised(_flat(inputs))
        learned: Learned = self._learned
        return learned(columns if self._products is None else self._products(columns))

    def _standardised(self, columns: np.ndarray) -> np.ndarray:
        return columns[:, self._moves] / self._scale


def outputs(targets: np.ndarray) -> np.ndarray:
    """Return float64 (rows, at most `MOST_OUTPUTS`), what stands for all outputs of targets (rows, ...)."""
    targets = np.asarray(targets, float).reshape(len(targets), -1)
    return targets[:, np.unique(np.linspace(0, targets.shape[1] - 1, MOST_OUTPUTS).astype(int))]


def _flat(inputs: np.ndarray) -> np.ndarray:
    """Return float64 (rows, columns), the newest rows of windows (rows, lookback, channels)."""
    steps = max(1, MOST_COLUMNS // inputs.shape[2])
    return inputs[:, -steps:].reshape(len(inputs), -1).astype(float)
