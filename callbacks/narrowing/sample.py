"""Sample: the windows on which stacks are measured, and what these tell of the target by themselves.

One sample serves all stacks that read the same windows. What the windows tell without any network is a
yardstick for the layers, and bounds what the last one can do. A linear readout of w units gives forecasts
in w directions of the targets, whatever the units compute. With M the best linear forecast from the
window and l_1 >= l_2 .. the variances of its principal components,

    R^2 of any w units  <=  R^2 of the best forecast - (l_{w+1} + l_{w+2} + ..) / Var(target)

since the best forecast of all has cov = cov(M) + cov(what M misses), hence no smaller tail (Weyl), and a
forecast in w directions misses at least that tail (Eckart & Young 1936).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .ridge_probe import Probe, Score, as_told, directions, quantiles
from .split import Split

MOST_OUTPUTS = 32
"""Of more outputs, evenly spaced ones stand for all."""
MOST_COLUMNS = 1000
"""Of a longer window the newest rows that make this many columns are read."""


class Sample:
    """Some windows in the order of time, what should be made of them, and their split in time.

    Args:
        inputs: float (rows, lookback, channels), oldest first.
        targets: float (rows, ...), what the readout should emit for each window; with the scaling `last`
            that is the target less its last value.
        span: windows whose times differ by less share rows of the series: lookback + horizon; 1 for
            windows that share nothing.
        times: int64 (rows,), the row of the first target of each window, not falling; None where each
            window begins one row after the one before.

    Raises:
        ValueError: "the inputs ..." or "the targets ..." for NaN, infinity, or unequal numbers of rows.
    """

    def __init__(
        self, inputs: np.ndarray, targets: np.ndarray, *, span: int, times: np.ndarray | None = None
    ) -> None:
        self.inputs = np.asarray(inputs)
        targets = np.asarray(targets, float).reshape(len(targets), -1)
        self.check("inputs", self.inputs)
        self.check("targets", targets)
        self.split = Split.of(np.arange(self.rows) if times is None else np.asarray(times), span)
        self._every = np.unique(np.linspace(0, targets.shape[1] - 1, MOST_OUTPUTS).astype(int))
        self._outputs = targets.shape[1]
        self.targets = self._turned(targets, targets)
        self._raw = targets

    @property
    def rows(self) -> int:
        """Windows in all."""
        return len(self.inputs)

    def check(self, name: str, values: np.ndarray) -> None:
        """Raise ValueError unless `values` are finite and as many as the windows."""
        if len(values) != self.rows:
            raise ValueError(f"the {name} have {len(values)} rows, the inputs {self.rows}")
        if not np.isfinite(values).all():
            raise ValueError(f"the {name} hold NaN or infinity")

    def forecast(self, outputs: np.ndarray | None) -> Score | None:
        """Return how well forecasts (rows, ...) tell the targets as they are; None where they do not fit."""
        if outputs is None or np.size(outputs) != self.rows * self._outputs or not np.isfinite(outputs).all():
            return None
        return as_told(
            self.targets, self._turned(np.reshape(outputs, self._raw.shape), self._raw), self.split
        )

    def _turned(self, values: np.ndarray, like: np.ndarray) -> np.ndarray:
        """Return values (rows, outputs) along the principal components of `like`, as the targets are."""
        values, like = np.asarray(values, float)[:, self._every], like[:, self._every]
        if self.split.few:
            return values
        train = like[self.split.train]
        return (values - train.mean(axis=0)) @ directions(train)[1]

    @cached_property
    def told(self) -> Score:
        """How well the windows tell the target, by principal components of what they tell, largest first."""
        probe = Probe(np.empty((self.rows, 0)) if self.split.few else self._columns(), self.split)
        if self.split.few:
            return probe.score(self.targets)
        # Components by the test rows themselves: no others leave less to the later ones.
        _, components = directions(probe.predicted(self.targets))
        return probe.score(self.targets @ components)

    def beyond(self, units: int) -> Beyond:
        """Return what `units` numbers, read linearly, cannot tell of the target though the windows do."""
        score = self.told
        tail = (score.spreads - score.errors)[:, units:].sum(axis=1)
        whole = score.spreads.sum(axis=1)
        with np.errstate(invalid="ignore"):
            (low,) = quantiles((score.draws @ tail) / (score.draws @ whole), 0.025)
            return Beyond(float(tail.sum() / whole.sum()), low)

    def _columns(self) -> np.ndarray:
        """Return float64 (rows, columns), the newest rows of the windows in standard deviations."""
        steps = max(1, MOST_COLUMNS // self.inputs.shape[2])
        columns = self.inputs[:, -steps:].reshape(self.rows, -1).astype(float)
        deviation = columns[self.split.train].std(axis=0)
        return columns[:, deviation > 0] / deviation[deviation > 0]


@dataclass(frozen=True)
class Beyond:
    """A share of the target's variance; NaN with too few rows.

    Args:
        value: as computed.
        low: lower end of its 95 % interval (bootstrap over stretches of time).
    """

    value: float
    low: float


def principal(y: np.ndarray, split: Split) -> np.ndarray:
    """Return the principal components of y (rows, targets) by the training rows, the largest first."""
    y = np.asarray(y, float)
    if split.few:
        return y
    return (y - y[split.train].mean(axis=0)) @ directions(y[split.train])[1]
