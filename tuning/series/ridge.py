"""Ridge autoregression: the linear floor, one direct multi-step regression per target.

With z the scaled target, t the last row of the lookback, l = 1 .. lookback - 1 and h = 1 .. horizon:

    z(t + h) - z(t) = sum_l w(l, h) (z(t - l) - z(t))        [+ b(h) z(t) + a(h)]

The form in brackets has a level and an intercept: the ordinary autoregression. Without them the
forecast follows a drifting series; with them it falls back to the mean of the training part, which is
right for noise and wrong for drift. All is fitted from matrices of second moments, summed over chunks
of windows, so memory grows with (lookback + horizon)^2 and not with the number of windows.

Sources: Hoerl & Kennard 1970 (ridge); Zeng et al. 2023, "Are transformers effective for time series
forecasting?", NLinear (subtracting the last value); theirs shares one set of weights among channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .windows import Windows, past

# Times the mean second moment of an input. Larger ones only repeat the last value, a floor of its own.
PENALTIES = tuple(10.0**power for power in range(-8, 2))
# A level must earn its place on validation: it ties the forecast to the mean of a past that may be over.
LEVEL_GAIN = 0.95
LARGEST_FIT = 100_000
CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Ridge:
    """A fitted ridge autoregression.

    Args:
        windows: the data it was fitted on.
        weights: float64 (targets, lookback + 1, horizon): rows are z(t - lookback + 1) - z(t) up to
            z(t - 1) - z(t), then the level z(t), then the intercept.
        penalties: float64 (targets,), the member of `PENALTIES` chosen for each target.
        levels: bool (targets,), whether the form with level and intercept was chosen.
    """

    windows: Windows
    weights: np.ndarray
    penalties: np.ndarray
    levels: np.ndarray

    def forecast(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 (windows, horizon, targets), raw units.

        Args:
            rows: int64 (windows,), row of the first target of each window.
        """
        windows, scaler = self.windows, self.windows.scaler
        forecast = np.empty((len(rows), windows.horizon, len(windows.series.targets)))
        for target, weights in enumerate(self.weights):
            for part, z in _chunks(windows, target, rows, ahead=0):
                inputs, last = _inputs(z, windows.lookback)
                scaled = inputs @ weights + last
                forecast[part, :, target] = scaled * scaler.std[target] + scaler.mean[target]
        return forecast


def ridge(windows: Windows) -> Ridge:
    """Fit a ridge autoregression for each target from that target's own lookback.

    Minimises, on the training windows, the squared error (mean over windows, sum over steps) + p s |w|^2,
    with s the mean squared input; the intercept is free. The penalty p of `PENALTIES` and the form are
    those of least mean squared error on the validation windows, where the form with level and intercept
    must be better by the factor `LEVEL_GAIN`. At most `LARGEST_FIT` windows of either part are used: a
    sample of fixed seed, since an even stride could meet the same phase of a season each time.

    Args:
        windows: the data; `parts["train"]` and `parts["validation"]` are used, `test` never.

    Returns:
        A `Ridge`; the same for the same windows.

    Edge cases: a lookback of 1 without level leaves only the last value.

    Numerics: float64 on scaled values. The validation error comes from moments too, so differences
    below about 1e-13 of the target's variance are rounding.
    """
    fits = [_fit(windows, target) for target in range(len(windows.series.targets))]
    weights, penalties, levels = zip(*fits, strict=True)
    return Ridge(windows, np.stack(weights), np.array(penalties), np.array(levels))


def _fit(windows: Windows, target: int) -> tuple[np.ndarray, float, bool]:
    """Return the weights, the penalty and the form that are best on validation for one target."""
    train, validation = (moments(windows, target, windows.parts[part]) for part in ("train", "validation"))
    best = {}
    for level in (False, True):
        candidates = solve(train, windows.lookback, level)
        errors = [_squared_error(validation, weights) for weights in candidates]
        least = int(np.argmin(errors))
        best[level] = errors[least], candidates[least], PENALTIES[least]
    level = best[True][0] < LEVEL_GAIN * best[False][0]
    _, weights, penalty = best[level]
    return weights, penalty, level


def moments(windows: Windows, target: int, rows: np.ndarray) -> np.ndarray:
    """Return the second moments of one target's windows, inputs first.

    Args:
        windows: the data.
        target: number of the target column.
        rows: int64 (windows,), of which at most `LARGEST_FIT` are used.

    Returns:
        float64 (n, n), n = lookback + 1 + horizon: mean over windows of v v', with v the inputs
        in the order of `Ridge.weights`, then z(t + 1) - z(t) .. z(t + horizon) - z(t).
    """
    if len(rows) > LARGEST_FIT:
        rows = np.sort(np.random.default_rng(0).choice(rows, LARGEST_FIT, replace=False))
    size = windows.lookback + 1 + windows.horizon
    total = np.zeros((size, size))
    for _, z in _chunks(windows, target, rows, ahead=windows.horizon):
        inputs, last = _inputs(z, windows.lookback)
        both = np.concatenate([inputs, z[:, windows.lookback :] - last], axis=1)
        total += both.T @ both
    return total / len(rows)


def solve(train: np.ndarray, lookback: int, level: bool) -> list[np.ndarray]:
    """Return the weights, float64 (lookback + 1, horizon), for each of `PENALTIES`.

    W = (X'X + p s I)^-1 X'Y, through the eigenvalues of X'X, once for all penalties. With a level
    both products are taken around the means, which leaves the intercept without penalty.

    Args:
        train: `moments` of the training windows.
        lookback: rows of input.
        level: whether the form has a level and an intercept; if not, their weights are 0.
    """
    one, used = lookback, np.arange(lookback if level else lookback - 1)
    centred = train - np.outer(train[:, one], train[one]) if level else train
    eigenvalues, basis = np.linalg.eigh(centred[np.ix_(used, used)])
    rotated = basis.T @ centred[used, one + 1 :]
    # Inputs without any spread have nothing to say: the smallest number makes their weights 0.
    unit = max(eigenvalues.sum() / max(len(used), 1), np.finfo(float).tiny)
    found = []
    for penalty in PENALTIES:
        weights = np.zeros((lookback + 1, rotated.shape[1]))
        weights[used] = basis @ (rotated / (eigenvalues + penalty * unit)[:, None])
        if level:
            weights[one] = train[one, one + 1 :] - train[one, used] @ weights[used]
        found.append(weights)
    return found


def _squared_error(moments: np.ndarray, weights: np.ndarray) -> float:
    """Return the mean squared error of `weights` over windows and steps: E y'y - 2 w'x'y + w'x'x w."""
    inputs = len(weights)
    xx, xy, yy = moments[:inputs, :inputs], moments[:inputs, inputs:], moments[inputs:, inputs:]
    total = np.trace(yy) - 2 * np.sum(weights * xy) + np.sum(weights * (xx @ weights))
    return float(total / weights.shape[1])


def _chunks(
    windows: Windows, target: int, rows: np.ndarray, ahead: int
) -> Iterator[tuple[slice, np.ndarray]]:
    """Yield slices of `rows` and the scaled target from -lookback to +ahead, float64 (windows, time)."""
    mean, std = windows.scaler.mean[target], windows.scaler.std[target]
    scaled = (windows.series.values[:, target] - mean) / std
    for start in range(0, len(rows), CHUNK):
        part = slice(start, start + CHUNK)
        # Seen from `ahead` rows later, all of them are past.
        yield part, scaled[past(rows[part] + ahead, windows.lookback + ahead)]


def _inputs(z: np.ndarray, lookback: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the inputs, in the order of `Ridge.weights`, and the last value, (windows, 1)."""
    last = z[:, lookback - 1 : lookback]
    return np.concatenate([z[:, : lookback - 1] - last, last, np.ones_like(last)], axis=1), last
