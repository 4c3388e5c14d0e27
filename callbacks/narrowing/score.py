"""Score: how far forecasts of some targets are off on the test rows, and what can be said of it.

    R^2 = 1 - errors / spreads

Errors and spreads are kept by stretches of time, so that two scores on the same rows can be compared. The
difference of two R^2 of the same targets is a ratio of sums over the stretches, D / S with D = sum d_b and
S = sum s_b. Its standard error is that of the residuals u_b = d_b - (D / S) s_b (ratio estimator, Cochran
1977, section 2.9), and its interval Student's with one degree of freedom less than there are stretches: a
bootstrap of five to ten stretches gives intervals that are too short.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .estimate import Estimate
from .split import CHANCE, Split


@dataclass(frozen=True, eq=False)
class Score:
    """Squared errors on the test rows.

    Args:
        errors: float64 (blocks, targets), summed over the rows of each stretch of the bootstrap.
        spreads: float64 (blocks, targets), squared distances from the mean of the training rows.
        null: float64 (2, shifts, few targets), errors and spreads with shifted targets; no shifts where
            nothing was learned.
        draws: int64 (draws, blocks), from `Split`.
        chosen: R^2 on the rows that a penalty was chosen on; among several probes the one where it is
            largest is judged, so that none is chosen on the rows that judge it. NaN where nothing was chosen.
    """

    errors: np.ndarray
    spreads: np.ndarray
    null: np.ndarray
    draws: np.ndarray
    chosen: float = math.nan

    @classmethod
    def of(cls, y: np.ndarray, predicted: np.ndarray, split: Split) -> Score:
        """Return the score of forecasts (test rows, targets) of y (rows, targets); without null."""
        return cls.summed(*squares(y, predicted, split), np.zeros((2, 0, 1)), split)

    @classmethod
    def summed(
        cls, errors: np.ndarray, spreads: np.ndarray, null: np.ndarray, split: Split, chosen: float = math.nan
    ) -> Score:
        """Return the score of squares (test rows, targets); with too few rows one whose every R^2 is NaN."""
        if split.few:
            none = np.zeros((1, errors.shape[1]))
            return cls(none, none, null, np.ones((1, 1)))
        return cls(_sums(errors, split.blocks), _sums(spreads, split.blocks), null, split.draws, chosen)

    @cached_property
    def estimate(self) -> Estimate:
        """R^2 of all targets together, weighted by their variance."""
        value = r2(self.errors.sum(), self.spreads.sum())
        low, high = quantiles(self.drawn, 0.025, 0.975)
        return Estimate(float(value), low, high, by_chance(r2(*self.null.sum(axis=2))))

    @cached_property
    def drawn(self) -> np.ndarray:
        """float64 (draws,), R^2 of all targets together in each bootstrap sample."""
        return r2(self.draws @ self.errors.sum(axis=1), self.draws @ self.spreads.sum(axis=1))

    def above(self, other: Score, confidence: float = 0.95) -> Gap:
        """Return by how much this R^2 is above that of another score of the same targets."""
        difference = (other.errors - self.errors).sum(axis=1)
        spreads = self.spreads.sum(axis=1)
        if not spreads.sum() > 0 or len(spreads) < 2:
            return Gap(math.nan, math.nan, math.nan)
        value = float(difference.sum() / spreads.sum())
        count = len(spreads)
        squared = np.square(difference - value * spreads).sum() * count / (count - 1)
        half = _student(count - 1, confidence) * math.sqrt(squared) / float(spreads.sum())
        return Gap(value, value - half, value + half)


@dataclass(frozen=True)
class Gap:
    """A difference of two R^2; NaN where it is not known.

    Args:
        value: as computed.
        low, high: ends of its interval.
    """

    value: float
    low: float
    high: float

    def less(self, share: float) -> Gap:
        """Return the gap that is left when `share` of it is accounted for."""
        return Gap(self.value - share, self.low - share, self.high - share)


def squares(y: np.ndarray, predicted: np.ndarray, split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Return squared errors of forecasts (test rows, targets), and squared distances from the mean."""
    if split.few:
        return np.zeros((0, y.shape[1])), np.zeros((0, y.shape[1]))
    test = y[split.test]
    return np.square(test - predicted), np.square(test - y[split.train].mean(axis=0))


def r2(errors: np.ndarray, spreads: np.ndarray) -> np.ndarray:
    """1 - errors / spreads; NaN where there is nothing to explain."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spreads > 0, 1 - errors / spreads, np.nan)


def by_chance(shifted: np.ndarray) -> float:
    """Return what an R^2 passes in one case of 20 where nothing is told, by those of all shifts, or NaN."""
    found = np.sort(shifted[np.isfinite(shifted)])
    return float(found[-CHANCE]) if len(found) >= CHANCE else math.nan


def quantiles(values: np.ndarray, *shares: float) -> list[float]:
    """Return `np.quantile` of a few hundred values, without its overhead; NaN when any value is."""
    ordered = np.sort(values)
    if np.isnan(ordered[-1]):
        return [math.nan for _ in shares]
    return np.interp(np.multiply(shares, len(ordered) - 1), np.arange(len(ordered)), ordered).tolist()


def _sums(squared: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Sum the rows (rows, targets) of each stretch: (stretches, targets); rows are in order."""
    return np.add.reduceat(squared, np.flatnonzero(np.diff(blocks, prepend=-1)), axis=0)


def _student(freedom: int, confidence: float) -> float:
    """Return the quantile of Student's t that a two-sided interval of this confidence reaches to."""
    # Imported late: SciPy takes longer to load than a picture takes to draw.
    from scipy.special import stdtrit

    return float(stdtrit(freedom, (1 + confidence) / 2))
