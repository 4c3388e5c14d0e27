"""Size against score: what a larger model buys, and what its narrowings kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ...search_spaces.best import ranked
from ...search_spaces.trial import Status
from ._base import NothingToShow, Picture
from ._loss import MANY, loss_axis, most_ticks, scores_of, with_score
from ._remark import add_remark
from ._style import BEST, KEPT_SCALE, NEUTRAL, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial


class Size(Picture):
    """Trainable parameters against validation loss, both on log scales."""

    view = "search"
    place = 20
    title = "Size against score"
    sentence = (
        "Each point is one trial: how large its model is, how good it is, and how much its narrowest "
        "passage kept."
    )
    note = (
        "Low and left is good: a small loss with few parameters. The thin line joins the trials that no "
        "smaller trial beats; where it runs flat, more parameters buy nothing. The ring is around the best "
        "trial, which lies above that line where only trials of another scaling than last, and by less than "
        "5 %, have a lower loss. The colour is the share of a "
        "layer's state that can still be found after the next, narrower layer, at the boundary that kept the "
        "least: dark points lost much. Dark points low in the picture lost what was not needed. "
        "Hollow points have no boundary that narrows, or were not measured."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        scored = with_score(search)
        if not scored:
            raise NothingToShow("No trial has a score yet.")
        sized = [one for one in scored if one.parameters > 0]
        if not sized:
            raise NothingToShow("The number of parameters of these trials is not known.")
        figure = go.Figure()
        _add_trials(figure, sized)
        _add_best(figure, sized)
        figure.update_layout(
            xaxis={
                "title": "trainable parameters",
                "type": "log",
                "tickformat": ".3~s",
                "nticks": most_ticks([one.parameters for one in sized]),
            },
            yaxis=loss_axis(search, scores_of(sized)),
            showlegend=True,
        )
        if len(sized) < len(scored):
            left_out = f"{len(scored) - len(sized):,} of {len(scored):,} trials are not shown"
            add_remark(figure, f"{left_out}: their size is not known", right=True, y=0, yanchor="bottom")
        return figure


def _add_trials(figure: go.Figure, sized: list[RecordedTrial]) -> None:
    """Add the coloured and the hollow points."""
    add = figure.add_scattergl if len(sized) > MANY else figure.add_scatter
    size = 5 if len(sized) > MANY else 8
    hollow = [one for one in sized if math.isnan(one.worst_kept)]
    if hollow:
        add(
            **_points(hollow),
            marker={"symbol": "circle-open", "color": NEUTRAL, "size": size, "line": {"width": 1.2}},
            name="nothing narrows, or not measured",
        )
    coloured = [one for one in sized if not math.isnan(one.worst_kept)]
    if coloured:
        add(
            **_points(coloured),
            marker={
                "color": [one.worst_kept for one in coloured],
                "colorscale": KEPT_SCALE,
                "cmin": 0,
                "cmax": 1,
                "colorbar": {
                    "title": {"text": "kept by narrower layers", "side": "right"},
                    "tickformat": ".0%",
                    "thickness": 12,
                    "outlinewidth": 0.5,
                    "outlinecolor": NEUTRAL,
                },
                "size": size,
                "line": {"width": 1, "color": NEUTRAL},
            },
            name="a layer narrows",
            # The colour bar tells.
            showlegend=False,
        )


def _add_best(figure: go.Figure, sized: list[RecordedTrial]) -> None:
    """Add the line of the trials that no smaller one beats, and a ring around the best of all."""
    front, best = front_of(sized), ranked(sized)[0]
    figure.add_scatter(
        **_places(front),
        mode="lines",
        line={"color": BEST, "width": 1, "shape": "hv"},
        hoverinfo="skip",
        name="best up to its size",
    )
    least, most = min(one.parameters for one in sized), max(one.parameters for one in sized)
    right = best.parameters > math.sqrt(least * most)
    figure.add_scatter(
        **_points([best]) | {"mode": "markers+text", "hovertext": [_hover(best)], "text": [shown(best.name)]},
        hoverinfo="text",
        textposition="bottom left" if right else "bottom right",
        marker={"symbol": "circle-open", "color": BEST, "size": 16, "line": {"width": 2}},
        cliponaxis=False,
        name="best",
        showlegend=False,
    )


def front_of(trials: list[RecordedTrial]) -> list[RecordedTrial]:
    """Return the trials, by size, that are better than every smaller one, the Pareto front.

    Args:
        trials: with a score and a known size; that of the least loss is the last of the front.
    """
    front: list[RecordedTrial] = []
    least = math.inf
    for one in sorted(trials, key=lambda one: (one.parameters, one.score, one.number)):
        if one.score is not None and one.score < least:
            front.append(one)
            least = one.score
    return front


def _places(trials: list[RecordedTrial]) -> dict[str, Any]:
    return {
        "x": [one.parameters for one in trials],
        "y": scores_of(trials),
        "customdata": [one.number for one in trials],
    }


def _points(trials: list[RecordedTrial]) -> dict[str, Any]:
    return _places(trials) | {
        "text": [_hover(one) for one in trials],
        "hovertemplate": "%{text}<extra></extra>",
        "mode": "markers",
    }


def _hover(one: RecordedTrial) -> str:
    if not math.isnan(one.worst_kept):
        kept = f"keeps {one.worst_kept:.0%} or more wherever a layer is narrower than the one before"
    elif not one.summary:
        kept = "what the layers keep was not measured"
    elif any(after < before for before, after in zip(one.units, one.units[1:], strict=False)):
        kept = "what the layers keep is not known"
    else:
        kept = "no layer is narrower than the one before"
    loss = f"validation loss {one.score:.4g}" + (", ended early" if one.status == Status.STOPPED else "")
    return f"{shown(one.name)}<br>{loss}<br>{one.parameters:,} parameters<br>{kept}"
