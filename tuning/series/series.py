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
from .conventions import Conventions

MEASURED, REPEATED, INTERPOLATED = range(3)
"""What a value is: as it was measured, filled from what came before it, or also from what comes after."""


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
        ahead: features, numeric or categorical, whose values are known for the rows to forecast.
        static: features that have one value in a series.
        calendar: what was made of the times, as `hour`, see `calendar`; its columns are features.
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
        filled: int8 (rows, targets + numeric features), `MEASURED`, `REPEATED` or `INTERPOLATED`; None where
            all values were measured.
        lost: series of the source of which no row is left, as (id, why).
        conventions: how the cells of the source were written, as far as it was said or found out.
        facts: what the source was taken for, as (what, how).
        notes: what reading did, in sentences, for the user.
    """

    name: str
    targets: tuple[str, ...]
    values: np.ndarray
    features: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    codes: np.ndarray = field(default_factory=lambda: np.zeros((0, 0), np.int32))
    categories: tuple[tuple[str, ...], ...] = ()
    ahead: tuple[str, ...] = ()
    static: tuple[str, ...] = ()
    calendar: tuple[str, ...] = ()
    starts: np.ndarray = field(default_factory=lambda: np.zeros(1, np.int64))
    ids: tuple[str, ...] = ("",)
    times: np.ndarray | None = None
    frequency: str | None = None
    season: int = 1
    zone: str | None = None
    time_columns: tuple[str, ...] = ()
    id_column: str | None = None
    lookback: int | None = None
    filled: np.ndarray | None = None
    lost: tuple[tuple[str, str], ...] = ()
    conventions: Conventions = field(default_factory=Conventions)
    facts: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        columns = len(self.targets) + len(self.features)
        if self.values.ndim != 2 or self.values.shape[1] != columns:
            raise ValueError(f"values must be (rows, {columns}), not {self.values.shape}")
        if self.filled is not None and self.filled.shape != self.values.shape:
            raise ValueError(f"filled must be {self.values.shape} like values, not {self.filled.shape}")
        if not self.categorical and self.codes.shape != (self.rows, 0):
            object.__setattr__(self, "codes", np.zeros((self.rows, 0), np.int32))
        if self.categorical and self.codes.shape != (self.rows, len(self.categorical)):
            raise ValueError(f"codes must be ({self.rows}, {len(self.categorical)}), not {self.codes.shape}")
        if self.times is not None and self.times.shape != (self.rows,):
            raise ValueError(f"times must be ({self.rows},), not {self.times.shape}")
        bounds = np.append(self.starts, self.rows)
        if self.starts.ndim != 1 or bounds[0] != 0 or (self.rows and (np.diff(bounds) <= 0).any()):
            raise ValueError("starts must rise from 0 and lie below the number of rows")
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

    @property
    def ends_of_rows(self) -> np.ndarray:
        """int64 (rows,), one past the last row of the stretch that each row belongs to."""
        return np.repeat(self.ends, self.ends - self.starts)

    @property
    def known(self) -> np.ndarray:
        """bool (rows,), whether all targets of a row were measured."""
        if self.filled is None:
            return np.ones(self.rows, bool)
        return (self.filled[:, : len(self.targets)] == MEASURED).all(axis=1)

    def digest(self) -> str:
        """Return a fingerprint of everything a result depends on: names, numbers, stretches, fillings."""
        sha = hashlib.sha256()
        names = (self.targets, self.features, self.categorical, self.categories, self.season)
        sha.update(repr(names).encode())
        sha.update(repr(self.ahead).encode() if self.ahead else b"")
        filled = [] if self.filled is None else [self.filled]
        for array in (self.values, self.codes, self.starts, *filled):
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
