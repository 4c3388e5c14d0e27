"""Importance: how much of the difference between trials each hyperparameter explains (`_variance`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ._axes import cut
from ._base import NothingToShow, Picture
from ._importance import LEAST, Judged, Ranking, counted
from ._remark import add_remark
from ._style import EFFECT, NEUTRAL, shown
from ._values import change_text, least_at, value_text

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

BAR, BESIDE = 34, 110
"""Pixels of the height of a bar with the space to the next one, and of all that is above and below."""
LONGEST = 30
"""Letters of a name before it is cut; pointing at its bar shows all of it."""
BARS, LINES = (0.0, 0.7), (0.82, 1.0)
"""What of the width bars and small lines take."""
HIGH = 0.38
"""Half the height of the highest line, in rows."""
POINTS = 40
"""Of a line, at most."""
FAINT = 0.35


class Importance(Picture):
    """A bar for each hyperparameter, its share with an interval, and beside it which way it goes."""

    view = "search"
    place = 40
    title = "Importance"
    sentence = (
        "The longer the bar, the more of the difference between trials it explains; the thin line on it "
        "says how sure that is, and the small line beside it how the loss goes from low to high values."
    )
    note = (
        "If all trials with one value are better than all with another, that bar is long. The thin lines "
        "hold nine of ten true lengths; with 30 trials that is about 20 points to either side. Faint bars "
        "may be luck alone. The rest is luck, and what hyperparameters do only together. All is about the "
        "trials that were tried: where the search soon settled on good values, little is left to explain. "
        "One that only some trials have is judged among those; whether a layer exists counts for num_layers. "
        "Trials that ended early count with the least loss they had; of Hyperband, trials are compared with "
        "those of as many epochs."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        ranking = Ranking.of(search, "tell importance", LEAST)
        if not np.ptp(ranking.losses):
            raise NothingToShow("All trials have the same loss: there is no difference to explain.")
        certain = [one for one in ranking.judged if one.certain]
        figure = go.Figure()
        longest = _add_bars(figure, ranking)
        _add_lines(figure, ranking, certain)
        rows = len(ranking.judged)
        figure.update_layout(
            height=BESIDE + BAR * max(rows + 1, 3),
            xaxis={
                "title": "share of the difference between trials",
                "tickformat": ".0%",
                "range": [0, 1.04 * longest],
                "domain": BARS if certain else (0, 0.94),
            },
            xaxis2={"domain": LINES, "range": [-0.1, 1.1], "visible": False, "fixedrange": True},
            yaxis={
                "tickvals": list(range(rows + 1)),
                "ticktext": ["the rest", *(shown(cut(one.name, LONGEST)) for one in _from_foot(ranking))],
                "ticksuffix": " ",
                "range": [-0.6, rows + 0.5],
                "showgrid": False,
                "zeroline": False,
                "fixedrange": True,
            },
            showlegend=False,
        )
        if certain:
            add_remark(figure, "the loss, from low to high values", right=True, y=1, yanchor="bottom")
        else:
            count = len(ranking.trials)
            said = f"<b>{counted(count)} do not show what matters;<br>{2 * count:,} or more may</b>"
            add_remark(figure, said, right=False, y=1, yanchor="bottom")
            figure.update_layout(margin={"t": 52}, annotations=[{"align": "left"}])
        return figure


def _from_foot(ranking: Ranking) -> list[Judged]:
    """Return the hyperparameters as plotly places them: the least important one first, at height 1."""
    return list(reversed(ranking.judged))


def _add_bars(figure: go.Figure, ranking: Ranking) -> float:
    """Add one bar for each hyperparameter with its interval, and at the foot what none of them explains.

    Returns:
        Where the longest of bars and intervals ends.
    """
    rows = _from_foot(ranking)
    shares = [one.effect.share for one in rows]
    ends = [one.effect.between for one in rows]
    rest = max(1 - sum(shares), 0.0)
    told = f"{rest:.0%} is luck, and what hyperparameters do only together"
    places = list(range(1, len(rows) + 1))
    figure.add_bar(
        orientation="h",
        x=[rest, *shares],
        y=[0, *places],
        width=0.62,
        hovertext=[told, *map(_told, rows)],
        hoverinfo="text",
        marker={
            "color": [NEUTRAL, *([EFFECT] * len(rows))],
            "pattern": {"shape": ["/", *([""] * len(rows))], "fillmode": "overlay"},
            "opacity": [FAINT, *(1.0 if one.certain else FAINT for one in rows)],
        },
    )
    figure.add_scatter(
        x=[end for low, high in ends for end in (low, high, None)],
        y=[place for place in places for _ in range(3)],
        mode="lines",
        line={"color": NEUTRAL, "width": 2},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=[rest, *(high for _, high in ends)],
        y=[0, *places],
        text=[f" {share:.0%}" for share in (rest, *shares)],
        mode="text",
        textposition="middle right",
        cliponaxis=False,
        hoverinfo="skip",
    )
    return max(rest, *(high for _, high in ends))


def _told(one: Judged) -> str:
    """Return what to say about a bar when one points at it."""
    low, high = one.effect.between
    had = sum(value is not None for value in one.column.values)
    first = f"{shown(one.name)} explains {one.effect.share:.0%} of the difference between trials"
    second = f"nine of ten times between {low:.0%} and {high:.0%}; seen in {counted(had)}"
    third = (
        f"least loss at {shown(least_at(one.column.values, one.effect.change))}"
        if one.certain
        else "this may be luck alone"
    )
    return "<br>".join((first, second, third))


def _add_lines(figure: go.Figure, ranking: Ranking, certain: list[Judged]) -> None:
    """Add beside the bars that are no luck how the loss goes; texts are points, since they have no order."""
    rows = {one.name: row for row, one in enumerate(_from_foot(ranking), start=1)}
    most = max((float(np.nanmax(np.abs(one.effect.change))) for one in certain), default=0)
    for one in certain:
        heights, trials = one.curve()
        thin = np.unique(np.linspace(0, len(trials) - 1, POINTS).round().astype(int))
        changes = one.effect.change[trials[thin]]
        told = [
            f"{shown(one.name)} {shown(value_text(one.column.values[place]))}: "
            f"{change_text(change, ranking.log)}"
            for place, change in zip(trials[thin], changes, strict=True)
        ]
        figure.add_scatter(
            x=[0, 1],
            y=[rows[one.name]] * 2,
            xaxis="x2",
            mode="lines",
            line={"color": NEUTRAL, "width": 0.7, "dash": "dot"},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=heights[thin],
            y=rows[one.name] + HIGH * changes / max(most, 1e-300),
            xaxis="x2",
            text=told,
            hovertemplate="%{text}<extra></extra>",
            mode="lines" if one.column.declared.numeric else "markers",
            line={"color": EFFECT, "width": 2},
            marker={"color": EFFECT, "size": 7},
        )
