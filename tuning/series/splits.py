"""Splits: train, validation and test parts of a Series, in time order.

A split cuts time, not rows: when there are times, all series are cut at the same two moments, so
that no series is trained on a future that another one is validated on. Without times each series
is cut at the same fractions or counts of its own rows, over all its stretches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import polars as pl

from ...search_spaces.errors import UserError
from .series import Series
from .words import counted
from .zones import to_local, to_utc

PARTS = ("train", "validation", "test")

# NumPy reads more than dates ("", "now", offsets with a warning), hence the narrow gate.
_DATE = re.compile(r"\d{4}-\d\d(-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?)?)?")


def ranks(times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct times, rising, and int64 (rows,) which of them each row has.

    As `numpy.unique` does, which sorts all rows: many series have few different times.
    """
    distinct = pl.Series(times).unique().sort().to_numpy()
    return distinct, np.searchsorted(distinct, times).astype(np.int64, copy=False)


def moments_of(series: Series) -> np.ndarray:
    """Return int64 (rows,), when each row is: the rank of its time among all times of the data.

    Without times it is the place of the row in its own series, gaps not counted.
    """
    if series.times is not None:
        return ranks(series.times)[1]
    moments = np.empty(series.rows, np.int64)
    for _, own in _rows_of_each(series):
        moments[own] = np.arange(len(own))
    return moments


@dataclass(frozen=True)
class Split:
    """How to cut: three fractions, three counts of rows, or the first moments of two or three parts.

    Args:
        kind: `fractions`, `counts` or `dates`.
        parts: three numbers, or two or three times: the first moment of validation, of test, and
            optionally the first moment that is used no more, on the wall clock of the series' time zone.
        back: by how many lengths of the validation part both of its ends lie earlier.
    """

    kind: str
    parts: tuple[float | str, ...]
    back: int = 0

    @classmethod
    def parse(cls, text: str) -> Split:
        """Read `0.7,0.15,0.15`, `8640,2880,2880` or `2017-07-01,2017-10-01`.

        Raises:
            UserError: when the text is none of these, or a part is empty or negative.
        """
        parts = [part.strip() for part in text.split(",")]
        wanted = (
            f"split {text!r} is not understood: give three fractions (0.7,0.15,0.15), three numbers of "
            "rows (8640,2880,2880) or the first dates of validation and test (2017-07-01,2017-10-01)"
        )
        try:
            numbers = [float(part) for part in parts]
        except ValueError:
            numbers = []
        if numbers:
            if len(numbers) != 3:
                raise UserError(wanted)
            if not all(np.isfinite(number) and number > 0 for number in numbers):
                raise UserError(f"split {text!r}: every part must be above 0")
            if sum(numbers) <= 1 + 1e-9:
                return cls("fractions", tuple(numbers))
            if all(number == int(number) for number in numbers):
                return cls("counts", tuple(numbers))
            raise UserError(f"split {text!r}: fractions must not sum to more than 1")
        if len(parts) not in (2, 3) or not all(_DATE.fullmatch(part) for part in parts):
            raise UserError(wanted)
        try:
            dates = [np.datetime64(part) for part in parts]
        except ValueError as error:
            raise UserError(f"split {text!r}: {error}") from None
        if any(later <= earlier for earlier, later in pairwise(dates)):
            raise UserError(f"split {text!r}: the dates must ascend")
        return cls("dates", tuple(parts))

    def earlier(self, back: int) -> Split:
        """Return the split of a forecaster who was there before: validation ends where it began in this one,
        or, of more than one length back, where it began in the one between. All that follows is test."""
        return replace(self, back=back)

    def parts_of(self, series: Series) -> np.ndarray:
        """Return int8 (rows,): 0 train, 1 validation, 2 test, 3 used by none of them."""
        if self.kind == "dates":
            return self._by_dates(series)
        if series.times is not None:
            moments, place = ranks(series.times)
            return self._cut(len(moments), f"the data have {counted(len(moments), 'time step')}")[place]
        parts = np.empty(series.rows, np.int8)
        for name, own in _rows_of_each(series):
            whose = f"series {name!r}" if name else "the series"
            parts[own] = self._cut(len(own), f"{whose} has {counted(len(own), 'row')}")
        return parts

    def _cut(self, length: int, have: str) -> np.ndarray:
        """Return int8 (length,), the part of each row or time step; `have` tells how many there are."""
        sizes = np.array(self.parts, float)
        if self.kind == "fractions":
            edges = np.round(np.cumsum(sizes) * length)
        else:
            edges = np.cumsum(sizes)
            if edges[-1] > length:
                shown = ",".join(f"{size:.0f}" for size in sizes)
                raise UserError(f"split {shown} needs {edges[-1]:.0f}, {have}")
        edges[:2] -= self.back * (edges[1] - edges[0])
        return np.searchsorted(edges, np.arange(length), side="right").astype(np.int8)

    def _by_dates(self, series: Series) -> np.ndarray:
        if series.times is None or not np.issubdtype(series.times.dtype, np.datetime64):
            raise UserError(
                f"a split by dates ({', '.join(map(str, self.parts))}) needs a time column; give --time, "
                "or split by fractions or numbers of rows"
            )
        dates = np.array([np.datetime64(str(part)) for part in self.parts], "datetime64[us]")
        edges = to_utc(dates, series.zone).copy()
        reach = np.array([series.times.min(), series.times.max()])
        if edges[0] <= reach[0] or edges[1] > reach[1]:
            first, last = to_local(reach, series.zone).astype("datetime64[s]")
            raise UserError(
                f"split by dates {', '.join(map(str, self.parts))} leaves a part empty: the data run "
                f"from {first} to {last}"
            )
        edges[:2] -= self.back * (edges[1] - edges[0])
        return np.searchsorted(edges, series.times, side="right").astype(np.int8)


def _rows_of_each(series: Series) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the id and the rows, ascending, of each series."""
    names, stretch_owner = np.unique(series.ids, return_inverse=True)
    owner = np.repeat(stretch_owner, series.ends - series.starts)
    rows = np.split(np.argsort(owner, kind="stable"), np.cumsum(np.bincount(owner))[:-1])
    yield from zip(map(str, names), rows, strict=True)
