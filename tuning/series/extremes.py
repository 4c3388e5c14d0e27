"""Numbers that no score can be made of: they are all the same, or their squares are no numbers any more.

One cell of 1e308, often a mark for "missing" or a slip of the keyboard, would make the spread of a column or
the RMSE of every forecast infinite. It is better told before anything is trained.
"""

from __future__ import annotations

import numpy as np

from ...search_spaces.errors import raise_all
from .scaler import Scaler
from .series import MEASURED, Series

LARGEST, SMALLEST = 1e100, 1e-100
"""Squares are numbers from 1e-162 to 1e154; forecasts may go beyond the data, and sums be long."""
FARTHEST = 1e15
"""Training standard deviations; a network computes in float32, whose squares end at 1e19 of them."""


def refuse_constant(series: Series, train: np.ndarray) -> None:
    """Raise a `UserError` for targets that are constant where they were measured in the training rows.

    Args:
        series: the data.
        train: bool (rows,), the training rows.
    """
    wrong = []
    for column, name in enumerate(series.targets):
        there = train if series.filled is None else train & (series.filled[:, column] == MEASURED)
        values = series.values[there, column]
        if values.min() == values.max():
            wrong.append(
                f"{series.name}: target {name!r} is constant ({values[0]:g}) in the training part; "
                "there is nothing to learn"
            )
    raise_all(wrong)


def refuse_extremes(series: Series, train: np.ndarray) -> None:
    """Raise a `UserError` for numbers beyond `LARGEST`, and for targets that vary by less than `SMALLEST`.

    Args:
        series: the data.
        train: bool (rows,), the training rows.
    """
    wrong = []
    for number, (name, values) in enumerate(zip(series.columns, series.values.T, strict=True)):
        largest = values[np.abs(values).argmax()]
        if abs(largest) > LARGEST:
            wrong.append(
                f"{series.name}: column {name!r} has the value {largest:g}, and no error can be computed "
                f"beyond {LARGEST:g}; correct it, or give the column in another unit"
            )
        elif number < len(series.targets) and (varies := np.ptp(values[train])) < SMALLEST:
            wrong.append(
                f"{series.name}: target {name!r} varies by {varies:g} in the training part, and no error can "
                f"be computed below {SMALLEST:g}; give it in another unit"
            )
    raise_all(wrong)


def refuse_far(series: Series, scaler: Scaler) -> None:
    """Raise a `UserError` for values beyond `FARTHEST`: a network could make nothing of them but NaN.

    Args:
        series: the data, all rows.
        scaler: fitted on its training rows.
    """
    wrong = []
    columns = zip(series.columns, series.values.T, scaler.mean, scaler.std, strict=True)
    for name, values, mean, std in columns:
        far = np.abs(values - mean) / std
        if far.max() > FARTHEST:
            wrong.append(
                f"{series.name}: column {name!r} has the value {values[far.argmax()]:g}, {far.max():.1g} "
                "standard deviations of the training part from its mean; correct it"
            )
    raise_all(wrong)
