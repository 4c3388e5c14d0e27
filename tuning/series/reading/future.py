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

    def ahead(
        self, series: Series, lasts: Mapping[str, int], horizon: int
    ) -> tuple[dict[str, np.ndarray], dict[str, int], list[str]]:
        """Return what is known of the rows to forecast, and of which series it is.

        Args:
            series: before them.
            lasts: the last measured row of each series, by id.
            horizon: rows to forecast.

        Returns:
            What is known, see `ahead.known_ahead`; those of `lasts` of which it is, in that order; and in a
            sentence which others there are, whose rows to come are not there, are others, or lack a value.

        Raises:
            UserError: when these are all of them.
        """
        if not series.ahead:
            return {}, dict(lasts), []
        each, lacking = {}, {}
        for name, last in lasts.items():
            found = self._of(series, name, last, horizon)
            if isinstance(found, str):
                lacking[name] = found
            else:
                each[name] = found
        told = _lacking(series, lacking, horizon) if lacking else ""
        if not each:
            raise UserError(told)
        known = {name: np.stack([one[name] for one in each.values()]) for name in series.ahead}
        return by_input(series, known), {name: lasts[name] for name in each}, [told] if told else []

    def _of(self, series: Series, name: str, last: int, horizon: int) -> dict[str, np.ndarray] | str:
        """Return what is known of one series, or why that is not enough."""
        made = column_names(series.calendar)
        found = dict(zip(made, columns_after(series, last, horizon).T, strict=True)) if made else {}
        asked = _asked(series)
        # Rows of which some targets were measured, not all, stand in the series itself.
        inside = np.arange(last + 1, min(series.ends_of_rows[last], last + 1 + horizon))
        later, count = self.series.get(name, Later()), horizon - len(inside)
        if asked and (why := _others(series, last + len(inside), later, count)):
            return why
        for one in asked:
            column = np.concatenate([ahead_values(series, inside)[one], later.columns[one][:count]])
            empty = [value is None or value != value for value in column]
            if any(empty):
                return (
                    f"{one!r} is missing {counted(empty.index(True) + 1, 'row')} after the last measured one"
                )
            found[one] = column
        return found


def _asked(series: Series) -> list[str]:
    """Return the features that rows to come must tell."""
    return [name for name in series.ahead if name not in column_names(series.calendar)]


def _others(series: Series, last: int, later: Later, count: int) -> str:
    """Return why rows are not the `count` ones after row `last`; empty where they are."""
    there = len(next(iter(later.columns.values()), ()))
    if there < count:
        return f"{there} of {counted(count, 'row')} come after the last measured one"
    if later.times is None or series.times is None or series.frequency is None:
        return ""
    wanted = future_times(series.times[last], series.frequency, count, series.zone)
    wrong = np.flatnonzero(later.times[:count] != wanted)
    if not len(wrong):
        return ""
    first = int(wrong[0])
    return (
        f"after the last measured row one at {clock_text(wanted[first], series.zone)} is expected, and "
        f"there is one at {clock_text(later.times[first], series.zone)}"
    )


def _lacking(series: Series, lacking: Mapping[str, str], horizon: int) -> str:
    """Return in a sentence which series lack what is known of the rows to come, by id, and why."""
    needed = f"a forecast needs {shown(_asked(series))} of the next {counted(horizon, 'row')}"
    mend = "add rows with their time and these columns, and leave the targets empty"
    if not series.id_column:
        (why,) = lacking.values()
        return f"{series.name}: {needed}, and {why}: {mend}"
    each = shown([f"{name!r} ({why})" for name, why in lacking.items()])
    every = len({*series.ids}) + len(series.lost)
    of = f"{len(lacking):,} of {every:,} series of {series.name} cannot be forecast"
    return f"{of}: {needed}, which are not all there: {each}; {mend}"


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
