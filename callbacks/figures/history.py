"""History: the score of each trial in the order of trials, and the best so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._base import NothingToShow, Picture
from ._style import BEST, FAILED, TRIAL, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial


class History(Picture):
    """Trials and the best so far against the trial number; failed trials at the foot."""

    view = "search"
    place = 10
    title = "History"
    sentence = "Each point is one trial; the line is the best validation loss found so far."
    note = (
        "Trials stand in the order in which they were proposed. A line that has been flat for long says that "
        "more trials of this space will hardly help. Crosses at the foot are trials that failed; hover over "
        "one to see why. The scale is logarithmic, so equal distances are equal ratios of losses."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        if not search.trials:
            raise NothingToShow("No trial has ended yet.")
        scored = [one for one in search.trials if one.score is not None]
        failed = [one for one in search.trials if one.score is None]
        figure = go.Figure()
        figure.add_scattergl(
            x=[one.number for one in scored],
            y=[one.score for one in scored],
            customdata=[one.number for one in scored],
            text=[shown(one.name) for one in scored],
            hovertemplate="%{text}<br>validation loss %{y:.4g}<extra></extra>",
            mode="markers",
            marker={"color": TRIAL, "size": 7, "opacity": 0.7},
            name="trial",
        )
        records = _records(scored)
        last = search.trials[-1].number
        figure.add_scatter(
            x=[*(one.number for one in records), *([last] if records else [])],
            y=[*(one.score for one in records), *([records[-1].score] if records else [])],
            mode="lines",
            line={"color": BEST, "width": 2, "shape": "hv"},
            hoverinfo="skip",
            name="best so far",
        )
        if failed:
            figure.add_scatter(
                x=[one.number for one in failed],
                y=[0.02] * len(failed),
                yaxis="y2",
                customdata=[one.number for one in failed],
                text=[f"{shown(one.name)}<br>{shown(one.reason)}" for one in failed],
                hovertemplate="%{text}<extra></extra>",
                mode="markers",
                marker={"color": FAILED, "size": 8, "symbol": "x"},
                name="failed",
            )
        figure.update_layout(
            xaxis={"title": "trial"},
            yaxis={"title": f"validation loss ({search.loss})", "type": "log"},
            yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True},
        )
        return figure


def _records(scored: list[RecordedTrial]) -> list[RecordedTrial]:
    """Return the trials that were better than all before them."""
    records: list[RecordedTrial] = []
    for one in scored:
        assert one.score is not None
        if not records or one.score < (records[-1].score or 0):
            records.append(one)
    return records
