"""The linear floor: the ridge autoregression that may also read a longer past than the LSTM's window.

A linear regression reads a long past for next to nothing, and where the window is short the past before it
may be most of what there is to know. A floor that is kept from it would be too easy to beat. Where nothing is
said of the lookback, windows are made as long as this floor reads (`defaults.linear_lookback`), so that it is
the linear path of a network as well; the LSTM reads their newest rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...search_spaces.best import GAIN
from ...search_spaces.errors import UserError
from .ridge import Ridge, ridge
from .windows import Windows

MOST_ROWS, MOST_SEASONS = 336, 2
"""The longest past that is tried: so many rows or seasons, whichever is more (336 hours are two weeks)."""
TRAINING_SHARE = 4
"""It is at most one part in so many of the training rows: a regression has a weight for each row it reads."""


@dataclass(frozen=True, eq=False)
class RidgeFloor:
    """A regression for each target, each from a past of its own length.

    Args:
        own: the ridge that reads the window alone.
        chosen: for each target the ridge whose regression of that target is taken.
    """

    own: Ridge
    chosen: tuple[Ridge, ...]

    @property
    def reads(self) -> tuple[int, ...]:
        """Rows that the regression of each target reads, the newest ones before a window's first target."""
        return tuple(one.fits[target].rows for target, one in enumerate(self.chosen))

    def forecast(self, rows: np.ndarray) -> np.ndarray:
        """Return float64 (windows, horizon, targets), raw units.

        Args:
            rows: int64 (windows,), row of the first target of each window of validation or test.
        """
        made = {one.windows.lookback: one.forecast(rows) for one in dict.fromkeys(self.chosen)}
        forecasts = [made[one.windows.lookback][..., target] for target, one in enumerate(self.chosen)]
        return np.stack(forecasts, axis=2)


def ridge_floor(windows: Windows) -> RidgeFloor:
    """Fit the linear floor to some windows.

    For each target a past of at most the window is taken, unless a longer one, read in the same form, has an
    error on the validation windows below `GAIN` times that of what was found before: a longer past must earn
    its place, as a level and features must.

    Args:
        windows: the data; no test value is used.
    """
    own = ridge(windows)
    chosen = [own] * len(own.fits)
    for longer in longer_windows(windows):
        fitted = ridge(longer, own)
        for target, best in enumerate(chosen):
            if fitted.fits[target].error < GAIN * best.fits[target].error:
                chosen[target] = fitted
    return RidgeFloor(own, tuple(chosen))


def longer_windows(windows: Windows) -> Iterator[Windows]:
    """Yield windows of twice the lookback, of four times, and so on, of the same series and split.

    They end at the bounds above, and where a window of validation or test has no unbroken past so long: all
    forecasts are compared on the same windows.
    """
    most = max(MOST_ROWS, MOST_SEASONS * windows.series.season)
    most = min(most, int((windows.part_of_row == 0).sum()) // TRAINING_SHARE)
    lookback = 2 * windows.lookback
    while lookback <= most:
        try:
            longer = windows.cut(lookback=lookback)
        except UserError:
            # A part has no window of this length.
            return
        if any(len(longer.parts[part]) < len(windows.parts[part]) for part in ("validation", "test")):
            return
        yield longer
        lookback *= 2
