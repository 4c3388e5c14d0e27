"""Learning curves of all sides in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...figures._base import NothingToShow
from ...figures._curves import best_epochs, epoch_axis, lines, losses_of, with_curve
from ...figures._loss import loss_axis
from ...figures._style import NEUTRAL, shown
from ..sides import losses_apart
from ._base import Comparison

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..sides import Side


class CurvesTogether(Comparison):
    """Losses against epochs, one colour a side."""

    place = 20
    title = "Learning curves"
    sentence = (
        "How the error of each fell while it trained: solid on the validation part, which it never learns "
        "from, dotted on the data that it learns from. Of a search it is the best trial."
    )
    note = (
        "The point on a line is the epoch whose weights are kept. A solid line that still falls at its end "
        "wants more epochs. One that rises while its dotted one falls belongs to a network that learns its "
        "data by heart. Where two solid lines cross again and again, the difference at their points is luck."
    )

    @classmethod
    def draw(cls, sides: Sequence[Side]) -> go.Figure:
        import plotly.graph_objects as go

        if why := losses_apart(sides):
            raise NothingToShow(why)
        figure, every = go.Figure(), []
        for side in sides:
            curved = with_curve([side.trial] if side.trial else [])
            if not curved:
                continue
            every += curved
            group: dict[str, Any] = {"legendgroup": side.name}
            if side.search is not sides[0].search:
                group["customdata"] = None
            dotted = {"color": side.colour, "width": 1, "dash": "dot"}
            figure.add_scatter(**lines(curved, "train") | group, line=dotted, opacity=0.8, showlegend=False)
            look = {"color": side.colour, "width": 2}
            figure.add_scatter(**lines(curved, "validation") | group, line=look, showlegend=False)
            marker = {"color": side.colour, "symbol": side.mark, "size": 9}
            figure.add_scatter(**best_epochs(curved) | group, marker=marker, name=shown(side.name))
        if not every:
            raise NothingToShow("The epochs of these trials are not known.")
        dashed = {"color": NEUTRAL, "width": 1, "dash": "dot"}
        figure.add_scatter(x=[None], y=[None], mode="lines", line=dashed, name="on training data")
        axis = loss_axis(sides[0].search, losses_of(every))
        figure.update_layout(
            xaxis=epoch_axis(every),
            yaxis=axis | {"title": axis["title"].replace("validation loss", "loss")},
            showlegend=True,
        )
        return figure
