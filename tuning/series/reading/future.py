"""The rows of a table after the last measured one: what is known of the rows to forecast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ....search_spaces.errors import UserError
from ..ahead import ahead_values, by_input
from ..calendar import column_names, columns_after
from ..frequency import future_times
from ..series import Series
from ..words import counted, shown
from ..zones import clock_text
from .rows import Rows

if TYPE_CHECKING:
    from .parsed import Parsed


@dataclass(frozen=True, eq=False)
class Later:
    """Rows of one series after its last measured one.

    Args:
        times: (rows,) as in `Series`, or None.
        columns: (rows,) of each feature, by name: float64, or texts; NaN or None where it is missing.
    """

    times: np.ndarray | None = None
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Future:
    """What a table holds of the rows after the last measured ones.

    Args:
        series: by id; those without such rows are not in it.
    """

    series: Mapping[str, Later] = field(default_factory=dict)

    @classmethod
    def of(cls, parsed: Parsed, rows: Rows) -> Future:
        """Return what rows of a table hold, from `cut_future`."""
        found = {}
        for number in np.unique(rows.series):
            own = rows.take(rows.series == number)
            columns = dict(zip(own.columns, own.values.T, strict=True))
            for name, codes in zip(own.categorical, own.codes.T, strict=True):
                columns[name] = np.array([*parsed.texts(name), None], dtype=object)[codes]
            found[parsed.ids[number]] = Later(own.times, columns)
        return cls(found)

    def ahead(self, series: Series, lasts: Mapping[str, int], horizon: int) -> dict[str, np.ndarray]:
        """Return what is known of the rows to forecast, see `ahead.known_ahead`.

        Args:
            series: before them.
            lasts: the last measured row of each series, by id.
            horizon: rows to forecast.

        Raises:
            UserError: when such rows are not there, are others, or lack a value.
        """
        if not series.ahead:
            return {}
        each = [self._of(series, name, last, horizon) for name, last in lasts.items()]
        return by_input(series, {name: np.stack([one[name] for one in each]) for name in series.ahead})

    def _of(self, series: Series, name: str, last: int, horizon: int) -> dict[str, np.ndarray]:
        made = column_names(series.calendar)
        found = dict(zip(made, columns_after(series, last, horizon).T, strict=True)) if made else {}
        asked = [one for one in series.ahead if one not in made]
        # Rows of which some targets were measured, not all, stand in the series itself.
        inside = np.arange(last + 1, min(series.ends_of_rows[last], last + 1 + horizon))
        later, count = self.series.get(name, Later()), horizon - len(inside)
        if asked:
            self._check(series, name, last + len(inside), later, asked, count)
        for one in asked:
            column = np.concatenate([ahead_values(series, inside)[one], later.columns[one][:count]])
            empty = [value is None or value != value for value in column]
            if any(empty):
                raise UserError(
                    f"{series.name}: {one!r} is missing {counted(empty.index(True) + 1, 'row')} after the "
                    f"last measured one{_whose(series, name)}: a forecast needs it"
                )
            found[one] = column
        return found

    @staticmethod
    def _check(series: Series, name: str, last: int, later: Later, asked: list[str], count: int) -> None:
        """Refuse rows that are not the `count` ones after row `last`."""
        there = len(next(iter(later.columns.values()), ()))
        if there < count:
            raise UserError(
                f"{series.name}: a forecast needs {shown(asked)} of the next {counted(count, 'row')}"
                f"{_whose(series, name)}, and {counted(there, 'row')} come after the last measured one: "
                "add rows with their time and these columns, and leave the targets empty"
            )
        if later.times is None or series.times is None or series.frequency is None:
            return
        wanted = future_times(series.times[last], series.frequency, count, series.zone)
        wrong = np.flatnonzero(later.times[:count] != wanted)
        if len(wrong):
            first = int(wrong[0])
            raise UserError(
                f"{series.name}: after the last measured row{_whose(series, name)} a row at "
                f"{clock_text(wanted[first], series.zone)} is expected, and there is one at "
                f"{clock_text(later.times[first], series.zone)}"
            )


def cut_future(rows: Rows, targets: int) -> tuple[Rows, Rows]:
    """Return the rows up to the last one of each series with a target, and those after it.

    Args:
        rows: sorted by series and time.
        targets: how many of its columns, the first ones, are forecast.
    """
    measured = np.flatnonzero(~np.isnan(rows.values[:, :targets]).all(axis=1))
    last = np.full(int(rows.series.max(initial=0)) + 1, -1)
    np.maximum.at(last, rows.series[measured], measured)
    later = np.arange(len(rows)) > last[rows.series]
    return rows.take(~later), rows.take(later)


def future_notes(later: Rows) -> list[str]:
    """Return in a sentence that rows were cut off; nothing where none was."""
    if not len(later):
        return []
    count = counted(len(later), "row")
    return [
        f"{count} after the last measured target: not learned from, a forecast reads what is known there."
    ]


def _whose(series: Series, name: str) -> str:
    return f" of series {name!r}" if series.id_column else ""
