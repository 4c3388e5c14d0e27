"""Study, kept: what the layer in question held at each width, beside what it cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ._base import NothingToShow, Picture
from ._study import shown_study
from ._style import BEST, TRIAL

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

LINES = {
    "target": ("target that can be read from the layer", BEST, "circle"),
    "kept": ("state before the layer that is found in it", TRIAL, "square"),
    "fill": ("units that do different work", "#8a8f98", "diamond"),
}


class StudyKept(Picture):
    """Shares from 0 to 100 % against the width."""

    view = "study"
    place = 20
    title = "What each width kept"
    sentence = "How much of the layer is used at each width, what it kept of the layer before, what it tells."
    note = (
        "Measured on validation windows in the network of the first seed. Units do different work when none "
        "of them repeats others: a wide layer with a small share could do with fewer units, one at 100 % is "
        "full. What is kept of the layer before may fall without any harm: what counts is whether the "
        "target can still be read, and what it costs in the picture before this one."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        study = shown_study(search)
        arms = sorted(
            (arm for arm in study.arms if arm.measures and arm.width), key=lambda arm: arm.width or 0
        )
        if not arms:
            raise NothingToShow("Nothing is measured in a study that varies more than one layer.")
        figure = go.Figure()
        places = list(dict.fromkeys(arm.place for arm in arms))
        for key, (name, colour, symbol) in LINES.items():
            for number, place in enumerate(places):
                own = [arm for arm in arms if arm.place == place]
                values = [(arm.measures or {}).get(key) for arm in own]
                if all(value is None for value in values):
                    continue
                after = "" if place is None else f", after layer {place}"
                figure.add_scatter(
                    x=[math.log2(arm.width or 1) for arm in own],
                    y=values,
                    text=[f"{arm.width} units{after}: {name}" for arm in own],
                    hovertemplate="%{text} %{y:.0%}<extra></extra>",
                    mode="lines+markers",
                    line={"color": colour, "dash": "solid" if number == 0 else "dot", "width": 2},
                    marker={"symbol": symbol, "size": 8},
                    name=name,
                    legendgroup=key,
                    showlegend=number == 0,
                )
        widths = {math.log2(arm.width or 1): str(arm.width) for arm in arms}
        figure.update_layout(
            xaxis={"title": study.axis, "tickvals": list(widths), "ticktext": list(widths.values())},
            yaxis={"range": [-0.03, 1.04], "tickformat": ".0%"},
            showlegend=True,
        )
        return figure
