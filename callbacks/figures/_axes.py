"""Axes of parallel coordinates: where each value stands, and the ticks.

plotly draws such an axis linear. A log scale is made of log10 values with ticks in plain numbers, a text
stands at its number in the sorted texts, and what a trial does not have stands at a place of its own below.

Facts of plotly 4's parcoords that shape this: tick texts are drawn literally, so they must not be
escaped; two equal texts would shift all ticks above them, so those without a text have blanks, each one
more; and on an axis with ticks a selected range snaps to a quarter of the way to the next tick.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._columns import Column
from ._style import shown

FEW = 9
"""Up to so many different numbers each have their own tick."""
BELOW = 0.15
"""How far below the axis the place of "no layer" is, as a share of it."""
APART = 0.05
"""Least distance of two tick texts, as a share of the axis."""
LONGEST = 16
"""Letters of a text before it is cut."""


@dataclass(frozen=True)
class Axis:
    """One axis.

    Args:
        label: as the user wrote it.
        places: where each trial stands on it.
        low, high: its ends.
        ticks: place and text; the text may be empty.
    """

    label: str
    places: Sequence[float]
    low: float
    high: float
    ticks: Sequence[tuple[float, str]]

    def dimension(self) -> dict[str, Any]:
        """Return plotly's dimension."""
        ticks = _legible(self.ticks, APART * (self.high - self.low))
        return {
            "label": shown(cut(self.label)),
            "values": np.asarray(self.places, np.float32),
            "range": [self.low, self.high],
            "tickvals": [place for place, _ in ticks],
            "ticktext": [text for _, text in ticks],
        }


def axis_of(column: Column) -> Axis:
    """Return the axis of a hyperparameter, which must have two different values, absence included."""
    place = _placing(column)
    low, high = place(column.distinct[0]), place(column.distinct[-1])
    span = (high - low) or 1.0
    ticks = _ticks(column, place)
    absent = low - BELOW * span
    if column.partly_absent:
        ticks = [(absent, absent_text(column.declared.name)), *ticks]
    places = [absent if value is None else place(value) for value in column.values]
    margin = 0.02 * span
    return Axis(
        column.declared.name,
        places,
        (absent if column.partly_absent else low) - margin,
        high + margin,
        ticks,
    )


def number_axis(label: str, values: Sequence[float], log: bool, marks: Iterable[float] = ()) -> Axis:
    """Return the axis of numbers that every trial has.

    Args:
        label: as it is shown.
        values: one for each trial.
        log: whether the scale is logarithmic; the values are positive then.
        marks: values that have a tick without text.
    """
    place = math.log10 if log else float
    low, high = place(min(values)), place(max(values))
    margin = 0.02 * ((high - low) or 1.0)
    # A selected range must be able to begin below the smallest value.
    blank = [(low - margin, ""), *((place(mark), "") for mark in marks)]
    ticks = [(place(value), text) for value, text in number_ticks(min(values), max(values), log)]
    return Axis(label, [place(value) for value in values], low - margin, high + margin, [*blank, *ticks])


def absent_text(name: str) -> str:
    """Return what stands for "this trial does not have it"."""
    return "no layer" if name.startswith("units_") else "absent"


def cut(text: str) -> str:
    """Return `text`, without its middle where it is long: what differs is often at the end."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST // 2]}…{text[-(LONGEST // 2 - 1) :]}"


def number_ticks(low: float, high: float, log: bool) -> list[tuple[float, str]]:
    """Return value and text of the ticks from `low` to `high`; those in between have no text."""
    if log:
        decades = range(math.floor(math.log10(low)), math.floor(math.log10(high)) + 1)
        texted = (1, 2, 5) if len(decades) <= 3 else (1,)
        steps = [(digit * 10.0**decade, digit in texted) for decade in decades for digit in range(1, 10)]
        inside = [(value, with_text) for value, with_text in steps if low <= value <= high]
        if sum(with_text for _, with_text in inside) > 2:
            return [(value, plain(value) if with_text else "") for value, with_text in inside]
    if low == high:
        return [(low, plain(low))]
    step = 10.0 ** math.floor(math.log10((high - low) / 3))
    step *= max(factor for factor in (1, 2, 5) if factor * step <= (high - low) / 3 or factor == 1)
    found = range(math.ceil(5 * low / step), math.floor(5 * high / step) + 1)
    return [(fifth * step / 5, "" if fifth % 5 else plain(fifth * step / 5)) for fifth in found]


def plain(value: float) -> str:
    """Return `value` without an exponent, with up to six digits."""
    return str(np.format_float_positional(value, precision=6, fractional=False, trim="-"))


def _placing(column: Column) -> Callable[[Any], float]:
    if not column.declared.numeric:
        number = {text: place for place, text in enumerate(column.distinct)}
        return lambda text: float(number[text])
    return math.log10 if column.log else float


def _ticks(column: Column, place: Callable[[Any], float]) -> list[tuple[float, str]]:
    distinct: Any = column.distinct
    if not column.declared.numeric:
        return [(place(text), cut(text)) for text in distinct]
    if len(distinct) <= FEW:
        return [(place(value), plain(value)) for value in distinct]
    return [(place(value), text) for value, text in number_ticks(distinct[0], distinct[-1], column.log)]


def _legible(ticks: Sequence[tuple[float, str]], apart: float) -> list[tuple[float, str]]:
    """Return the ticks in order, no text twice, and none closer than `apart` to the one below it."""
    found: list[tuple[float, str]] = []
    used: set[str] = set()
    below = -math.inf
    for place, text in sorted(ticks):
        if text and place - below >= apart:
            below = place
        else:
            text = " "
        while text in used:
            text += " "
        used.add(text)
        found.append((place, text))
    return found
