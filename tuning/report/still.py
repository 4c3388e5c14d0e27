"""A picture as SVG, for where no JavaScript runs: a notebook that is sent on, a page that shows notebooks.

It draws what the history is made of: points, and lines of steps, over one axis across and one upwards. Points
are rounded to pixels and drawn once, so that it stays small however many trials there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...callbacks.figures._axes import number_ticks
from .markup import Html, element

if TYPE_CHECKING:
    import plotly.graph_objects as go

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 12, 30, 44
"""Pixels around the points, for the texts."""
FOOT = 14
"""Pixels above the axis across that belong to what has no number, such as failed trials."""
LETTER = 7
"""Pixels that a letter takes, about."""


@dataclass(frozen=True)
class Scale:
    """Where numbers stand.

    Args:
        low: the number at the pixel `start`.
        high: the number at the pixel `end`.
        start: pixel.
        end: pixel.
        log: whether equal distances are equal ratios.
    """

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> int:
        low, value, high = (math.log10(x) if self.log else x for x in (self.low, value, self.high))
        return round(self.start + (value - low) / (high - low) * (self.end - self.start))

    @property
    def ticks(self) -> list[tuple[int, str]]:
        """Pixel and text of each tick that has a text."""
        ticks = number_ticks(self.low, self.high, self.log)
        return [(self(value), f"{value:g}") for value, text in ticks if text]


def still(figure: go.Figure) -> Html:
    """Return the points and lines of a figure as an SVG of `WIDTH` x `HEIGHT` pixels.

    Args:
        figure: scatter traces with an `xaxis` that has a range. What stands on a second axis upwards has no
            number, and is drawn at the foot. Its texts are HTML, as plotly has them.
    """
    layout = figure.layout
    low, high = layout.xaxis.range
    across = Scale(low, high, LEFT, WIDTH - RIGHT)
    numbers = [y for trace in figure.data if trace.yaxis != "y2" for y in trace.y]
    up = _upwards(numbers, layout.yaxis.type == "log") if numbers else None
    drawn = [
        _trace(trace, across, _at_foot if trace.yaxis == "y2" or up is None else up) for trace in figure.data
    ]
    names = [_text(WIDTH / 2, HEIGHT - 6, layout.xaxis.title.text, "middle")]
    if up is not None:
        names.append(_text(WIDTH - RIGHT, 14, layout.yaxis.title.text, "end"))
    return element(
        "svg",
        *_grid(across, up),
        *drawn,
        *_legend(figure.data),
        *names,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
        style=f"display: block; width: 100%; max-width: {WIDTH}px; font: 12px sans-serif; fill: currentColor",
    )


def _at_foot(_: float) -> int:
    return HEIGHT - BOTTOM


def _upwards(numbers: Sequence[float], log: bool) -> Scale:
    """Return the scale on which all numbers are inside, a little away from its ends."""
    least, most = min(numbers), max(numbers)
    if log:
        room = (most / least) ** 0.05 if most > least else 2.0
        low, high = least / room, most * room
    else:
        room = 0.05 * (most - least) or 1.0
        low, high = least - room, most + room
    return Scale(low, high, HEIGHT - BOTTOM - FOOT, TOP, log)


def _trace(trace: Any, across: Scale, up: Callable[[float], int]) -> Html:
    places = [(across(x), up(y)) for x, y in zip(trace.x, trace.y, strict=True)]
    if trace.mode == "lines":
        (x, y), *others = places
        steps = "".join(f"H{x}V{y}" for x, y in others)
        look = {"stroke": trace.line.color, "stroke_width": "2"}
        return element("path", d=f"M{x} {y}{steps}", fill="none", **look)
    # A line of no length with round ends is a point.
    points = "".join(f"M{x} {y}h0" for x, y in dict.fromkeys(places))
    look = {"stroke": trace.marker.color, "stroke_width": "7", "stroke_linecap": "round"}
    return element("path", d=points, **look)


def _grid(across: Scale, up: Scale | None) -> list[Html]:
    found = []
    for x, text in across.ticks:
        found.append(_text(x, HEIGHT - BOTTOM + 20, text, "middle"))
    for y, text in up.ticks if up else ():
        found.append(_text(LEFT - 8, y + 4, text, "end"))
        found.append(_line(y, "0.15"))
    return [*found, _line(HEIGHT - BOTTOM + 6, "0.5")]


def _line(y: float, opacity: str) -> Html:
    return element("path", d=f"M{LEFT} {y:g}H{WIDTH - RIGHT}", stroke="currentColor", stroke_opacity=opacity)


def _legend(traces: Sequence[Any]) -> list[Html]:
    found, x = [], LEFT
    for trace in traces:
        colour = trace.line.color if trace.mode == "lines" else trace.marker.color
        found.append(element("circle", cx=f"{x}", cy="10", r="4", fill=colour))
        found.append(_text(x + 8, 14, trace.name))
        x += 24 + LETTER * len(trace.name)
    return found


def _text(x: float, y: float, text: str, anchor: str = "start") -> Html:
    return element("text", Html(text), x=f"{x:g}", y=f"{y:g}", text_anchor=anchor)
