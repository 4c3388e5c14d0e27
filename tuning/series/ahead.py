"""What is known of the rows to forecast: holidays, prices and promotions that were decided, the calendar.

A model reads it in a second column beside the feature's own, shifted by the horizon: in row t stands what is
known of row t + horizon. So the newest `horizon` rows of a window hold the values of all rows to forecast,
and everything that reads windows reads them: the linear path, segments, floors and measures. The price is
that a window has as many rows as the horizon, at least. Features of the calendar follow from their later
values, which stand in place of their own.

Nothing of the future leaks: the newest row of a window whose first target is row r is r - 1, and the value
beside it is that of row r - 1 + horizon, its last target.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ...search_spaces.errors import UserError
from .calendar import column_names
from .words import counted, shown

if TYPE_CHECKING:
    from .scaler import Scaler
    from .series import Series


def ahead_columns(series: Series, scaler: Scaler) -> list[int]:
    """Return the numbers of the scaled columns that are known beforehand, one-hot columns included."""
    owners = [*series.columns]
    for name, seen in zip(series.categorical, scaler.categories, strict=True):
        owners += [name] * len(seen)
    return [number for number, owner in enumerate(owners) if owner in series.ahead]


def own_columns(series: Series, scaler: Scaler) -> list[int]:
    """Return the numbers of the scaled columns that are read as they are, all but those of the calendar."""
    made = column_names(series.calendar)
    calendar = {number for number, name in enumerate(series.columns) if name in made}
    return [number for number in range(len(scaler.input_names(series))) if number not in calendar]


def looking_ahead(
    z: np.ndarray, own: list[int], columns: list[int], ends: np.ndarray, horizon: int
) -> np.ndarray:
    """Return scaled rows with the values of later rows beside them, (rows, own + columns).

    Args:
        z: float64 (rows, inputs).
        own: columns that are read as they are.
        columns: whose values of later rows are wanted.
        ends: int64 (rows,), one past the last row of the stretch of each row; beyond it stands 0.
        horizon: rows later.
    """
    if not columns:
        return z
    later = np.arange(len(z)) + horizon
    there = later < ends
    values = z[np.where(there, later, 0)][:, columns]
    return np.concatenate([z[:, own], np.where(there[:, None], values, 0.0)], axis=1)


def ahead_values(series: Series, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return what the features that are known ahead have in some rows, by name: numbers, or texts.

    Args:
        series: the data.
        rows: int64, of any shape.
    """
    found = {}
    for place, name in enumerate(series.columns):
        if name in series.ahead:
            found[name] = series.values[rows, place]
    for place, name in enumerate(series.categorical):
        if name in series.ahead:
            # Code -1 is the last one: a missing category is the empty text.
            found[name] = np.array([*series.categories[place], ""], dtype=object)[series.codes[rows, place]]
    return found


def known_ahead(series: Series, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return what a raw model takes beside windows, by the name of its input.

    Args:
        series: the data.
        rows: int64 (windows, horizon), the rows to forecast.

    Returns:
        `known`, float64 (windows, horizon, numeric features that are known ahead), and `known_categories`,
        texts of the categorical ones; each where there are such features.
    """
    return by_input(series, ahead_values(series, rows))


def by_input(series: Series, values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return features that are known ahead, each by its name, as `known_ahead` does."""
    found = {}
    for kind, names in ahead_names(series).items():
        if names:
            found[kind] = np.stack([values[name] for name in names], axis=-1)
    return found


def ahead_names(series: Series) -> dict[str, tuple[str, ...]]:
    """Return the features that each input of `known_ahead` holds, in order."""
    return {
        "known": tuple(name for name in series.features if name in series.ahead),
        "known_categories": tuple(name for name in series.categorical if name in series.ahead),
    }


def input_columns(series: Series) -> dict[str, tuple[str, ...]]:
    """Return the columns of each input of a raw model, see `models.raw`."""
    named = {"values": series.columns, "categories": series.categorical, **ahead_names(series)}
    return {name: columns for name, columns in named.items() if columns}


def refuse_short(series: Series, lookback: int, horizon: int) -> None:
    """Raise a `UserError` unless so many rows hold what is known of the rows to forecast."""
    if series.ahead and lookback < horizon:
        raise UserError(
            f"{series.name}: {shown(series.ahead)} {'is' if len(series.ahead) == 1 else 'are'} known for "
            f"{counted(horizon, 'row')} ahead, and a lookback of {counted(lookback, 'row')} cannot hold "
            f"them: --lookback must be at least the horizon, {horizon}"
        )
