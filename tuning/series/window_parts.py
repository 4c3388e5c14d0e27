"""Which windows there are: of each part the rows at which one may have its first target.

All targets of a window lie in one part (train, validation or test). The inputs of the first windows of
validation and test reach back into the part before, as a forecaster's would; the inputs of training windows
lie in train. Windows that are not true of measured data are left out (`measured`).
"""

from __future__ import annotations

import numpy as np

from ...search_spaces.errors import UserError
from .measured import LeftOut, measured_windows, none_measured
from .series import Series
from .splits import PARTS
from .words import counted


def window_parts(
    series: Series, part_of_row: np.ndarray, learned: np.ndarray, lookback: int, horizon: int
) -> tuple[dict[str, np.ndarray], dict[str, LeftOut]]:
    """Return by part int64 (windows,), the row of the first target of each, and how many are left out.

    Args:
        series: the data.
        part_of_row: int (rows,), from `Split.parts_of`.
        learned: bool (rows,), in which training windows lie.
        lookback: rows of input.
        horizon: rows of target.

    Raises:
        UserError: for a part without a window.
    """
    parts, left = {}, {}
    for number, part in enumerate(PARTS):
        inside = learned if number == 0 else part_of_row == number
        first = _first_targets(series, inside, lookback, horizon, back=lookback if number == 0 else 0)
        rows, left_out = measured_windows(series, first, horizon)
        if not len(rows):
            if left_out.all:
                raise UserError(none_measured(series.name, part, left_out, horizon))
            raise UserError(_empty(series, part, int((part_of_row == number).sum()), lookback, horizon))
        parts[part], left[part] = rows, left_out
    return parts, left


def _first_targets(series: Series, inside: np.ndarray, lookback: int, horizon: int, back: int) -> np.ndarray:
    """Return the rows from whose -lookback to +horizon all is one stretch, and from -back on inside."""
    lengths = series.ends - series.starts
    fit = np.maximum(lengths - lookback - horizon + 1, 0)
    before = np.where(fit > 0, lookback, lengths)
    runs = np.stack([before, fit, lengths - before - fit], axis=1)
    # Of all rows there are no more than a bool and a count: they may be many.
    found = np.repeat(np.tile([False, True, False], len(runs)), runs.ravel())
    count = np.zeros(series.rows + 1, np.int32)
    np.cumsum(inside, out=count[1:])
    span = back + horizon
    found[:back] = found[series.rows - horizon + 1 :] = False
    found[back : series.rows - horizon + 1] &= count[span:] - count[:-span] == span
    return np.flatnonzero(found)


def _empty(series: Series, part: str, have: int, lookback: int, horizon: int) -> str:
    if part == "train":
        needs = f"lookback {lookback} + horizon {horizon} needs {lookback + horizon} rows"
    else:
        ahead, back = counted(horizon, "row"), counted(lookback, "row")
        needs = f"horizon {horizon} needs {ahead} after {back} of lookback,"
    return (
        f"{series.name}: the {part} part has no complete window: {needs} in a row; "
        f"the part has {have} of the {series.rows} rows; use a smaller lookback or horizon, "
        "more data, or another --split"
    )
