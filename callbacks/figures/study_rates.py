"""Study, rates: the validation loss of each arm at each learning rate, and the one it was compared at."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ._base import NothingToShow, Picture
from ._study import shown_study
from ._style import LOSS_SCALE, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

ROW = 34
"""Pixels of a row."""


class StudyRates(Picture):
    """A map: arms down, learning rates across, colour the validation loss."""

    view = "study"
    place = 30
    title = "Learning rates"
    sentence = "The validation loss at each learning rate; the ring is the rate each network is compared at."
    note = (
        "Wide layers want smaller learning rates than narrow ones, so widths that share one rate are "
        "compared unfairly. Here each has its own: three are tried around a rule of thumb, more where the "
        "best of them is at an end. The numbers are means over three seeds. A row that is all of one colour "
        "is a network that does not care about its rate."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        study = shown_study(search)
        arms = [arm for arm in reversed(study.arms) if arm.rates]
        if not arms:
            raise NothingToShow("No learning rate of this study was tried to the end yet.")
        columns = sorted({one.rate for arm in arms for one in arm.rates})
        losses = [{one.rate: one.val_loss for one in arm.rates} for arm in arms]
        cells = [[row.get(rate) for rate in columns] for row in losses]
        figure = go.Figure()
        figure.add_heatmap(
            x=[f"{rate:g}" for rate in columns],
            y=[shown(arm.label) for arm in arms],
            z=[[None if cell is None else math.log10(max(cell, 1e-12)) for cell in row] for row in cells],
            text=[["" if cell is None else f"{cell:.3g}" for cell in row] for row in cells],
            texttemplate="%{text}",
            hovertemplate="%{y}, learning rate %{x}: validation loss %{text}<extra></extra>",
            colorscale=LOSS_SCALE,
            showscale=False,
            xgap=2,
            ygap=2,
        )
        figure.add_scatter(
            x=[f"{arm.rate:g}" for arm in arms],
            y=[shown(arm.label) for arm in arms],
            mode="markers",
            marker={"symbol": "circle-open", "size": 34, "color": "#ffffff", "line": {"width": 2.5}},
            hoverinfo="skip",
        )
        figure.update_layout(
            xaxis={
                "title": "learning rate",
                "type": "category",
                "categoryarray": [f"{r:g}" for r in columns],
            },
            yaxis={"title": "units" if study.numeric else "", "type": "category"},
            height=max(260, 110 + ROW * len(arms)),
            showlegend=False,
        )
        return figure
