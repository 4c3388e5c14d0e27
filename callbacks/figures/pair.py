"""Pair: where the good trials lie in the plane of the two numbers that matter most."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ...search_spaces.trial import Status
from ._axes import FEW, axis_of, cut, lying, spread_out, standing
from ._base import NothingToShow, Picture
from ._columns import Column, Value
from ._importance import LEAST, Ranking
from ._loss import MANY, scores_of
from ._style import LOSS_SCALE, shown
from ._values import value_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial


class Pair(Picture):
    """The trials in the plane of two hyperparameters, coloured by the rank of their losses."""

    view = "search"
    place = 50
    title = "Two together"
    sentence = (
        "Each point is one trial in the plane of the two numbers that matter most: the nearer its colour is "
        "to that of the best, the better its place among all."
    )
    note = (
        "Orange points in one corner say which values go together; a slanting band of them says that one "
        "must change with the other, as the best learning rate often falls where layers are wider. Places "
        "without points were not tried. The colour is the rank, not the loss itself, so that a few bad "
        "trials do not take it all. Open circles ended early. Trials that lack one of the two are left out. "
        "Point at one to see which trial it is; a click opens it."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        ranking = Ranking.of(search, "draw a map of two hyperparameters", LEAST)
        across, up = pair_of(ranking)
        both = [
            place
            for place, values in enumerate(zip(across.values, up.values, strict=True))
            if None not in values
        ]
        # The worst first: what is drawn later lies on top.
        scores = np.array(scores_of(ranking.trials))
        both.sort(key=lambda place: -scores[place])
        trials = [ranking.trials[place] for place in both]
        ranks = np.linspace(1, 0, len(both))
        figure = go.Figure()
        add = figure.add_scattergl if len(trials) > MANY else figure.add_scatter
        x_axis, y_axis = (_only(column, both) for column in (across, up))
        numbers = [one.number for one in trials]
        add(
            x=spread_out(axis_of(x_axis), numbers),
            y=spread_out(axis_of(y_axis), numbers),
            customdata=numbers,
            text=[
                _told(
                    one,
                    rank,
                    len(both),
                    {column.declared.name: column.values[place] for column in (across, up)},
                )
                for rank, place, one in zip(range(len(both), 0, -1), both, trials, strict=True)
            ],
            hovertemplate="%{text}<extra></extra>",
            mode="markers",
            marker={
                "color": ranks,
                "colorscale": LOSS_SCALE,
                "cmin": 0,
                "cmax": 1,
                "symbol": ["circle-open" if one.status == Status.STOPPED else "circle" for one in trials],
                "size": 5 if len(trials) > MANY else 10,
                "line": {"width": 1.5},
                "colorbar": {
                    "tickvals": [0, 0.5, 1],
                    "ticktext": [
                        f"best<br>{scores[both[-1]]:.3g}",
                        "middle",
                        f"worst<br>{scores[both[0]]:.3g}",
                    ],
                    "thickness": 12,
                },
            },
        )
        figure.update_layout(
            xaxis=lying(axis_of(x_axis)) | {"title": shown(cut(across.declared.name, 30))},
            yaxis=standing(axis_of(y_axis)) | {"title": shown(cut(up.declared.name, 30))},
            showlegend=False,
        )
        return figure


def pair_of(ranking: Ranking) -> tuple[Column, Column]:
    """Return the two most important hyperparameters that `LEAST` trials have both.

    Numbers with many values come before those with few, which are hardly a plane; texts are none.

    Raises:
        NothingToShow: where there are no two.
    """

    numbers = [one.column for one in ranking.judged if one.column.declared.numeric]
    numbers.sort(key=lambda column: len(column.distinct) <= FEW)
    for first, second in combinations(numbers, 2):
        pairs = zip(first.values, second.values, strict=True)
        both = [pair for pair in pairs if None not in pair]
        if len(both) >= LEAST and all(len(set(values)) > 1 for values in zip(*both, strict=True)):
            return first, second
    raise NothingToShow(f"No two numbers differ in {LEAST} trials or more that have both.")


def _only(column: Column, places: list[int]) -> Column:
    return Column(column.declared, tuple(column.values[place] for place in places))


def _told(one: RecordedTrial, rank: int, count: int, values: Mapping[str, Value | None]) -> str:
    """Return what to say about a trial when one points at it; `rank` from 1, the best of `count`."""
    which = "the best" if rank == 1 else f"number {rank:,}"
    first = f"{shown(one.name)}<br>validation loss {one.score:.4g}, {which} of {count:,}"
    return "<br>".join(
        [first, *(f"{shown(name)} {shown(value_text(value))}" for name, value in values.items())]
    )
