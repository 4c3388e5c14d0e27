"""Ridge autoregression: the linear floor, and the linear forecast that an LSTM stack may add to.

One direct multi-step regression for each target from its own past, and from that of the features where this
is better on validation; how it is fitted stands in `search_spaces.linear_fit`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ...search_spaces.linear import Linear
from ...search_spaces.linear_fit import Chunks, Fit, fit, joined
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
        z = windows.scaler.exact_inputs(windows.series)
        forecast = np.empty((len(rows), windows.horizon, targets))
        for part in _slices(len(rows)):
            forecast[part] = self.linear(z[past(rows[part], windows.lookback)])
        return windows.scaler.raw_targets(forecast, targets)


def ridge(windows: Windows) -> Ridge:
    """Fit a ridge autoregression for each target.

    At most `LARGEST_FIT` windows of either part are used: a sample of fixed seed, since an even stride could
    meet the same phase of a season each time.

    Args:
        windows: the data; `parts["train"]` and `parts["validation"]` are used, `test` never.

    Returns:
        A `Ridge`; the same for the same windows.

    Edge cases: a lookback of 1 without level leaves only the last value.
    """
    z = windows.scaler.exact_inputs(windows.series)
    rows = [_some(windows.parts[part]) for part in ("train", "validation")]
    targets = range(len(windows.series.targets))
    fits = (fit(*(chunks(windows, z, target, some) for some in rows)) for target in targets)
    return Ridge(windows, tuple(fits))


def chunks(windows: Windows, z: np.ndarray, target: int, rows: np.ndarray) -> Chunks:
    """Yield the windows of one target at `rows`, a chunk at a time; see `linear_fit.Chunks`.

    Args:
        windows: the data.
        z: float64 (rows, inputs), all of it scaled.
        target: number of its column.
        rows: int64 (windows,), row of the first target of each window.
    """
    read = z[:, [target, *range(len(windows.series.targets), z.shape[1])]]
    for part in _slices(len(rows)):
        # Seen from the horizon later, all rows of a window are past.
        both = read[past(rows[part] + windows.horizon, windows.lookback + windows.horizon)]
        yield both[:, : windows.lookback], both[:, windows.lookback :, 0]


def _some(rows: np.ndarray) -> np.ndarray:
    if len(rows) <= LARGEST_FIT:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, LARGEST_FIT, replace=False))


def _slices(count: int) -> Iterator[slice]:
    for start in range(0, count, CHUNK):
        yield slice(start, start + CHUNK)
