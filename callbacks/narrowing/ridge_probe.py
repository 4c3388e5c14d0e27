"""The linear probe all measures share: held-out ridge regression, with a null and an interval.

    B(p) = argmin |Y - X B|^2 + p s_1^2 |B|^2        R^2 = 1 - SSE_test / SST_test

s_1 is the largest singular value of X, and SST_test is taken around the mean of the training rows. The
penalty p is chosen for each target on rows of their own; then the probe is fitted again on all training
rows. One decomposition X = Z V' with orthogonal Z serves every target and penalty:

    Z B = Z (Z'Z + p s_1^2)^-1 Z'Y

It comes from the eigenvectors of X'X (of X X' where there are fewer rows than columns), in a fourth of
the time of an SVD; p is at least 1e-7, so what squaring loses, 1e-16 s_1^2, is never seen. Columns that a
probe is given for nothing enter without penalty (Frisch & Waugh 1933).

Sources: Alain & Bengio 2016 (linear probes); Hoerl & Kennard 1970 (ridge).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .estimate import Estimate
from .split import Split

PENALTIES = tuple(10.0**power for power in range(-7, 2))
NULL_TARGETS = 1
"""The null is made of the first column of the targets, which come in order of their variance: one alone is
explained by chance more easily than many together, so the level errs on the high side."""


@dataclass(frozen=True, eq=False)
class Score:
    """Squared errors of a probe on the test rows.

    Args:
        errors: float64 (blocks, targets), summed over the rows of each stretch of the bootstrap.
        spreads: float64 (blocks, targets), squared distances from the mean of the training rows.
        null: float64 (2, shifts, at most `NULL_TARGETS`), errors and spreads with shifted targets.
        draws: int64 (draws, blocks), from `Split`.
    """

    errors: np.ndarray
    spreads: np.ndarray
    null: np.ndarray
    draws: np.ndarray

    @cached_property
    def estimate(self) -> Estimate:
        """R^2 of all targets together, weighted by their variance."""
        value = r2(self.errors.sum(), self.spreads.sum())
        low, high = quantiles(self.drawn, 0.025, 0.975)
        null = critical(r2(*self.null.sum(axis=2)))
        return Estimate(float(value), low, high, null)

    @cached_property
    def drawn(self) -> np.ndarray:
        """float64 (draws,), R^2 of all targets together in each bootstrap sample."""
        return r2(self.draws @ self.errors.sum(axis=1), self.draws @ self.spreads.sum(axis=1))


def critical(values: np.ndarray) -> float:
    """Return what a twentieth of the values reach, itself counted as one of them; NaN when any value is.

    Of 39 shifts it is the second largest: exceeding it has a chance of exactly 2 in 40.
    """
    ordered = np.sort(values)
    return float(ordered[-max(1, (len(ordered) + 1) // 20)]) if not np.isnan(ordered[-1]) else math.nan


def r2(errors: np.ndarray, spreads: np.ndarray) -> np.ndarray:
    """1 - errors / spreads; NaN where there is nothing to explain."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spreads > 0, 1 - errors / spreads, np.nan)


class Probe:
    """Ridge regressions from some columns to any targets.

    Args:
        x: float (rows, columns) of comparable scale; they are centred here.
        split: of the rows.
    """

    def __init__(self, x: np.ndarray, split: Split) -> None:
        x = np.asarray(x, float)
        self.split = split
        if split.few:
            return
        self._inner = _Decomposition(x[split.fit], x[split.choose])
        self._outer = _Decomposition(x[split.train], x[split.test])

    def score(self, y: np.ndarray, given: np.ndarray | None = None) -> Score:
        """Return how well the columns tell the targets of their own and of another time.

        Args:
            y: float (rows, targets).
            given: float (rows, few), further columns that enter without penalty.

        Returns:
            A `Score`; with too few rows one of which every R^2 is NaN.
        """
        y, few = np.asarray(y, float), min(y.shape[1], NULL_TARGETS)
        given = np.empty((len(y), 0)) if given is None else np.asarray(given, float)
        split, own = self.split, y.shape[1]
        if split.few:
            none = np.zeros((1, own))
            return Score(none, none, np.zeros((2, len(split.orders), few)), np.ones((1, 1)))
        y = np.concatenate([y, *(y[order, :few] for order in split.orders)], axis=1)
        predicted = self.predict(y, given, self._choose(y, given))
        squares = np.stack(
            [np.square(y[split.test] - predicted), np.square(y[split.test] - y[split.train].mean(axis=0))]
        )
        errors, spreads = (_sums(each[:, :own], split.blocks) for each in squares)
        null = squares[:, :, own:].sum(axis=1).reshape(2, len(split.orders), few)
        return Score(errors, spreads, null, split.draws)

    def predicted(self, y: np.ndarray) -> np.ndarray:
        """Return float64 (test rows, targets), what the columns tell of y (rows, targets)."""
        given = np.empty((len(y), 0))
        return self.predict(y, given, self._choose(y, given))

    def predict(self, y: np.ndarray, given: np.ndarray, penalties: np.ndarray) -> np.ndarray:
        """Return float64 (test rows, targets), learned from the training rows.

        Args:
            y: float64 (rows, targets).
            given: float64 (rows, few).
            penalties: float64 (targets,).
        """
        train, test = self.split.train, self.split.test
        fitted = _Fitted(self._outer, y[train], given[train])
        predicted = np.empty((len(test), y.shape[1]))
        for penalty in np.unique(penalties):
            mine = penalties == penalty
            predicted[:, mine] = fitted.predict(given[test], penalty, mine)
        return predicted

    def _choose(self, y: np.ndarray, given: np.ndarray) -> np.ndarray:
        """Return for each target the penalty of least squared error on the rows to choose on."""
        fit, choose = self.split.fit, self.split.choose
        fitted = _Fitted(self._inner, y[fit], given[fit])
        errors = [
            np.square(y[choose] - fitted.predict(given[choose], penalty)).sum(axis=0) for penalty in PENALTIES
        ]
        return np.array(PENALTIES)[np.argmin(errors, axis=0)]


class _Decomposition:
    """Columns X, and `held` rows of them, in coordinates Z = X `basis` with Z'Z = diag(`strengths`)."""

    def __init__(self, x: np.ndarray, held: np.ndarray) -> None:
        mean = x.mean(axis=0)
        self.x = x - mean
        if len(x) < x.shape[1]:
            self.strengths, vectors = _leading(self.x @ self.x.T)
            self.basis = self.x.T @ (vectors / np.sqrt(self.strengths))
        else:
            self.strengths, self.basis = _leading(self.x.T @ self.x)
        self.held = (held - mean) @ self.basis

    def times(self, y: np.ndarray) -> np.ndarray:
        """Return Z'y without making Z."""
        return self.basis.T @ (self.x.T @ y)


def _leading(gram: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues and eigenvectors of a Gram matrix, without those that are rounding."""
    values, vectors = np.linalg.eigh(gram)
    leading = values > 1e-12 * values.max(initial=0.0)
    return values[leading], vectors[:, leading]


class _Fitted:
    """Ridge regressions of y on a decomposition, and on given columns without penalty.

    With D = diag(strengths + p s_1^2) the given columns G have the weights
    (G'G - G'Z D^-1 Z'G)^-1 (G'Y - G'Z D^-1 Z'Y), and Z those of the ridge on what G leaves.
    """

    def __init__(self, on: _Decomposition, y: np.ndarray, given: np.ndarray) -> None:
        self.on, self.mean, self.given_mean = on, y.mean(axis=0), given.mean(axis=0)
        given = given - self.given_mean
        self.zy, self.gy = on.times(y - self.mean), given.T @ (y - self.mean)
        self.zg, self.gg = on.times(given), given.T @ given

    def predict(self, given: np.ndarray, penalty: float, which: Any = slice(None)) -> np.ndarray:
        """Return float64 (held rows, targets), for some targets or all."""
        strengths, zy = self.on.strengths, self.zy[:, which]
        d = (strengths + penalty * strengths.max(initial=0.0))[:, None]
        if not given.shape[1]:
            return self.mean[which] + self.on.held @ (zy / d)
        left = self.gg - self.zg.T @ (self.zg / d)
        g_weights = np.linalg.pinv(left, rcond=1e-10, hermitian=True) @ (
            self.gy[:, which] - self.zg.T @ (zy / d)
        )
        z_weights = (zy - self.zg @ g_weights) / d
        return self.mean[which] + self.on.held @ z_weights + (given - self.given_mean) @ g_weights


def as_told(y: np.ndarray, forecast: np.ndarray, split: Split) -> Score:
    """Return how well given forecasts of y (rows, targets), which learned nothing here, tell it."""
    none = np.full((2, len(split.orders), 1), np.nan)
    if split.few:
        return Score(np.zeros((1, y.shape[1])), np.zeros((1, y.shape[1])), none, np.ones((1, 1)))
    errors = np.square(y[split.test] - forecast[split.test])
    spreads = np.square(y[split.test] - y[split.train].mean(axis=0))
    return Score(_sums(errors, split.blocks), _sums(spreads, split.blocks), none, split.draws)


def _sums(squares: np.ndarray, blocks: np.ndarray) -> np.ndarray:
    """Sum the rows (rows, targets) of each stretch: (stretches, targets); rows are in order."""
    return np.add.reduceat(squares, np.flatnonzero(np.diff(blocks, prepend=-1)), axis=0)


def directions(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return variances, times rows, and principal directions (as columns) of y (rows, columns), falling."""
    centred = y - y.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    return values[::-1], vectors[:, ::-1]


def quantiles(values: np.ndarray, *shares: float) -> list[float]:
    """Return `np.quantile` of a few hundred values, without its overhead; NaN when any value is."""
    ordered = np.sort(values)
    if np.isnan(ordered[-1]):
        return [math.nan for _ in shares]
    return np.interp(np.multiply(shares, len(ordered) - 1), np.arange(len(ordered)), ordered).tolist()
