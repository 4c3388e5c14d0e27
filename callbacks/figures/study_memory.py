"""Study, memory: how far back the layer in question remembers the input, at each width."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._base import NothingToShow, Picture
from ._study import name_of, shades, shown_study

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial


class StudyMemory(Picture):
    """A line for each width, from dark (narrow) to light (wide)."""

    view = "study"
    place = 40
    title = "Memory by width"
    sentence = (
        "How well the input of so many steps back can be recovered from the layer, a line for each width."
    )
    note = (
        "100 % is perfectly, 0 % not at all. Where the lines of narrow widths fall below those of wide "
        "ones, narrowing cost memory. That need not matter: a layer after it may rebuild what the forecast "
        "needs, and a task of the recent past needs no long memory. Measured in the network of the first "
        "seed."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        study = shown_study(search)
        arms = [arm for arm in study.arms if arm.measures and arm.measures.get("memory")]
        arms.sort(key=lambda arm: (arm.place or 0, arm.width or 0))
        if not arms:
            raise NothingToShow("No memory was measured in this study.")
        figure = go.Figure()
        for arm, colour in zip(arms, shades(len(arms)), strict=True):
            measures = arm.measures or {}
            values = [None if one is None else min(max(one, 0.0), 1.0) for one in measures["memory"]]
            figure.add_scatter(
                x=measures["lags"],
                y=values,
                hovertemplate=f"{name_of(study, arm)}, %{{x}} steps back: %{{y:.0%}}<extra></extra>",
                mode="lines",
                line={"color": colour, "width": 2},
                name=name_of(study, arm),
            )
        figure.update_layout(
            xaxis={"title": "steps back"},
            yaxis={"range": [-0.03, 1.04], "tickformat": ".0%"},
            showlegend=True,
        )
        return figure
