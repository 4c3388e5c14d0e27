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
from typing import Any

import numpy as np

from .score import Score, r2, squares
from .split import Split

PENALTIES = tuple(10.0**power for power in range(-7, 2))
NULL_TARGETS = 2
"""The null is made of the first columns of the targets; they come in order of their variance."""


class Probe:
    """Ridge regressions from some columns to any targets.

    Args:
        x: float (rows, columns) of comparable scale; they are centred here.
        split: of the rows.
    """

    def __init__(self, x: np.ndarray, split: Split) -> None:
        x = np.asarray(x, float)
        self.split, self._columns = split, x.shape[1]
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
            return Score.of(y, y, split)
        y = np.concatenate([y, *(y[order, :few] for order in split.orders)], axis=1)
        penalties, left = self._choose(y, given)
        errors, spreads = squares(y, self.predict(y, given, penalties), split)
        null = np.stack([errors, spreads])[:, :, own:].sum(axis=1).reshape(2, len(split.orders), few)
        chosen = self._chosen(y[:, :own], left[:own])
        return Score.summed(errors[:, :own], spreads[:, :own], null, split, chosen)

    def learned(self, y: np.ndarray) -> Learned:
        """Return what the training rows tell of y (rows, targets), to be used on other rows."""
        if self.split.few:
            return Learned(np.zeros((self._columns, y.shape[1])), np.zeros(y.shape[1]))
        none, train = np.empty((len(y), 0)), self.split.train
        penalties, left = self._choose(y, none)
        fitted = _Fitted(self._outer, y[train], none[train])
        weights = self._outer.basis @ (fitted.zy / self._outer.penalised(penalties))
        return Learned(weights, fitted.mean - self._outer.mean @ weights, self._chosen(y, left))

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

    def _choose(self, y: np.ndarray, given: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return for each target the penalty of least squared error where it is chosen, and that error."""
        fit, choose = self.split.fit, self.split.choose
        fitted = _Fitted(self._inner, y[fit], given[fit])
        errors = [
            np.square(y[choose] - fitted.predict(given[choose], penalty)).sum(axis=0) for penalty in PENALTIES
        ]
        return np.array(PENALTIES)[np.argmin(errors, axis=0)], np.min(errors, axis=0)

    def _chosen(self, y: np.ndarray, left: np.ndarray) -> float:
        """Return R^2 of y (rows, targets) on the rows to choose on, where errors (targets,) are left."""
        mean = y[self.split.fit].mean(axis=0)
        return float(r2(left.sum(), np.square(y[self.split.choose] - mean).sum()))


@dataclass(frozen=True, eq=False)
class Learned:
    """A linear forecast.

    Args:
        weights: float64 (columns, targets).
        offset: float64 (targets,).
        chosen: R^2 on the rows that the penalties were chosen on; NaN where nothing was learned.
    """

    weights: np.ndarray
    offset: np.ndarray
    chosen: float = math.nan

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return float64 (rows, targets) for x (rows, columns)."""
        found: np.ndarray = x @ self.weights + self.offset
        return found


class _Decomposition:
    """Columns X, and `held` rows of them, in coordinates Z = X `basis` with Z'Z = diag(`strengths`)."""

    def __init__(self, x: np.ndarray, held: np.ndarray) -> None:
        self.mean = x.mean(axis=0)
        self.x = x - self.mean
        if len(x) < x.shape[1]:
            self.strengths, vectors = _leading(self.x @ self.x.T)
            self.basis = self.x.T @ (vectors / np.sqrt(self.strengths))
        else:
            self.strengths, self.basis = _leading(self.x.T @ self.x)
        self.held = (held - self.mean) @ self.basis

    def penalised(self, penalty: float | np.ndarray) -> np.ndarray:
        """Return the diagonal of D, float64 (strengths, 1), or (strengths, targets) for a penalty of each."""
        found: np.ndarray = self.strengths[:, None] + penalty * self.strengths.max(initial=0.0)
        return found

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
        zy, d = self.zy[:, which], self.on.penalised(penalty)
        if not given.shape[1]:
            return self.mean[which] + self.on.held @ (zy / d)
        left = self.gg - self.zg.T @ (self.zg / d)
        g_weights = np.linalg.pinv(left, rcond=1e-10, hermitian=True) @ (
            self.gy[:, which] - self.zg.T @ (zy / d)
        )
        z_weights = (zy - self.zg @ g_weights) / d
        return self.mean[which] + self.on.held @ z_weights + (given - self.given_mean) @ g_weights


def leading_directions(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `directions` without those along which y (rows, columns) does not move.

    Of more columns than rows it takes the cube of the rows, not of the columns.
    """
    if len(y) >= y.shape[1]:
        return directions(y)
    found = _Decomposition(np.asarray(y, float), np.empty((0, y.shape[1])))
    return found.strengths[::-1], found.basis[:, ::-1]


def directions(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return variances, times rows, and principal directions (as columns) of y (rows, columns), falling."""
    centred = y - y.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    return values[::-1], vectors[:, ::-1]
