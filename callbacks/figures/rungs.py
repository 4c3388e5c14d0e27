"""Rungs: how many trials came to each rung, how many were let go there, and the best loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..rungs import rungs_of
from ._base import NothingToShow, Picture
from ._style import FAILED, TRIAL

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

ROW, AROUND = 52, 110
"""Pixels of a rung with the line above its bar, and of what is above and below all rungs."""
BAR = 0.4
"""Thickness of a bar, as a share of its rung."""


class Rungs(Picture):
    """A bar for each rung, the first on top; at its end the best loss until then."""

    view = "search"
    place = 75
    title = "Who went on"
    sentence = (
        "Most trials are trained only a little: after some epochs only the best go on. Each bar is one such "
        "moment, and says how many trials came so far and how many were let go."
    )
    note = (
        "A trial that is let go costs little, which leaves time for more trials. The loss above a bar is "
        "the best one of these trials until then: where it hardly falls from bar to bar, longer training "
        "would not help. "
        "Trials that ended by themselves, as their loss no longer fell or as they failed, are counted where "
        "they came to, and not as let go. The table says of each trial after which epoch it ended and why."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        rungs = rungs_of(search)
        if not rungs:
            raise NothingToShow("No trial of this search is ended early because others are better.")
        figure = go.Figure()
        names = [f"{rung.epoch:,} epoch{'' if rung.epoch == 1 else 's'}" for rung in rungs]
        gone = [len(rung.let_go) for rung in rungs]
        came = [len(rung.reached) for rung in rungs]
        stayed = [all_of - few for all_of, few in zip(came, gone, strict=True)]
        for counts, colour, name in ((stayed, TRIAL, "went on or had their time"), (gone, FAILED, "let go")):
            figure.add_bar(
                x=counts,
                y=names,
                orientation="h",
                marker={"color": colour},
                name=name,
                hovertemplate=f"%{{y}}: %{{x:,}} {name}<extra></extra>",
            )
        for place, (name, count, few, rung) in enumerate(zip(names, came, gone, rungs, strict=True)):
            best = "" if rung.loss is None else f"; best {rung.loss:.3g}"
            told = f"{count:,} came, {few:,} let go{best}" if few else f"{count:,} came{best}"
            text = f"<b>{name}</b>: {told}"
            figure.add_annotation(
                x=0, y=place - BAR / 2, text=text, showarrow=False, xanchor="left", yanchor="bottom"
            )
        figure.update_layout(
            barmode="stack",
            bargap=1 - BAR,
            height=AROUND + ROW * len(rungs),
            margin={"l": 16},
            xaxis={"title": "trials", "rangemode": "tozero", "tickformat": ",d", "nticks": 6},
            yaxis={"autorange": "reversed", "type": "category", "showgrid": False, "showticklabels": False},
            showlegend=True,
        )
        return figure
