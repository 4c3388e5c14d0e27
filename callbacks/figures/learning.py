"""Learning curves: how the losses of the best trials fell, epoch by epoch, and of those that ended early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...search_spaces.trial import Status
from ._base import NothingToShow, Picture
from ._curves import best_epochs, epoch_axis, lines, losses_of, with_curve
from ._loss import loss_axis
from ._style import BEST, NEUTRAL, TRIAL

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

MOST = 10
"""Best trials that are drawn."""
MOST_EARLY = 100
"""Trials that ended early that are drawn, the newest."""


class Learning(Picture):
    """Losses against epochs of the best trials; those that ended early are faint."""

    view = "search"
    place = 70
    title = "Learning curves"
    sentence = (
        "How the error of the ten best trials fell while they trained: solid on the validation part, which "
        "they never learn from, dotted on the data that they learn from."
    )
    note = (
        "Each line is one trial, and the point on it the epoch whose weights are kept. Where solid lines "
        "still fall at their end, more epochs would help. A solid line that rises while its dotted one falls "
        "belongs to a network that learns its data by heart: smaller layers, dropout or more data help. "
        "Faint dashed lines are trials that were ended early because others were better after as many "
        "epochs; of many the newest 100 are drawn. The scale is logarithmic where all losses are above 0."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        if not search.ranked:
            raise NothingToShow("No trial has a score yet.")
        best = with_curve(search.ranked[:MOST])
        drawn = {one.number for one, _ in best}
        ended = (one for one in reversed(search.trials) if one.status == Status.STOPPED)
        early = with_curve([one for one in ended if one.number not in drawn][:MOST_EARLY])
        if not best:
            raise NothingToShow("The epochs of these trials are not known.")
        figure = go.Figure()
        if early:
            faint = {"color": TRIAL, "width": 1, "dash": "longdash"}
            figure.add_scatter(**lines(early, "validation"), line=faint, opacity=0.4, name="ended early")
        first = best[0][0] is search.best
        for some, colour, name in ((best[first:], TRIAL, "next best"), (best[:first], BEST, "best")):
            if not some:
                continue
            look = {"color": colour, "width": 2.5 if some[0][0] is search.best else 1.5}
            group = {"legendgroup": name, "showlegend": False}
            dotted = look | {"width": 1, "dash": "dot"}
            figure.add_scatter(**lines(some, "train"), line=dotted, opacity=0.7, **group)
            figure.add_scatter(**lines(some, "validation"), line=look, legendgroup=name, name=name)
            figure.add_scatter(**best_epochs(some), marker={"color": colour, "size": 7}, **group)
        dashed = {"color": NEUTRAL, "width": 1, "dash": "dot"}
        figure.add_scatter(x=[None], y=[None], mode="lines", line=dashed, name="on training data")
        every = [*early, *best]
        axis = loss_axis(search, losses_of(every))
        figure.update_layout(
            xaxis=epoch_axis(every),
            yaxis=axis | {"title": axis["title"].replace("validation loss", "loss")},
            showlegend=True,
        )
        return figure
