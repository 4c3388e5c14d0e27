"""Forecasts as lines over time: what a picture needs of a `ForecastRecord`, gaps and worst forecasts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..forecast_record import ForecastRecord, Line
from ._base import NothingToShow
from ._style import shown

if TYPE_CHECKING:
    from ..recorded import RecordedSearch, RecordedTrial

Numbers = Sequence[float | None]
WORST = 3
FORECAST_WIDTH, TRUTH_WIDTH = 3.2, 1.2
"""Pixels of a line: what came is thin and drawn last, so that a good forecast is seen on both sides of it."""
AROUND = 12
"""Rows before and after a forecast that are shown beside it, where its horizon is shorter."""


def forecasts_of(search: RecordedSearch, trial: RecordedTrial | None) -> ForecastRecord:
    """Return the forecasts of a trial.

    Raises:
        NothingToShow: when the search has not ended, or it is not the best trial.
    """
    found, best = search.forecasts, search.best
    if best is None:
        raise NothingToShow("No trial has a score yet, so there is no forecast.")
    if found is None or not found.lines:
        raise NothingToShow(
            "Forecasts of the test part are made when the search ends: the same narrows tune command ends it."
        )
    if trial is None or trial.number != best.number:
        raise NothingToShow(
            f"Forecasts of the test part are kept of the best trial alone, which is {shown(best.name)}."
        )
    return found


def name_of(line: Line, record: ForecastRecord) -> str:
    """Return how a line is called among the others: its target, its series and why it was chosen."""
    names = [line.target] if len(record.errors) > 1 or record.series == 1 else []
    names += [f"{line.series} ({line.why})" if line.why else line.series] if record.series > 1 else []
    return shown(", ".join(names))


@dataclass(frozen=True)
class Shown:
    """A line as plotly's points; `step` of each counts from 0.

    Args:
        line: what is drawn.
        horizon: rows of a forecast.
        dates: whether its times are dates; else they are numbers.
    """

    line: Line
    horizon: int
    dates: bool

    @property
    def times(self) -> list[Any]:
        """Where each point stands."""
        return [*self.line.times] if self.dates else [float(time) for time in self.line.times]

    @property
    def residuals(self) -> list[float | None]:
        """What came less the forecast."""
        pairs = zip(self.line.actual, self.line.forecast, strict=True)
        return [None if a is None or f is None else a - f for a, f in pairs]

    def points(self, values: Numbers) -> dict[str, Any]:
        """Return points with a gap before each forecast that does not follow the one before."""
        x: list[Any] = []
        y: list[float | None] = []
        times = self.times
        gaps = {place * self.horizon for place in self.line.after_gap}
        for place, (time, value) in enumerate(zip(times, values, strict=True)):
            if place in gaps:
                x.append(time)
                y.append(None)
            x.append(time)
            y.append(value)
        return {"x": x, "y": y}

    def band(self, lower: Numbers, upper: Numbers) -> dict[str, Any]:
        """Return the outline of the interval, a closed polygon for each unbroken stretch.

        Args:
            lower: what is added to the forecast for the lower end, by step.
            upper: likewise.
        """
        x: list[Any] = []
        y: list[float | None] = []
        times = self.times
        for stretch in self._stretches(lower, upper):
            there = [times[place] for place in stretch]
            ends = [[self._end(place, end) for place in stretch] for end in (upper, lower)]
            x += [*there, *there[::-1], None]
            y += [*ends[0], *ends[1][::-1], None]
        return {"x": x, "y": y}

    def _end(self, place: int, end: Numbers) -> float:
        """Return an end of the interval at a point."""
        sizes = self.line.sizes
        size = (sizes[place // self.horizon] or 0.0) if sizes else 1.0
        return (self.line.forecast[place] or 0.0) + size * (end[place % self.horizon] or 0.0)

    def _stretches(self, lower: Numbers, upper: Numbers) -> list[list[int]]:
        """Return the places of points that follow one another and have an interval."""
        found: list[list[int]] = [[]]
        gaps = {place * self.horizon for place in self.line.after_gap}
        for place, value in enumerate(self.line.forecast):
            step = place % self.horizon
            known = None not in (value, lower[step], upper[step])
            if place in gaps or not known:
                found.append([])
            if known:
                found[-1].append(place)
        return [stretch for stretch in found if stretch]

    @property
    def worst(self) -> list[int]:
        """The forecasts of the largest mean squared errors, from 0, the worst first."""
        errors = {}
        for number in range(len(self.line.times) // self.horizon):
            own = self.residuals[number * self.horizon : (number + 1) * self.horizon]
            known = [one for one in own if one is not None]
            if known:
                errors[number] = math.fsum((one / self._unit) ** 2 for one in known) / len(known)
        return sorted(errors, key=lambda number: (-errors[number], number))[:WORST]

    @property
    def _unit(self) -> float:
        """The largest residual: squares of very large ones stay numbers."""
        return max((abs(one) for one in self.residuals if one is not None), default=1.0) or 1.0

    def around(self, number: int) -> list[Any]:
        """Return the range of times of a forecast with what is before and after it."""
        room, times = max(self.horizon, AROUND), self.times
        first, last = number * self.horizon - room, (number + 1) * self.horizon - 1 + room
        return [times[max(first, 0)], times[min(last, len(times) - 1)]]
