"""Slice: the validation loss against one hyperparameter after the other, the most important ones first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.best import ranked
from ...search_spaces.trial import Status
from ._axes import Axis, axis_of, cut, lying, spread_out
from ._base import Picture
from ._importance import Judged, Ranking
from ._loss import MANY, loss_axis, scores_of
from ._style import BEST, EFFECT, TRIAL, shown
from ._values import value_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

TITLE = 24
"""Pixels of the title of a panel, above which the legend is."""
MOST, ACROSS = 6, 2
"""Panels, and how many stand side by side."""
PANEL, GAP, BESIDE = 170, 68, 96
"""Pixels of the height of a panel, of the space below it, and of what is above and below all."""
BETWEEN = 0.11
"""Share of the width between two panels: room for the words at their ends on a small screen."""
LONGEST = 22
"""Letters of a name before it is cut."""
CROWDED = 200
"""Trials of which points are smaller and fainter, so that the curve is seen."""
BAND = "rgba(13,148,136,0.18)"


class Slice(Picture):
    """A panel for each of the most important hyperparameters, with its part of the loss as a curve."""

    view = "search"
    place = 60
    title = "One at a time"
    sentence = (
        "The loss of every trial against one hyperparameter after the other, the most important ones first; "
        "the curve is what that hyperparameter alone does to the loss."
    )
    note = (
        "A curve that is low in the middle says that a good value lies between the ends you chose; one that "
        "falls to an end says: search further there. The band says how sure the curve is: it holds the true "
        "one in about eight of ten places. Points lie off the curve because the other hyperparameters "
        "differ too, and by luck. Open circles ended early, at the least loss that they had; the ring is the "
        "best trial. What stands apart at the left are trials that do not have it; points of few values lie "
        "a little beside each other. The number beside a name is its share, as in Importance. Point at a "
        "trial to see which it is; a click opens it."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        from plotly.subplots import make_subplots

        ranking = Ranking.of(search, "compare trials")
        panels = ranking.judged[:MOST]
        rows = -(-len(panels) // ACROSS)
        height = rows * (PANEL + GAP)
        figure = make_subplots(
            rows,
            min(len(panels), ACROSS),
            subplot_titles=[_title(one, ranking.told) for one in panels],
            vertical_spacing=GAP / height if rows > 1 else 0,
            horizontal_spacing=BETWEEN,
        )
        scores = scores_of(ranking.trials)
        for place, one in enumerate(panels):
            row, column = place // ACROSS + 1, place % ACROSS + 1
            where: dict[str, Any] = {"row": row, "col": column}
            axis = axis_of(one.column)
            _add_trials(figure, ranking.trials, one, axis, named=place == 0, **where)
            if ranking.told:
                _add_curve(figure, ranking, one, named=place == 0, **where)
            figure.update_xaxes(lying(axis), **where)
            # One scale for all, so that panels can be compared; its numbers stand at the left.
            apart = {"matches": None if place == 0 else "y", "showticklabels": column == 1}
            title = {} if column == 1 else {"title": None}
            figure.update_yaxes(loss_axis(search, scores) | apart | title, **where)
        figure.update_annotations(font_size=13)
        figure.update_layout(
            height=height + BESIDE,
            margin={"t": 72},
            # Marks of many trials are too small to be seen in it at their size.
            legend={"y": 1 + TITLE / height, "itemsizing": "constant" if len(scores) > CROWDED else None},
            showlegend=True,
            meta={"wide": True},
        )
        return figure


def _title(one: Judged, told: bool) -> str:
    name = shown(cut(one.name, LONGEST))
    return f"{name}: {one.effect.share:.0%}" if told else name


def _add_curve(figure: go.Figure, ranking: Ranking, one: Judged, *, named: bool, **where: Any) -> None:
    """Add what the hyperparameter does alone, with its band; of texts a dash each."""
    heights, trials = one.curve()
    level, effect = ranking.losses.mean(), one.effect
    middle, low, high = (
        np.exp(level + part[trials]) if ranking.log else level + part[trials]
        for part in (effect.change, effect.lowest, effect.highest)
    )
    look = {"hoverinfo": "skip", "legendgroup": "alone", "name": "this one alone", "showlegend": named}
    if one.column.declared.numeric:
        figure.add_scatter(
            x=np.concatenate([heights, heights[::-1]]),
            y=np.concatenate([high, low[::-1]]),
            mode="lines",
            fill="toself",
            fillcolor=BAND,
            line={"width": 0},
            **look | {"showlegend": False},
            **where,
        )
        figure.add_scatter(
            x=heights, y=middle, mode="lines", line={"color": EFFECT, "width": 2}, **look, **where
        )
        return
    figure.add_scatter(
        x=heights,
        y=middle,
        mode="markers",
        marker={"symbol": "line-ew", "size": 26, "line": {"color": EFFECT, "width": 2}},
        error_y={
            "array": high - middle,
            "arrayminus": middle - low,
            "color": BAND,
            "thickness": 20,
            "width": 0,
        },
        **look,
        **where,
    )


def _add_trials(
    figure: go.Figure, trials: Sequence[RecordedTrial], one: Judged, axis: Axis, *, named: bool, **where: Any
) -> None:
    """Add the trials, those that ended early hollow, and a ring around the best one."""
    many = len(trials) > MANY
    add = figure.add_scattergl if many else figure.add_scatter
    across = spread_out(axis, [each.number for each in trials])
    best = ranked(trials)[0].number
    crowded = len(trials) > CROWDED
    marker = {"color": TRIAL, "size": 4 if crowded else 6, "opacity": 0.4 if crowded else 0.75}
    ring = {"color": BEST, "size": 13, "line": {"width": 2}}
    early = [each.status == Status.STOPPED for each in trials]
    for name, look, wanted in (
        ("trial", marker, [not stopped for stopped in early]),
        ("ended early", marker | {"symbol": "circle-open"}, early),
        ("best", ring | {"symbol": "circle-open"}, [each.number == best for each in trials]),
    ):
        places = [place for place, asked in enumerate(wanted) if asked]
        if not places:
            continue
        some = [trials[place] for place in places]
        add(
            x=across[places],
            y=scores_of(some),
            customdata=[each.number for each in some],
            text=[
                f"{shown(each.name)}<br>{shown(one.name)} {shown(value_text(one.column.values[place]))}"
                for place, each in zip(places, some, strict=True)
            ],
            hovertemplate="%{text}<br>validation loss %{y:.4g}<extra></extra>",
            mode="markers",
            marker=look,
            legendgroup=name,
            name=name,
            showlegend=named,
            **where,
        )
