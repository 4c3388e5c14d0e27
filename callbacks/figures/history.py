"""History: the score of each trial in the order of trials, and the least loss so far."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...search_spaces.trial import Status
from ._base import NothingToShow, Picture
from ._loss import MANY, loss_axis, records, scores_of, with_score
from ._style import BEST, FAILED, FOLD, SEED, TRIAL, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial


FOOT = 0.07
"""Share of the height that belongs to the failed trials, below the axis of the losses."""


class History(Picture):
    """Trials and the least loss so far against the trial number; failed trials at the foot."""

    view = "search"
    place = 10
    title = "History"
    sentence = "Each point is one trial; the line is the least validation loss found so far."
    note = (
        "Trials stand in the order in which they were proposed. A line that has been flat for long says that "
        "more trials of this space will hardly help. Open circles are trials that ended early, at the best "
        "loss that they had until then; crosses at the foot are trials that failed. Hover over one to see "
        "why. Dashes above or below a point are losses of the same network trained again with other seeds, "
        "at the end of the search: how far they lie apart is luck. Where trials are trained on several "
        "folds, a point is the mean over them and small points are the losses on each: how far these lie "
        "apart is how much one time differs from another. The scale is logarithmic: equal distances are "
        "equal ratios of losses."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        if not search.trials:
            raise NothingToShow("No trial has ended yet.")
        scored = with_score(search)
        numbers = {one.number for one in scored}
        failed = [one for one in search.trials if one.number not in numbers]
        figure = go.Figure()
        if scored:
            _add_scored(figure, scored, last=search.trials[-1].number)
        if failed:
            figure.add_scatter(
                x=[one.number for one in failed],
                y=[0] * len(failed),
                yaxis="y2",
                customdata=[one.number for one in failed],
                text=[f"{shown(one.name)}<br>{shown(one.reason)}" for one in failed],
                hovertemplate="%{text}<extra></extra>",
                mode="markers",
                marker={"color": FAILED, "size": 8, "symbol": "x"},
                name="failed",
            )
        strip = FOOT if failed and scored else float(not scored)
        last = search.trials[-1].number
        losses = [*scores_of(scored), *(loss for _, loss in [*_again(scored), *_folds(scored)])]
        figure.update_layout(
            xaxis={
                "title": "trial",
                "anchor": "y2" if failed else "y",
                "range": [-0.02 * last - 0.5, 1.02 * last + 0.5],
                "dtick": 1 if last < 10 else None,
                "separatethousands": True,
            },
            showlegend=True,
            yaxis=loss_axis(search, losses) | {"domain": [strip if scored else 0, 1]},
            yaxis2={"domain": [0, strip], "range": [-1, 1], "visible": False, "fixedrange": True},
        )
        return figure


def _add_scored(figure: go.Figure, scored: list[RecordedTrial], last: int) -> None:
    """Add the trials with a score, and the least loss so far up to the trial `last`."""
    many = len(scored) > MANY
    if folds := _folds(scored):
        _add_beside(figure, folds, "on one fold", {"color": FOLD, "size": 4, "opacity": 0.6}, many=many)
    add = figure.add_scattergl if many else figure.add_scatter
    early = [one for one in scored if one.status == Status.STOPPED]
    whole = [one for one in scored if one.status != Status.STOPPED]
    for some, name, symbol in ((whole, "trial", "circle"), (early, "ended early", "circle-open")):
        if some:
            add(
                x=[one.number for one in some],
                y=scores_of(some),
                customdata=[one.number for one in some],
                text=["<br>".join(map(shown, filter(None, (one.name, one.reason)))) for one in some],
                hovertemplate="%{text}<br>validation loss %{y:.4g}<extra></extra>",
                mode="markers",
                marker={"color": TRIAL, "size": 5 if many else 7, "opacity": 0.8, "symbol": symbol},
                name=name,
            )
    if seeds := _again(scored):
        dash = {"color": SEED, "size": 9, "symbol": "line-ew", "line": {"color": SEED, "width": 2}}
        _add_beside(figure, seeds, "with another seed", dash, many=False)
    found = records(scored)
    best = scores_of(found)
    figure.add_scatter(
        x=[*(one.number for one in found), last],
        y=[*best, best[-1]],
        mode="lines",
        line={"color": BEST, "width": 2, "shape": "hv"},
        hoverinfo="skip",
        name="least so far",
    )


def _add_beside(
    figure: go.Figure,
    beside: list[tuple[RecordedTrial, float]],
    name: str,
    marker: dict[str, Any],
    *,
    many: bool,
) -> None:
    """Add losses of a trial's network in other trainings."""
    add = figure.add_scattergl if many else figure.add_scatter
    add(
        x=[one.number for one, _ in beside],
        y=[loss for _, loss in beside],
        customdata=[one.number for one, _ in beside],
        text=[f"{shown(one.name)}<br>{name}" for one, _ in beside],
        hovertemplate="%{text}<br>validation loss %{y:.4g}<extra></extra>",
        mode="markers",
        marker=marker,
        name=name,
    )


def _again(scored: list[RecordedTrial]) -> list[tuple[RecordedTrial, float]]:
    """Return the losses with other seeds, each with its trial."""
    return [(one, loss) for one in scored for loss in one.again if loss is not None and math.isfinite(loss)]


def _folds(scored: list[RecordedTrial]) -> list[tuple[RecordedTrial, float]]:
    """Return the losses on each fold, where there are several, each with its trial."""
    return [(one, loss) for one in scored for loss in one.folds if math.isfinite(loss)]
