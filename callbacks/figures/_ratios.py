"""Ratios of two losses as an axis: logarithmic, so that half and twice as much are as far from "same"."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

ROUND = (2, 1.5, 5, 1.2, 1.1, 1.05, 1.02, 1.01, 3, 1.3)
"""Ratios that are written where there is room, the first ones first, and as much below 1 as above."""
APART = 0.07
"""Least distance of two ticks, as a share of the axis."""
BEYOND = 0.5
"""How far a bar may stretch the axis beyond all points, as a share of what they take; those of two seeds are
longer than all there is to see."""
AROUND = 0.05
"""Room above and below what is seen, as a share of it."""
ROOM, TOP = 0.2, 0.09
"""The same above what is seen where a text and marks stand there; from the end of the axis to the marks."""


MOST = 300.0
"""The log10 of a ratio beyond which nothing is seen: what is twice as far is no number any more."""


def ratio_axis(
    points: Iterable[float], ends: Iterable[float], margin: float, *, room: bool = False
) -> dict[str, Any]:
    """Return plotly's axis of ratios, on which 1 and `margin` have a tick.

    Args:
        points: ratios that must be seen, positive.
        ends: of bars, seen as far as they do not hide the points by their length.
        margin: the ratio that decides, above 1.
        room: whether a text stands above all points, or marks, at `top_of` the axis.
    """
    seen = [math.log10(point) for point in (*points, 1.0, margin)]
    low, high = min(seen), max(seen)
    reach = BEYOND * (high - low)
    bars = [min(max(math.log10(end), low - reach), high + reach) for end in ends if end > 0]
    low, high = min(low, *bars, low), max(high, *bars, high)
    low, high = low - AROUND * (high - low), high + (ROOM if room else AROUND) * (high - low)
    low, high = max(low, -MOST), min(high, MOST)
    ticks = _ticks(low, high, margin)
    return {
        "type": "log",
        "range": [low, high],
        "tickvals": ticks,
        "ticktext": [ratio_text(tick) for tick in ticks],
    }


def top_of(axis: dict[str, Any]) -> float:
    """Return the ratio of marks at the top of an axis with `room`, below a text at its end."""
    low, high = axis["range"]
    return float(10 ** (high - TOP * (high - low)))


def ratio_text(ratio: float) -> str:
    """Return a ratio of losses as it is read: `same`, `+5 %`, `-10 %`, `x3`, `1/3`."""
    if ratio == 1:
        return "same"
    if ratio >= 1.995:
        return f"x{_digits(ratio)}"
    return f"1/{_digits(1 / ratio)}" if ratio <= 0.501 else f"{100 * (ratio - 1):+.3g} %"


def _digits(ratio: float) -> str:
    """Return a number of 1 or more with three digits, or all before the point."""
    return f"{ratio:.3g}" if ratio < 1000 else f"{ratio:,.0f}" if ratio < 1e6 else f"{ratio:.0e}"


def _ticks(low: float, high: float, margin: float) -> Sequence[float]:
    """Return as many ticks as have room between two log10 ratios, rising."""
    tens = [10.0**power for power in range(math.ceil(low), math.floor(high) + 1) if power]
    digits = [digit * 10.0**power for digit in (2, 5) for power in range(math.floor(low), math.ceil(high))]
    small = [one for ratio in ROUND for one in (ratio, 1 / ratio if ratio >= 2 else 2 - ratio)]
    found: list[float] = []
    for tick in (1.0, margin, *tens, *digits, *small):
        place = math.log10(tick)
        free = all(abs(place - math.log10(other)) >= APART * (high - low) for other in found)
        if low <= place <= high and (free or not found):
            found.append(tick)
    return sorted(found)
