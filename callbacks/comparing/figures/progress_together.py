"""The least loss so far of two searches, trial by trial."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...figures._base import NothingToShow
from ...figures._loss import loss_axis, records, scores_of, with_score
from ...figures._style import shown
from ..sides import losses_apart
from ._base import Comparison

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ...recorded import RecordedSearch
    from ..sides import Side


class ProgressTogether(Comparison):
    """The least loss so far against the trial number, one line a search."""

    trials = False
    place = 5
    title = "Least loss so far"
    sentence = (
        "The least validation loss found so far, trial by trial, in each search; dashed the linear forecast "
        "that its trials began at, where they did."
    )
    note = (
        "A search that is lower after as many trials has the better chances: its data, its lookback or its "
        "space are better. Where the longer line alone is lower, it may only have had more tries. A solid "
        "line that stays at its dashed one has found nothing that an LSTM adds to a linear forecast. The "
        "best trial of a search may lie above its line: where losses are close, one that counts from the "
        "last value or is smaller is preferred."
    )

    @classmethod
    def draw(cls, sides: Sequence[Side]) -> go.Figure:
        import plotly.graph_objects as go

        if why := losses_apart(sides):
            raise NothingToShow(why)
        known = [(side, found) for side in sides if (found := with_score(side.search))]
        if not known:
            raise NothingToShow("No trial has a score yet.")
        figure, losses = go.Figure(), []
        last = max(side.search.trials[-1].number for side, _ in known)
        for side, found in known:
            best = records(found)
            levels = scores_of(best)
            losses += levels
            leads = side.search is sides[0].search
            figure.add_scatter(
                x=[*(one.number for one in best), side.search.trials[-1].number],
                y=[*levels, levels[-1]],
                customdata=[*(one.number for one in best), best[-1].number] if leads else None,
                text=[*(shown(one.name) for one in best), shown(best[-1].name)],
                hovertemplate="%{text}<br>validation loss %{y:.4g}<extra></extra>",
                mode="lines+markers",
                line={"color": side.colour, "width": 2, "shape": "hv"},
                marker={"color": side.colour, "symbol": side.mark, "size": 7},
                name=shown(side.name),
            )
            floor = _linear(side.search)
            if floor is not None:
                losses.append(floor)
                figure.add_scatter(
                    x=[0, last],
                    y=[floor, floor],
                    mode="lines",
                    line={"color": side.colour, "width": 1.5, "dash": "dash"},
                    hovertemplate="linear forecast: %{y:.4g}<extra></extra>",
                    name=f"linear forecast of {shown(side.name)}",
                )
        figure.update_layout(
            xaxis={
                "title": "trial",
                "range": [-0.02 * last - 0.5, 1.02 * last + 0.5],
                "dtick": 1 if last < 10 else None,
                "separatethousands": True,
            },
            yaxis=loss_axis(sides[0].search, losses),
            showlegend=True,
        )
        return figure


def _linear(search: RecordedSearch) -> float | None:
    """Return the least loss that a trial began at before it learned anything; None where none is known."""
    curves = (one.learning for one in search.trials)
    starts = [one.validation[0] for one in curves if one and one.epoch and one.epoch[0] == 0]
    return min((loss for loss in starts if loss is not None), default=None)
