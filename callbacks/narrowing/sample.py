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

from .other_losses import SQUARED, limits, on_a_line
from .ridge_probe import directions, leading_directions
from .score import Score, quantiles
from .split import Split
from .window_forecast import WindowForecast, outputs

TARGET = "the target's ups and downs"
"""What a network explains a share of, as sentences call it where nothing else is said."""


class Sample:
    """Some windows in the order of time, what should be made of them, and their split in time.

    Args:
        inputs: float (rows, steps, numbers a step), oldest first.
        targets: float (rows, ...), what the readout should emit for each window; with the scaling `last`
            that is the target less its last value.
        span: windows whose times differ by less share rows of the series: lookback + horizon; 1 for
            windows that share nothing.
        times: int64 (rows,), when the first target of each window was, in steps of the series; not falling,
            and one number for windows of several series at one time. None where each window begins one
            step after the one before.
        forecast: of the same targets, learned on windows the networks were trained on; None is one that is
            learned here, on the rows where probes learn too.
        what: the targets, as sentences call them.
        loss: that the networks were trained by: `mse`, `mae`, `huber` or another name. Of others than `mse`
            outliers of the targets are pulled in; see `other_losses`.
        segment: rows of the series that are read at a step, one after the other.

    Raises:
        ValueError: "the inputs ..." or "the targets ..." for NaN, infinity, or unequal numbers of rows.
    """

    def __init__(
        self,
        inputs: np.ndarray,
        targets: np.ndarray,
        *,
        span: int,
        times: np.ndarray | None = None,
        forecast: WindowForecast | None = None,
        what: str = TARGET,
        loss: str = "mse",
        segment: int = 1,
    ) -> None:
        self.inputs, self.what, self.segment = np.asarray(inputs), what, segment
        targets = np.asarray(targets, float).reshape(len(targets), -1)
        self.check("inputs", self.inputs)
        self.check("targets", targets)
        self.split = Split.of(np.arange(self.rows) if times is None else np.asarray(times), span)
        self._outputs, self._raw, self._forecast = targets.shape[1], outputs(targets), forecast
        self._squared = loss in SQUARED or bool(self.split.few)
        if not self._squared:
            self._limits = limits(self._raw[self.split.train])
            self._raw = self._raw.clip(*self._limits)
        self._components = Components.of(self._raw, self.split)
        self.targets = self._components(self._raw)

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

    def own(self, emitted: np.ndarray) -> Own | None:
        """Return how near the forecasts of a network come to the targets on the test rows.

        Args:
            emitted: float (rows, ...), in the unit of the targets.

        Returns:
            None when there are not as many outputs as targets.

        Raises:
            ValueError: as `check` does.
        """
        self.check("outputs", emitted)
        emitted = np.asarray(emitted, float).reshape(self.rows, -1)
        if emitted.shape[1] != self._outputs:
            return None
        told = outputs(emitted)
        if self._squared:
            score = self._score(told)
            return Own(score, score.estimate.value)
        told = told.clip(*self._limits)
        # On a line a network that has learned nothing looks as if it had, so that is asked of it as it is.
        return Own(self._score(on_a_line(told, self._raw, self.split)), self._score(told).estimate.value)

    def _score(self, told: np.ndarray) -> Score:
        return Score.of(self.targets, self._components(told)[self.split.test], self.split)

    @cached_property
    def told(self) -> Score:
        """How well the windows tell the target, by principal components of what they tell, largest first."""
        if self.split.few:
            return Score.of(self.targets, self.targets, self.split)
        found = self._forecast or WindowForecast(self.inputs, self._raw, self.split)
        told = self._components(found(self.inputs[self.split.test]))
        # Components by the test rows themselves: no others leave less to the later ones.
        _, components = directions(told)
        return Score.of(self.targets @ components, told @ components, self.split)

    def beyond(self, units: int) -> Beyond:
        """Return what `units` numbers, read linearly, cannot tell of the target though the windows do."""
        score = self.told
        tail = (score.spreads - score.errors)[:, units:].sum(axis=1)
        whole = score.spreads.sum(axis=1)
        with np.errstate(invalid="ignore"):
            (low,) = quantiles((score.draws @ tail) / (score.draws @ whole), 0.025)
            return Beyond(float(tail.sum() / whole.sum()), low)


@dataclass(frozen=True, eq=False)
class Own:
    """What the forecasts of a network are worth.

    Args:
        score: of them; without null, since nothing is learned on these rows.
        learned: R^2 of the forecasts as they are; `score` is fair to networks that do not forecast the mean.
    """

    score: Score
    learned: float


@dataclass(frozen=True)
class Beyond:
    """A share of the target's variance; NaN with too few rows.

    Args:
        value: as computed.
        low: lower end of its 95 % interval (bootstrap over stretches of time).
    """

    value: float
    low: float


@dataclass(frozen=True, eq=False)
class Components:
    """The principal components of some columns by the training rows, the largest first.

    Args:
        mean: float64 (columns,).
        directions: float64 (columns, columns), orthogonal.
    """

    mean: np.ndarray
    directions: np.ndarray

    @classmethod
    def of(cls, y: np.ndarray, split: Split) -> Components:
        """Find them; with too few rows the columns stay as they are."""
        if split.few:
            return cls(np.zeros(y.shape[1]), np.eye(y.shape[1]))
        y = np.asarray(y[split.train], float)
        return cls(y.mean(axis=0), directions(y)[1])

    def __call__(self, y: np.ndarray) -> np.ndarray:
        """Return float64 (rows, columns), the components of y (rows, columns)."""
        found: np.ndarray = (np.asarray(y, float) - self.mean) @ self.directions
        return found


def principal(y: np.ndarray, split: Split) -> np.ndarray:
    """Return the principal components of y (rows, columns) by the training rows, the largest first.

    Of more columns than training rows all those directions along which the training rows do not move are one
    column, the length of what is in them: what is learned forecasts nothing there, so that squared errors add
    up to those of y all the same, and no matrix of columns x columns is needed.
    """
    if split.few or y.shape[1] <= len(split.train):
        return Components.of(y, split)(y)
    y = np.asarray(y, float) - y[split.train].mean(axis=0, dtype=float)
    told = y @ leading_directions(y[split.train])[1]
    rest = np.sqrt(np.clip(np.square(y).sum(axis=1) - np.square(told).sum(axis=1), 0, None))
    rest[split.train] = 0
    return np.concatenate([told, rest[:, None]], axis=1)
