"""Rows: what was read, sorted by series and time, before anything missing is treated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..frequency import Frequency, is_whole
from ..words import counted
from ..zones import clock_text


@dataclass(frozen=True)
class Rows:
    """The rows of all series, incomplete as they came.

    Args:
        columns: names of the columns of `values`.
        values: float64 (rows, columns), NaN where missing.
        categorical: names of the columns of `codes`.
        codes: int32 (rows, categorical), -1 where missing.
        series: int64 (rows,), number of the series of each row.
        times: (rows,) datetime64[us] or numbers, or None.
        source: int64 (rows,), 0-based row of the user's table; -1 for an inserted row.
        zone: of the times; None for those of no zone.
    """

    columns: tuple[str, ...]
    values: np.ndarray
    categorical: tuple[str, ...]
    codes: np.ndarray
    series: np.ndarray
    times: np.ndarray | None
    source: np.ndarray
    zone: str | None = None

    def __len__(self) -> int:
        return len(self.source)

    def take(self, index: np.ndarray) -> Rows:
        """Return a copy of the rows at `index` (row numbers or a bool mask)."""
        return Rows(
            self.columns,
            self.values[index],
            self.categorical,
            self.codes[index],
            self.series[index],
            None if self.times is None else self.times[index],
            self.source[index],
            self.zone,
        )

    @property
    def same(self) -> np.ndarray:
        """bool (rows - 1,), whether a row and the next belong to one series."""
        return self.series[1:] == self.series[:-1]

    @property
    def complete(self) -> np.ndarray:
        """bool (rows,), whether nothing is missing in the row."""
        return ~np.isnan(self.values).any(axis=1) & (self.codes >= 0).all(axis=1)

    def missing(self) -> dict[str, np.ndarray]:
        """Return, for each column with missing values, the int64 numbers of these rows."""
        found = {name: np.flatnonzero(np.isnan(self.values[:, i])) for i, name in enumerate(self.columns)}
        found |= {name: np.flatnonzero(self.codes[:, i] < 0) for i, name in enumerate(self.categorical)}
        return {name: rows for name, rows in found.items() if len(rows)}

    def gaps(self, frequency: Frequency | None) -> np.ndarray:
        """Return int64 (rows - 1,), how many rows are missing before the next row of the series."""
        if frequency is None or self.times is None:
            return np.zeros(len(self.same), np.int64)
        steps = frequency.steps_between(self.times[:-1], self.times[1:])
        steps -= 1
        steps *= self.same
        return np.maximum(steps, 0, out=steps)

    def uneven(self, frequency: Frequency | None) -> int:
        """Return how many steps from row to row are no multiple of the frequency."""
        if frequency is None or self.times is None:
            return 0
        return int((~is_whole(frequency.ratio(self.times[:-1], self.times[1:])) & self.same).sum())

    def time(self, row: int) -> str:
        """Return the time of a row for a message, `2016-07-01 13:00`; empty when there are no times."""
        return "" if self.times is None else clock_text(self.times[row], self.zone)

    def where(self, row: int, place: Callable[[int], str]) -> str:
        """Return `row 17 (line 18) at 2016-07-01 13:00`; `place` words a row of the user's table."""
        time = self.time(row)
        return place(int(self.source[row])) + (f" at {time}" if time else "")


def sort_rows(rows: Rows) -> tuple[Rows, tuple[str, ...]]:
    """Return the rows sorted by series and time, equal ones in their order, with a note when moved."""
    if _in_order(rows):
        return rows, ()
    keys = (rows.series,) if rows.times is None else (rows.times, rows.series)
    order = np.lexsort(keys)
    moved = int((order != np.arange(len(order))).sum())
    by = "series" if rows.times is None else "time" if not rows.series.any() else "series and time"
    return rows.take(order), (f"rows were not in order: sorted by {by} ({counted(moved, 'row')} moved).",)


def _in_order(rows: Rows) -> bool:
    """Whether the rows stand as they are to be sorted, which takes neither time nor memory to see."""
    follows = rows.series[1:] >= rows.series[:-1]
    if rows.times is not None:
        follows &= ~rows.same | (rows.times[1:] >= rows.times[:-1])
    return bool(follows.all())
