"""Fits a linear forecast in closed form: ridge regression, its form chosen on validation windows.

With z the scaled target, t the last row of the window, l = 1 .. rows - 1 and h = 1 .. horizon:

    z(t + h) - z(t) = sum_l w(l, h) (z(t - l) - z(t))  [+ b(h) z(t) + a(h)]  [+ sum_l,j v(l, j, h) x_j(t - l)]

The first form in brackets has a level and an intercept: the ordinary autoregression. Without them the
forecast follows a drifting series; with them it falls back to the mean of the training part, which is
right for noise and wrong for drift. The second one reads features x. All is fitted from matrices of second
moments, summed over chunks of windows, so memory does not grow with the number of windows.

Sources: Hoerl & Kennard 1970 (ridge); Zeng et al. 2023, "Are transformers effective for time series
forecasting?", NLinear (subtracting the last value); theirs shares one set of weights among channels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from .best import GAIN
from .errors import UserError
from .linear import Linear

# Times the mean second moment of an input. Larger ones only repeat the last value, a floor of its own.
PENALTIES = tuple(10.0**power for power in range(-8, 2))
MOST_INPUTS = 2000
"""Features are read while the regression has no more inputs than this."""
FORMS = ((False, False), (True, False), (False, True), (True, True))
"""Whether there is a level and an intercept, and whether features are read."""

Chunks = Iterable[tuple[np.ndarray, np.ndarray]]
"""Windows of one target, float64, z: (windows, rows, 1 + features), the target first; (windows, horizon)."""


@dataclass(frozen=True, eq=False)
class Fit:
    """The regression of one target.

    Args:
        weights: float64 (inputs, horizon), in the order of `columns`; 0 for inputs that are not read.
        rows: of the window that are read, the newest ones.
        level: whether the form with level and intercept was chosen.
        features: whether features are read.
        penalty: the member of `PENALTIES` that was chosen.
        error: mean squared error on validation windows, z.
    """

    weights: np.ndarray
    rows: int
    level: bool
    features: bool
    penalty: float
    error: float


def linear_forecast(
    x: np.ndarray, y: np.ndarray, x_validation: np.ndarray, y_validation: np.ndarray
) -> Linear:
    """Fit a linear forecast to windows that are given as arrays, as a stock tuner is given them.

    Args:
        x: (windows, lookback, inputs), scaled; the targets are the first inputs.
        y: (windows, horizon, targets), scaled; the training windows.
        x_validation: likewise, of the windows that choose the form.
        y_validation: likewise.

    Raises:
        UserError: for arrays of other shapes.
    """
    if x.ndim != 3 or y.ndim != 3 or x.shape[2] < y.shape[2] or len(x) != len(y):
        raise UserError(
            "a linear forecast is fitted to x (windows, lookback, inputs) and y (windows, horizon, targets), "
            f"not to {x.shape} and {y.shape}"
        )
    targets = y.shape[2]

    def chunks(x: np.ndarray, y: np.ndarray, target: int) -> Chunks:
        read = [target, *range(targets, x.shape[2])]
        return [(np.asarray(x[:, :, read], float), np.asarray(y[:, :, target], float))]

    fits = [
        fit(chunks(x, y, target), chunks(x_validation, y_validation, target)) for target in range(targets)
    ]
    return joined(fits, x.shape[1])


def fit(train: Chunks, validation: Chunks, like: Fit | None = None) -> Fit:
    """Return the regression of one target that is best on its validation windows.

    Minimises, on the training windows, the squared error (mean over windows, sum over steps) + p s |w|^2,
    with s the mean squared input; the intercept is free. The penalty p is that of the least mean squared
    error on the validation windows. All rows are read and the plain form is taken, unless fewer rows, or a
    form with more in it, are better there by the factor `GAIN` than what was found before. A level must earn
    its place, as it ties the forecast to the mean of a past that may be over. So must features, many more
    numbers to be wrong about, and a shorter past: the penalty already sees to it that old rows do no harm.

    Args:
        train: its training windows.
        validation: its validation windows.
        like: where it is given, all rows are read in the form of this regression and no other one is tried.

    Numerics: float64. The validation error comes from moments too, so differences below about 1e-13 of the
    target's variance are rounding.
    """
    learned, judged = moments(train), moments(validation)
    best: Fit | None = None
    for level, features in FORMS if like is None else [(like.level, like.features and judged.features > 0)]:
        if features and not judged.features:
            continue
        for rows in rows_tried(judged.lookback) if like is None else [judged.lookback]:
            tried = zip(PENALTIES, solve(learned, rows, level, features), strict=True)
            found = min(
                (Fit(w, rows, level, features, penalty, judged.squared_error(w)) for penalty, w in tried),
                key=lambda one: one.error,
            )
            if best is None or found.error < GAIN * best.error:
                best = found
    assert best is not None
    return best


def rows_tried(lookback: int) -> list[int]:
    """Return how many of the newest rows are tried: all, and again and again half of them.

    >>> rows_tried(24)
    [24, 12, 6, 3, 1]
    """
    found = [lookback]
    while found[-1] > 1:
        found.append(found[-1] // 2)
    return found


@dataclass(frozen=True, eq=False)
class Moments:
    """Second moments of windows: the mean of v v', with v the inputs of `columns` and then the outputs.

    Args:
        matrix: float64 (inputs + horizon, inputs + horizon).
        lookback: rows of a window.
        features: columns of a window that are no target; 0 where they are too many to be read.
    """

    matrix: np.ndarray
    lookback: int
    features: int

    @property
    def inputs(self) -> int:
        """Inputs of the regression."""
        return self.lookback * (1 + self.features) + 1

    def squared_error(self, weights: np.ndarray) -> float:
        """Return the mean squared error over windows and steps: E y'y - 2 w'x'y + w'x'x w."""
        n = self.inputs
        xx, xy, yy = self.matrix[:n, :n], self.matrix[:n, n:], self.matrix[n:, n:]
        total = np.trace(yy) - 2 * np.sum(weights * xy) + np.sum(weights * (xx @ weights))
        return float(total / weights.shape[1])


def features_read(lookback: int, features: int) -> int:
    """Return how many features of a window are read: all, or none where that would be too many inputs."""
    return features if lookback * (1 + features) <= MOST_INPUTS else 0


def columns(windows: np.ndarray, features: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs of the regression, (windows, inputs), and the last value, (windows, 1).

    They are the target's rows less its last value, oldest first, that last value, a one, and all features,
    the oldest row first.
    """
    own = windows[:, :, 0]
    last = own[:, -1:]
    read = windows[:, :, 1 : 1 + features].reshape(len(windows), -1)
    return np.concatenate([own[:, :-1] - last, last, np.ones_like(last), read], axis=1), last


def moments(chunks: Chunks) -> Moments:
    """Return the second moments of windows."""
    total: np.ndarray | None = None
    count = 0
    for x, y in chunks:
        lookback = x.shape[1]
        features = features_read(lookback, x.shape[2] - 1)
        inputs, last = columns(x, features)
        both = np.concatenate([inputs, y - last], axis=1)
        total = both.T @ both if total is None else total + both.T @ both
        count += len(x)
    assert total is not None
    return Moments(total / count, lookback, features)


def solve(train: Moments, rows: int, level: bool, features: bool) -> list[np.ndarray]:
    """Return the weights, float64 (inputs, horizon), for each of `PENALTIES`.

    W = (X'X + p s I)^-1 X'Y, through the eigenvalues of X'X, once for all penalties. With a level
    both products are taken around the means, which leaves the intercept without penalty.

    Args:
        train: of the training windows.
        rows: of the window that are read, the newest ones.
        level: whether the form has a level and an intercept; if not, their weights are 0.
        features: whether features are read.
    """
    matrix, lookback, n = train.matrix, train.lookback, train.inputs
    one = lookback
    used = list(range(lookback - rows, lookback if level else lookback - 1))
    if features:
        used += range(lookback + 1 + (lookback - rows) * train.features, n)
    centred = matrix - np.outer(matrix[:, one], matrix[one]) if level else matrix
    eigenvalues, basis = np.linalg.eigh(centred[np.ix_(used, used)])
    rotated = basis.T @ centred[used, n:]
    # Inputs without any spread have nothing to say: the smallest number makes their weights 0.
    unit = max(eigenvalues.sum() / max(len(used), 1), np.finfo(float).tiny)
    found = []
    for penalty in PENALTIES:
        weights = np.zeros((n, rotated.shape[1]))
        weights[used] = basis @ (rotated / (eigenvalues + penalty * unit)[:, None])
        if level:
            weights[one] = matrix[one, n:] - matrix[one, used] @ weights[used]
        found.append(weights)
    return found


def joined(fits: Iterable[Fit], lookback: int) -> Linear:
    """Return the regressions of all targets as one linear forecast, of as many rows as any of them reads."""
    fits = list(fits)
    rows = max(one.rows for one in fits)
    newest = slice(lookback - rows, None)
    own, biases, others = [], [], []
    for one in fits:
        lags, level = one.weights[: lookback - 1], one.weights[lookback - 1]
        # w(l) weighs z(t - l) - z(t), and the last value is added: its own weight is what is left.
        own.append(np.concatenate([lags, (1 + level - lags.sum(axis=0))[None]])[newest])
        biases.append(one.weights[lookback])
        others.append(one.weights[lookback + 1 :])
    features = None
    if any(one.features for one in fits):
        horizon = own[0].shape[1]
        features = np.stack([other.reshape(lookback, -1, horizon)[newest] for other in others], axis=3)
    return Linear(np.stack(own, axis=1), np.stack(biases, axis=1), features)
