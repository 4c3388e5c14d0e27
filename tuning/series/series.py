"""Series: the user's data after reading, in time order, complete and numeric.

Everything later works on rows of one table: the rows of many series, or of one series broken by
gaps, stand below each other, and `starts` says where each unbroken stretch begins. A window never
crosses from one stretch into the next. Axes are (row, column); time runs downwards.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from ...search_spaces.errors import UserError


@dataclass(frozen=True, eq=False)
class Series:
    """One or many time series with their targets and past features.

    Args:
        name: what to call the data in messages and run names.
        targets: names of the columns to forecast.
        values: float64 (rows, targets + numeric features), raw units, all finite; targets first.
        features: names of the numeric past features, in the order of `values`.
        categorical: names of the categorical past features.
        codes: int32 (rows, categorical), index into `categories`; -1 is "missing".
        categories: the known texts of each categorical feature.
        starts: int64 (stretches,), first row of each unbroken stretch; `starts[0] == 0`.
        ids: which series each stretch belongs to; one name per stretch.
        times: (rows,) datetime64[us], or int64/float64 counts, or None when there is no time column.
        frequency: step between rows, as `1h`, `1d`, `1mo`, or a number for counted times; None if
            unknown or irregular.
        season: rows in one season (24 for hourly data with a daily season); 1 is none.
        zone: time zone of `times`, which are kept in UTC when it is given; None for naive times.
        time_columns: the columns `times` was read from.
        id_column: the column `ids` was read from.
        lookback: rows a forecast must look back on, when the maker of the series knows it.
        notes: what reading did, in sentences, for the user.
    """

    name: str
    targets: tuple[str, ...]
    values: np.ndarray
    features: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    codes: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    categories: tuple[tuple[str, ...], ...] = ()
    starts: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    ids: tuple[str, ...] = ("",)
    times: np.ndarray | None = None
    frequency: str | None = None
    season: int = 1
    zone: str | None = None
    time_columns: tuple[str, ...] = ()
    id_column: str | None = None
    lookback: int | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        columns = len(self.targets) + len(self.features)
        if self.values.ndim != 2 or self.values.shape[1] != columns:
            raise ValueError(f"values must be (rows, {columns}), not {self.values.shape}")
        if not self.categorical and self.codes.shape != (self.rows, 0):
            object.__setattr__(self, "codes", np.zeros((self.rows, 0), np.int32))
        if len(self.ids) != len(self.starts):
            raise ValueError(f"{len(self.starts)} stretches need as many ids, not {len(self.ids)}")

    @property
    def rows(self) -> int:
        """Number of rows, over all stretches."""
        return len(self.values)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns of `values`: targets, then numeric features."""
        return self.targets + self.features

    @property
    def ends(self) -> np.ndarray:
        """int64 (stretches,), one past the last row of each unbroken stretch."""
        return np.append(self.starts[1:], self.rows)

    def digest(self) -> str:
        """Return a fingerprint of everything a result depends on: names, numbers, stretches."""
        sha = hashlib.sha256()
        names = (self.targets, self.features, self.categorical, self.categories, self.season)
        sha.update(repr(names).encode())
        for array in (self.values, self.codes, self.starts):
            sha.update(np.ascontiguousarray(array).tobytes())
        return sha.hexdigest()[:16]

    def require_rows(self, needed: int, why: str) -> None:
        """Raise a `UserError` unless one unbroken stretch has at least `needed` rows."""
        longest = int((self.ends - self.starts).max()) if self.rows else 0
        if longest < needed:
            raise UserError(
                f"{self.name}: {why} needs at least {needed} rows in a row, the longest unbroken "
                f"stretch has {longest}; use a smaller lookback or horizon, or more data"
            )
