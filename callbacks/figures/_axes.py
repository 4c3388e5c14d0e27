"""Axes of hyperparameters: where each value stands, and the ticks.

In parallel coordinates all axes stand side by side in one plane; in other pictures an axis may lie. All have
the same height: 0 is the foot, 1 the top. A log scale is made of log10 values with ticks in plain numbers, a
text stands at its number in the sorted texts, and what a trial does not have stands at a place of its own,
below the end of the axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ._columns import Column
from ._style import shown

FEW = 9
"""Up to so many different numbers each have their own tick."""
BELOW = 0.13
"""How far below its axis the place of "no layer" is, as a share of the length of the axis."""
APART = 0.06
"""Least distance of two tick texts, as a share of the height."""
LONGEST = 16
"""Letters of a text before it is cut."""
LETTERS = 20
"""Letters that have room along a lying axis, half of a picture wide."""


@dataclass(frozen=True)
class Axis:
    """One axis.

    Args:
        label: as the user wrote it.
        heights: float (trials,), where each trial stands on it, from 0 to 1.
        end: height of the lower end of its line; above 0 where "no layer" has a place below it.
        ticks: height and text, from below; the text may be empty, and is not escaped.
    """

    label: str
    heights: np.ndarray
    end: float
    ticks: Sequence[tuple[float, str]]


def axis_of(column: Column) -> Axis:
    """Return the axis of a hyperparameter, which must have two different values, absence included."""
    place = _placing(column)
    low, high = place(column.distinct[0]), place(column.distinct[-1])
    places = [math.nan if value is None else place(value) for value in column.values]
    absent = absent_text(column.declared.name) if column.partly_absent else ""
    return _axis(column.declared.name, places, low, high, _ticks(column, place), absent)


def number_axis(label: str, values: Sequence[float], log: bool) -> Axis:
    """Return the axis of numbers that every trial has.

    Args:
        label: as it is shown.
        values: one for each trial.
        log: whether the scale is logarithmic; the values are positive then.
    """
    place = math.log10 if log else float
    least, most = min(values), max(values)
    ticks = [(place(value), text) for value, text in number_ticks(least, most, log)]
    return _axis(label, [place(value) for value in values], place(least), place(most), ticks)


def lying(axis: Axis) -> dict[str, Any]:
    """Return plotly's axis from left to right, without the texts that would touch the one before.

    The text of what is absent stands a line lower, so that the first value has room for its own.
    """
    ends, texts = -math.inf, []
    for height, text in axis.ticks:
        text = cut(text)
        if height < axis.end:
            texts.append(f"<br>{shown(text)}")
            continue
        half = (len(text) + 1) / LETTERS / 2
        texts.append(shown(text) if text and height - half >= ends else "")
        ends = height + half if texts[-1] else ends
    return standing(axis) | {"ticktext": texts, "tickangle": 0}


def standing(axis: Axis) -> dict[str, Any]:
    """Return plotly's axis from below upwards."""
    # Few values are not at the edge.
    beside = max(0.05, 0.4 / len(axis.ticks))
    return {
        "range": [-beside, 1 + beside],
        "tickvals": [height for height, _ in axis.ticks],
        "ticktext": [shown(cut(text)) for _, text in axis.ticks],
        "ticks": "outside",
        "zeroline": False,
    }


def spread_out(axis: Axis, numbers: Sequence[int]) -> np.ndarray:
    """Return where trials of these `numbers` stand, those of one value a little beside each other."""
    if len(np.unique(axis.heights)) > FEW + 1:
        return axis.heights
    # Multiples of the golden ratio are even and never repeat.
    beside = np.mod(np.asarray(numbers) * 0.6180339887, 1) - 0.5
    return axis.heights + beside * 0.3 / max(len(np.unique(axis.heights)), 5)


def absent_text(name: str) -> str:
    """Return what stands for "this trial does not have it"."""
    return "no layer" if name.startswith("units_") else "absent"


def cut(text: str, longest: int = LONGEST) -> str:
    """Return `text`, without its middle where it is long: what differs is often at the end."""
    if len(text) <= longest:
        return text
    return f"{text[: longest // 2]}…{text[-(longest // 2 - 1) :]}"


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


def plain(value: float, digits: int = 6) -> str:
    """Return `value` without an exponent, with up to so many digits; whole numbers have all of theirs."""
    if float(value).is_integer():
        digits = max(digits, 16)
    return str(np.format_float_positional(value, precision=digits, fractional=False, trim="-"))


def short(values: Sequence[float]) -> list[str]:
    """Return different values with as few digits as tell them apart, three or more."""
    for digits in range(3, 6):
        texts = [plain(value, digits) for value in values]
        if len({*texts}) == len(texts):
            return texts
    return [plain(value) for value in values]


def _axis(
    label: str,
    places: Sequence[float],
    low: float,
    high: float,
    ticks: Sequence[tuple[float, str]],
    absent: str = "",
) -> Axis:
    """Return the axis from `low` to `high`; with a text for what is absent, which is NaN in `places`."""
    end = BELOW / (1 + BELOW) if absent else 0.0

    def height(place: Any) -> Any:
        # Of one value only, it stands in the middle.
        share = (place - low) / (high - low) if high > low else 0 * place + 0.5
        return end + (1 - end) * share

    found = [(float(height(place)), text) for place, text in ticks]
    heights = np.nan_to_num(height(np.asarray(places, float)), nan=0.0)
    return Axis(label, heights, end, _legible([(0.0, absent), *found] if absent else found))


def _placing(column: Column) -> Callable[[Any], float]:
    if not column.declared.numeric:
        number = {text: place for place, text in enumerate(column.distinct)}
        return lambda text: float(number[text])
    return math.log10 if column.log else float


def _ticks(column: Column, place: Callable[[Any], float]) -> list[tuple[float, str]]:
    distinct: Any = column.distinct
    if not column.declared.numeric:
        return [(place(text), text) for text in distinct]
    if len(distinct) <= FEW:
        return [(place(value), text) for value, text in zip(distinct, short(distinct), strict=True)]
    return [(place(value), text) for value, text in number_ticks(distinct[0], distinct[-1], column.log)]


def _legible(ticks: Sequence[tuple[float, str]]) -> list[tuple[float, str]]:
    """Return the ticks in order, without the texts that would touch the one below."""
    found: list[tuple[float, str]] = []
    below = -math.inf
    for height, text in sorted(ticks):
        if text and height - below >= APART:
            below = height
        else:
            text = ""
        found.append((height, text))
    return found
