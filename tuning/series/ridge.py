"""Ridge autoregression: the linear floor, and the linear forecast that an LSTM stack may add to.

One direct multi-step regression for each target from its own past, and from that of the features where this
is better on validation; how it is fitted stands in `search_spaces.linear_fit`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ...search_spaces.linear import Linear
from ...search_spaces.linear_fit import (
    PENALTIES,
    Chunks,
    Fit,
    features_read,
    fit,
    joined,
    moments,
    solve,
)
from .windows import Windows, past

LARGEST_FIT = 100_000
CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Ridge:
    """A fitted ridge autoregression.

    Args:
        windows: the data it was fitted on.
        fits: of each target.
    """

    windows: Windows
    fits: tuple[Fit, ...]

    @cached_property
    def linear(self) -> Linear:
        """The forecast of scaled windows."""
        return joined(self.fits, self.windows.lookback)

    def forecast(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 (windows, horizon, targets), raw units.

        Args:
            rows: int64 (windows,), row of the first target of each window.
        """
        windows, targets = self.windows, len(self.windows.series.targets)
        linear, z = self.linear, windows.exact_data()
        inputs = range(targets if linear.features is None else z.shape[1])
        z = z[:, : len(inputs)]
        read = linear.rows if windows.own is None else windows.lookback
        forecast = np.empty((len(rows), windows.horizon, targets))
        for part in _slices(len(rows)):
            z_read = windows.of_own_size(z[past(rows[part], read)], inputs=inputs)
            forecast[part] = windows.raw(linear(z_read), rows[part])
        return forecast


def ridge(windows: Windows, like: Ridge | None = None) -> Ridge:
    """Fit a ridge autoregression for each target.

    At most `LARGEST_FIT` windows of either part are used: a sample of fixed seed, since an even stride could
    meet the same phase of a season each time.

    Args:
        windows: the data; `parts["train"]` and `parts["validation"]` are used, `test` never.
        like: where it is given, each target has the form that it has there, and reads all rows.

    Returns:
        A `Ridge`; the same for the same windows.

    Edge cases: a lookback of 1 without level leaves only the last value.
    """
    z = windows.exact_data()
    rows = [_some(windows.parts[part]) for part in ("train", "validation")]
    fits = []
    for target in range(len(windows.series.targets)):
        form = like.fits[target] if like else None
        features = form is None or form.features
        train, validation = (chunks(windows, z, target, some, features=features) for some in rows)
        fits.append(fit(train, validation, form))
    return Ridge(windows, tuple(fits))


def refitted(found: Ridge, windows: Windows) -> Ridge:
    """Fit a regression again to the training windows of other data, its form and penalty as they were found.

    Args:
        found: on windows of the same shape.
        windows: whose training windows are learned from; nothing is chosen on the others.
    """
    z, rows = windows.exact_data(), _some(windows.parts["train"])
    fits = []
    for target, one in enumerate(found.fits):
        learned = moments(chunks(windows, z, target, rows))
        weights = solve(learned, one.rows, one.level, one.features)[PENALTIES.index(one.penalty)]
        fits.append(replace(one, weights=weights, error=learned.squared_error(weights)))
    return Ridge(windows, tuple(fits))


def chunks(
    windows: Windows, z: np.ndarray, target: int, rows: np.ndarray, *, features: bool = True
) -> Chunks:
    """Yield the windows of one target at `rows`, a chunk at a time; see `linear_fit.Chunks`.

    Args:
        windows: the data.
        z: float64 (rows, inputs), all of it scaled.
        target: number of its column.
        rows: int64 (windows,), row of the first target of each window.
        features: whether features are wanted; none are there where they would be too many to be read.
    """
    first = len(windows.series.targets)
    count = features_read(windows.lookback, z.shape[1] - first) if features else 0
    inputs = [target, *range(first, first + count)]
    read = z[:, inputs]
    for part in _slices(len(rows)):
        # Seen from the horizon later, all rows of a window are past.
        both = read[past(rows[part] + windows.horizon, windows.lookback + windows.horizon)]
        both = windows.of_own_size(both, windows.horizon, inputs)
        yield both[:, : windows.lookback], both[:, windows.lookback :, 0]


def _some(rows: np.ndarray) -> np.ndarray:
    if len(rows) <= LARGEST_FIT:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, LARGEST_FIT, replace=False))


def _slices(count: int) -> Iterator[slice]:
    for start in range(0, count, CHUNK):
        yield slice(start, start + CHUNK)
