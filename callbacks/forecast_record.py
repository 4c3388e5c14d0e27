"""Forecasts of the best trial beside what came and beside a floor, as plain data to draw.

A line is one target of one series over the test part: forecasts that begin one horizon apart, one after the
other, so that each row is forecast once. Point i is step i % horizon, from 0, of forecast i // horizon. What
is kept is bounded: `LINES` lines, and `POINTS` points in all of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..search_spaces.plain import Unreadable, reads_as_number

LINES = 12
POINTS, POINTS_OF_LINE = 4_000, 2_000


@dataclass(frozen=True)
class Line:
    """One target of one series; numbers in raw units, None where one is not finite.

    Args:
        target: its name.
        series: id of the series; empty where there is one.
        why: it was chosen among many series, such as `largest error`; empty where all are kept.
        error: of all test windows, in the metric of the record.
        times: of each point; a text that begins with the date, or a number as text.
        actual: what came.
        forecast: of the best trial.
        floor: forecast of the best floor.
        after_gap: which forecasts do not begin where the one before ended, from 0.
        earlier: test rows of the series, before the first point, that are left out.
        sizes: of each forecast what the ends of its interval are multiplied by; empty where that is 1.
    """

    target: str
    series: str
    why: str
    error: float | None
    times: tuple[str, ...]
    actual: tuple[float | None, ...]
    forecast: tuple[float | None, ...]
    floor: tuple[float | None, ...]
    after_gap: tuple[int, ...] = ()
    earlier: int = 0
    sizes: tuple[float | None, ...] = ()

    def __post_init__(self) -> None:
        if not len(self.times) == len(self.actual) == len(self.forecast) == len(self.floor):
            raise Unreadable("forecasts that are not one for each time")


@dataclass(frozen=True)
class Ends:
    """What is added to a forecast for the ends of its prediction interval, by step; raw units, or the size of
    each forecast (`Line.sizes`)."""

    lower: tuple[float | None, ...]
    upper: tuple[float | None, ...]


@dataclass(frozen=True)
class ForecastRecord:
    """What is kept of the forecasts of the best trial on the test part.

    Args:
        model: what the best trial is called beside the floors.
        metric: `RMSE`, `MAE` or `MASE`.
        horizon: rows of a forecast.
        time: title of the axis of time.
        dates: whether times are dates; else numbers.
        targets: how many there are.
        series: how many there are.
        level: percent of what comes that is to lie in the interval.
        lines: that are drawn.
        floors: name of the best floor, by target.
        ends: of the interval, by target; empty where the test windows are too few.
        steps: of the horizon, from 1, of which errors are kept.
        errors: over all test windows at these steps, by target and forecast, the model's first.
    """

    model: str
    metric: str
    horizon: int
    time: str
    dates: bool
    targets: int
    series: int
    level: float
    lines: tuple[Line, ...]
    floors: Mapping[str, str]
    ends: Mapping[str, Ends]
    steps: tuple[int, ...]
    errors: Mapping[str, Mapping[str, tuple[float | None, ...]]]

    def __post_init__(self) -> None:
        fits = (
            self.horizon >= 1
            and (bool(self.errors) or not self.lines)
            and all(len(end) == self.horizon for one in self.ends.values() for end in (one.lower, one.upper))
            and all(self.errors.values())
            and all(len(one) == len(self.steps) for each in self.errors.values() for one in each.values())
            and all(len(line.sizes) in (0, len(line.times) // self.horizon) for line in self.lines)
            and (self.dates or all(reads_as_number(time) for line in self.lines for time in line.times))
        )
        if not fits:
            raise Unreadable("forecasts whose steps or times do not fit together")
