"""Redundancy: how much of each unit the other units of its layer tell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..narrowing.measures.redundancy import Redundancy
from ._base import Picture
from ._layers import measured, plural
from ._style import FAILED, NEUTRAL, UNIT

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..narrowing import LayerMeasures
    from ..recorded import RecordedSearch, RecordedTrial

BAND = 0.8
"""Breadth of a layer's strip; the strips are 1 apart."""
DEAD_AT = -0.05
BESIDE, COLUMN = 90, 84
"""Pixels beside the strips, and of a strip, with the words below it: `meta.least`."""


class UnitRedundancy(Picture):
    """A dot for each unit, sorted within its layer."""

    view = "trial"
    place = 25
    title = "Do the units learn the same?"
    sentence = (
        "Each dot is a unit: the higher, the more of what it does the other units of its layer tell already."
    )
    note = (
        "At 100 % the others together say exactly the same, so the unit adds nothing that is linear; at 0 % "
        "nobody else says what it says. The line is the median of a layer. A unit is dead when its state "
        "hardly ever moves, and saturated when one of its gates is nearly always open or shut; that is no "
        "fault, a forget gate that is always open is a unit that counts."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        layers = measured(trial).layers
        dots = [dot for number, layer in enumerate(layers, start=1) for dot in _dots(number, layer)]
        figure = go.Figure()
        for kind, marker in _MARKERS.items():
            chosen = [dot[1:] for dot in dots if dot[0] == kind]
            if chosen:
                x, y, texts, units = zip(*chosen, strict=True)
                figure.add_scatter(
                    x=x,
                    y=y,
                    text=texts,
                    customdata=units,
                    hovertemplate="%{text}<extra></extra>",
                    mode="markers",
                    marker=marker,
                    name=kind,
                )
        _add_medians(figure, layers)
        figure.update_layout(
            xaxis={
                "tickvals": list(range(1, len(layers) + 1)),
                "ticktext": [_label(number, layer) for number, layer in enumerate(layers, start=1)],
                "tickangle": 0,
                "range": [0.5, len(layers) + 0.5],
                "showgrid": False,
                "zeroline": False,
            },
            yaxis={"title": "told by the other units", "range": [-0.09, 1.05], "tickformat": ".0%"},
            meta={"least": BESIDE + COLUMN * len(layers)},
        )
        return figure


_MARKERS: dict[str, dict[str, Any]] = {
    "unit": {"color": UNIT, "size": 6, "opacity": 0.8},
    "saturated unit": {"color": UNIT, "size": 8, "symbol": "diamond-open", "line": {"width": 1.5}},
    "dead unit": {"color": FAILED, "size": 7, "symbol": "x"},
}


def _dots(number: int, layer: LayerMeasures) -> list[tuple[str, float, float, str, str]]:
    """Return kind, x, y, text and `unit/LAYER/UNIT` of each unit of a layer, dead ones first."""
    found = layer[Redundancy]
    dead, saturated = set(found.dead), set(found.saturated or ())

    def known(unit: int) -> float:
        value = found.of_units[unit]
        return DEAD_AT if unit in dead or math.isnan(value) else value

    dots = []
    for place, unit in enumerate(sorted(range(layer.units), key=known)):
        x = number + BAND * ((place + 0.5) / layer.units - 0.5)
        head, which = f"layer {number}, unit {unit}: ", f"unit/{number}/{unit}"
        if known(unit) == DEAD_AT:
            dots.append(("dead unit", x, DEAD_AT, head + "dead, its state hardly ever moves", which))
        elif unit in saturated:
            text = f"{head}the others tell {known(unit):.0%} of it"
            text += "<br>saturated: a gate is nearly always open or shut"
            dots.append(("saturated unit", x, known(unit), text, which))
        else:
            dots.append(("unit", x, known(unit), f"{head}the others tell {known(unit):.0%} of it", which))
    return dots


def _add_medians(figure: go.Figure, layers: Sequence[LayerMeasures]) -> None:
    x: list[float | None] = []
    y: list[float | None] = []
    for number, layer in enumerate(layers, start=1):
        middle = layer[Redundancy].median
        if not math.isnan(middle):
            x += [number - BAND / 2, number + BAND / 2, None]
            y += [middle, middle, None]
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": NEUTRAL, "width": 2.5}, hoverinfo="skip", name="median"
    )


def _label(number: int, layer: LayerMeasures) -> str:
    found = layer[Redundancy]
    lines = [f"<b>layer {number}</b>", plural(layer.units, "unit")]
    if not math.isnan(found.median):
        lines.append(f"median {found.median:.0%}")
    if found.dead:
        lines.append(f"{len(found.dead)} dead")
    return "<br>".join(lines)
