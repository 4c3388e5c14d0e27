"""Parallel coordinates: every trial a line through its hyperparameters, to its loss."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ._axes import axis_of, number_axis
from ._base import NothingToShow, Picture
from ._columns import columns
from ._loss import on_log_scale, scores_of, with_score
from ._remark import add_remark
from ._style import LOSS_SCALE, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

SHARES = (0.25, 0.1)
"""What the buttons beside "all" show, as shares of the trials with a score."""
MOST = 59
"""plotly draws no more axes beside that of the loss."""
CLEAR = 0.9
"""Colours tell the trials up to this share apart; a few losses that are off the scale would take it all."""


class Parallel(Picture):
    """One line for each trial with a score; a layer that it does not have has its own place."""

    view = "search"
    place = 30
    title = "All hyperparameters"
    sentence = (
        "Each line is one trial: it crosses every axis at the trial's value and ends at its validation loss."
    )
    note = (
        "The colour is that of the loss, yellow for the best. The buttons leave only the best lines in "
        "colour: where they run together, the good trials agree; where they spread, that hyperparameter "
        "matters little. Drag along an axis to pick a range of it, click on the axis to let it go. The place "
        "below an axis is for trials that do not have it, such as the units of a third layer. Fixed "
        "hyperparameters have no axis; failed trials have no line."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        scored = with_score(search)
        if not scored:
            raise NothingToShow("No trial has a score yet.")
        if len(scored) == 1:
            raise NothingToShow("One trial has a score so far: two are needed to compare them.")
        # A value that is absent in some trials differs too.
        differing = [one for one in columns(search, scored) if len(set(one.values)) > 1]
        kept = differing[:MOST]
        if not differing:
            raise NothingToShow("No hyperparameter differs between the trials.")
        scores = scores_of(scored)
        log = on_log_scale(scores)
        ranges = {share: best_range(scores, share) for share in SHARES}
        marks = [mark for found in ranges.values() if found for mark in found]
        loss = number_axis("loss", scores, log, marks)
        figure = go.Figure()
        figure.add_parcoords(
            dimensions=[*(axis_of(one).dimension() for one in kept), loss.dimension()],
            customdata=[one.number for one in scored],
            line=_colours(loss.places),
            # Beside thousands of grey lines on top of each other the coloured ones must still stand out.
            unselected={"line": {"color": "#a8adb5", "opacity": min(0.3, max(0.03, 20 / len(scored)))}},
            labelangle=-20 if len(kept) > 4 else 0,
            # Room for the labels and buttons above, and for tick texts left of the first axis.
            domain={"x": [0.02, 0.98], "y": [0, 0.8]},
        )
        figure.update_layout(updatemenus=[_buttons(loss.low, ranges, len(kept), log)])
        failed, further = len(search.trials) - len(scored), len(differing) - len(kept)
        left_out = (
            [f"{failed:,} failed {'trial is' if failed == 1 else 'trials are'} not shown"] if failed else []
        )
        left_out += [f"{further:,} more hyperparameters have no axis"] if further else []
        if left_out:
            add_remark(figure, "; ".join(left_out), right=True, y=1, yanchor="middle")
        return figure


def best_range(scores: Sequence[float], share: float) -> tuple[float, float] | None:
    """Return the largest score of the best `share` and the next larger score; None when there is none."""
    last = sorted(scores)[math.ceil(share * len(scores)) - 1]
    worse = [score for score in scores if score > last]
    return (last, min(worse)) if worse else None


def _colours(places: Sequence[float]) -> dict[str, Any]:
    """Return the colours of the lines by their place on the axis of the loss.

    plotly draws lines of large numbers above others: so the best ones have the largest.
    """
    upper = sorted(places)[math.ceil(CLEAR * len(places)) - 1]
    return {
        "color": [-place for place in places],
        "cmin": -max(upper, min(places) + 1e-9),
        "cmax": -min(places),
        "colorscale": LOSS_SCALE,
        "reversescale": True,
    }


def _buttons(
    low: float, ranges: dict[float, tuple[float, float] | None], dimension: int, log: bool
) -> dict[str, Any]:
    """Return the buttons that select the best trials on the axis of the loss.

    Args:
        low: lower end of the axis.
        ranges: by share; see `best_range`.
        dimension: number of the axis.
        log: whether its places are log10 of the losses.
    """
    wanted: dict[str, Any] = {"all": None}
    for share, found in ranges.items():
        if found:
            last, following = (math.log10(score) if log else score for score in found)
            # Where plotly snaps to; both have a tick.
            wanted[f"best {share:.0%}".replace("%", " %")] = [low, 0.75 * last + 0.25 * following]
    return {
        "type": "buttons",
        "direction": "right",
        "buttons": [
            {
                "label": shown(text),
                "method": "restyle",
                "args": [{f"dimensions[{dimension}].constraintrange": [wanted[text]]}],
            }
            for text in wanted
        ],
        "x": 0,
        "xanchor": "left",
        "y": 1,
        "yanchor": "middle",
        # plotly's active button is nearly white on any page, so that these are the same on both.
        "bgcolor": "#c9ced6",
        "bordercolor": "#8a8f98",
        "font": {"color": "#202124"},
    }
