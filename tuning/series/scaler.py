"""Scaler: standardisation of a Series, fitted on the training part alone.

Numeric columns become z = (x - mean) / std; categorical columns become one-hot columns. Every engine
sees z, whatever scaling a trial chose: the choice `last` or `none` is made inside the model (see
`search_spaces.scaling`), so the losses of all scalings are in the same unit: squared (mse) training
standard deviations of the target. Population standard deviation, as in the ETT protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .series import MEASURED, Series


@dataclass(frozen=True, eq=False)
class Scaler:
    """Means, deviations and categories seen in the training rows.

    Args:
        mean: float64 (columns,), raw units.
        std: float64 (columns,), raw units, never 0: a constant column counts as 1.
        categories: for each categorical feature the codes that occur in training, ascending.
    """

    mean: np.ndarray
    std: np.ndarray
    categories: tuple[np.ndarray, ...] = ()

    @classmethod
    def fit(cls, series: Series, rows: np.ndarray) -> Scaler:
        """Fit on `rows` (int64 row numbers or a bool mask) of `series` and on nothing else.

        Only what was measured counts; a column without it there is fitted on what it was filled with.
        """
        train = series.values[rows]
        there: Any = True  # and not an array of it, which may be summed in another order
        if series.filled is not None:
            there = series.filled[rows] == MEASURED
            there |= ~there.any(axis=0)
        std = train.std(axis=0, where=there)
        # A spread below rounding is a constant: dividing by it would only blow up noise.
        floor = 1e-12 * np.abs(train).max(axis=0, where=there, initial=0.0)
        seen = tuple(np.unique(column[column >= 0]) for column in series.codes[rows].T)
        return cls(train.mean(axis=0, where=there), np.where(std > floor, std, 1.0), seen)

    def inputs(self, series: Series) -> np.ndarray:
        """Return float32 (rows, inputs): z of the numeric columns, then one-hot columns.

        A category that training never saw, and a missing one, is a row of zeros.
        """
        return self.exact_inputs(series).astype(np.float32)

    def exact_inputs(self, series: Series) -> np.ndarray:
        """Return the same in float64."""
        z = (series.values - self.mean) / self.std
        hot = [column[:, None] == seen for column, seen in zip(series.codes.T, self.categories, strict=True)]
        return np.concatenate([z, *hot], axis=1)

    def input_names(self, series: Series) -> tuple[str, ...]:
        """Names of the columns of `inputs`, a one-hot column as `name=category`."""
        hot = [
            f"{name}={texts[code]}"
            for name, texts, seen in zip(series.categorical, series.categories, self.categories, strict=True)
            for code in seen
        ]
        return (*series.columns, *hot)

    def without(self, columns: Sequence[int]) -> Scaler:
        """Return the same scaler, but for some numeric columns, which it leaves as they are."""
        mean, std = self.mean.copy(), self.std.copy()
        mean[columns], std[columns] = 0.0, 1.0
        return replace(self, mean=mean, std=std)


def category_texts(series: Series, scaler: Scaler) -> list[Sequence[str]]:
    """Return the texts of the categories seen in training, one list per categorical feature."""
    return [
        [texts[code] for code in seen]
        for texts, seen in zip(series.categories, scaler.categories, strict=True)
    ]
