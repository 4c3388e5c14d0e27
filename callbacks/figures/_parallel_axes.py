"""The axes of parallel coordinates: their lines, their ticks with texts, and the plane they stand in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ._axes import Axis, cut
from ._style import NEUTRAL, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

MANY = 10
"""Axes from which on there is room for short texts only."""
ABOVE = 68
"""Pixels above the axes."""
BESIDE, STEP, PLANE = 130, 76, 690
"""Pixels beside the axes, from one to the next at least, and across all of them where they are many."""
LETTER, LINES = 7.5, 3
"""Pixels of a letter, about, and lines of a name above its axis."""
LEAST = 8
"""Letters that a line must have room for; where there is less, plotly turns names, each in one line."""


def add_axes(figure: go.Figure, axes: Sequence[Axis]) -> None:
    """Add the lines of the axes, then their ticks with texts."""
    ends = [(place, height) for place, axis in enumerate(axes) for height in (axis.end, 1.0, None)]
    figure.add_scatter(
        x=[place for place, _ in ends],
        y=[height for _, height in ends],
        mode="lines",
        line={"color": NEUTRAL, "width": 1.5},
        hoverinfo="skip",
    )
    ticks = [(place, height, text) for place, axis in enumerate(axes) for height, text in _texts(axes, place)]
    figure.add_scatter(
        x=[place for place, _, _ in ticks],
        y=[height for _, height, _ in ticks],
        text=[shown(text) for _, _, text in ticks],
        mode="markers+text",
        marker={"symbol": "line-ew", "size": 8, "line": {"color": NEUTRAL, "width": 1.5}},
        # Many lines lie on the place of "no layer", and its text below them.
        textposition=[
            "middle right" if height or not axes[place].end else "bottom right" for place, height, _ in ticks
        ],
        # Its colour is that which the text stands out from.
        textfont={"shadow": "auto"},
        cliponaxis=False,
        hoverinfo="skip",
    )


def _texts(axes: Sequence[Axis], place: int) -> list[tuple[float, str]]:
    """Return the ticks of an axis; among many, "no layer" stands at the first of neighbours that have it."""
    axis, before = axes[place], axes[max(place - 1, 0)]
    if len(axes) <= MANY:
        return [(height, cut(text)) for height, text in axis.ticks]
    told = place > 0 and axis.end > 0 and before.end > 0 and axis.ticks[0] == before.ticks[0]
    return [(height, "" if told and height == 0 else cut(text, 9)) for height, text in axis.ticks]


def frame(axes: Sequence[Axis]) -> dict[str, Any]:
    """Return the plane in which two axes or more stand, with their labels above them."""
    last = len(axes) - 1
    longest = max(len(word.rstrip()) for axis in axes for word in _words(axis.label))
    plane = min(last * max(STEP, LETTER * longest), PLANE)
    room = int(plane / last / LETTER)
    flat = room >= LEAST
    return {
        "xaxis": {
            "tickvals": list(range(len(axes))),
            "ticktext": [broken(axis.label, room) if flat else shown(cut(axis.label)) for axis in axes],
            **({"tickangle": 0} if flat else {"autotickangles": [0, -25, -90]}),
            "side": "top",
            "range": [-0.02 * last, 1.01 * last],
            # Room for the texts of the last axis.
            "domain": [0, 0.94],
            "showgrid": False,
            "zeroline": False,
            "showline": False,
            "fixedrange": True,
        },
        "yaxis": {"range": [-0.07, 1.06], "visible": False, "fixedrange": True},
        "dragmode": False,
        "meta": {"least": BESIDE + plane},
        # Room for plotly's own buttons above the labels.
        "margin": {"t": ABOVE},
    }


def broken(name: str, room: int) -> str:
    """Return a name for plotly in up to `LINES` lines of `room` letters, broken where its words end."""
    lines = [""]
    for word in _words(name):
        if lines[-1] and len(lines[-1] + word.rstrip()) > room:
            lines.append("")
        lines[-1] += word
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], lines[LINES - 1] + "…"]
    return "<br>".join(shown(cut(line.strip(), room)) for line in lines)


def _words(name: str) -> list[str]:
    return re.findall(r"[^_ .-]*[_ .-]|[^_ .-]+", name)
