"""Forecasts of the test part over one another, as far as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...figures._base import NothingToShow
from ...figures._forecasts import Shown, name_of
from ...figures._remark import add_remark
from ...figures._style import FLOOR, TRUTH, shown
from ...forecast_record import ForecastRecord, Line
from ..sides import apart
from ._base import Comparison

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..sides import Side


class ForecastsTogether(Comparison):
    """Truth and the forecasts of the sides against time."""

    place = 10
    title = "Forecasts over one another"
    sentence = (
        "What came in the test part, which nothing was learned or chosen from, and what was forecast. Of "
        "each search the forecasts of the best trial alone are kept."
    )
    note = (
        "Forecasts of several steps begin where the one before ended, so that each time is forecast once. "
        "The thin line is the best simple forecast of the first search. Drag in the picture to look closer: "
        "at turns and peaks one sees which forecast follows the truth, and which one comes late."
    )

    @classmethod
    def draw(cls, sides: Sequence[Side]) -> go.Figure:
        import plotly.graph_objects as go

        if why := apart(sides):
            raise NothingToShow(why)
        kept = [(side, record) for side in sides if (record := _kept(side)) is not None]
        if not kept:
            raise NothingToShow(_why_none(sides))
        record = kept[0][1]
        line = record.lines[0]
        drawn = Shown(line, record.horizon, record.dates)
        figure = go.Figure()
        floor = shown(record.floors.get(line.target, "floor"))
        for values, name, look in (
            (line.actual, "truth", {"color": TRUTH, "width": 2}),
            (line.floor, floor, {"color": FLOOR, "width": 1, "dash": "dot"}),
        ):
            figure.add_scatter(
                **drawn.points(values), mode="lines", line=look, name=name, hovertemplate=_TOLD
            )
        for side, other in kept:
            own = _same_line(other, line)
            if own is None:
                continue
            figure.add_scatter(
                **Shown(own, other.horizon, other.dates).points(own.forecast),
                mode="lines",
                line={"color": side.colour, "width": 1.6},
                name=shown(side.name),
                hovertemplate=_TOLD,
            )
        dates = {"type": "date"} if record.dates else {"title": shown(record.time)}
        figure.update_layout(
            hovermode="x unified",
            showlegend=True,
            meta={"wide": True},
            xaxis=dates,
            yaxis={"title": shown(line.target)},
        )
        if len(record.lines) > 1:
            told = f"drawn: {name_of(line, record)}; the view Trial has the others"
            add_remark(figure, told, right=False, y=1, yanchor="top")
        return figure


_TOLD = "%{y:.5g}"


def _kept(side: Side) -> ForecastRecord | None:
    """Return the forecasts of a side; None where they were not kept."""
    found, best = side.search.forecasts, side.search.best
    if found is None or not found.lines or side.trial is None or best is None:
        return None
    return found if side.trial.number == best.number else None


def _why_none(sides: Sequence[Side]) -> str:
    search = sides[0].search
    if all(side.search.forecasts is None for side in sides) or search.best is None:
        return (
            "Forecasts of the test part are made when a search ends: the same narrows tune command ends it."
        )
    return (
        f"Forecasts of the test part are kept of the best trial alone, which is {search.best.name}: pick it, "
        "too, to see them here."
    )


def _same_line(record: ForecastRecord, line: Line) -> Line | None:
    same = (one for one in record.lines if (one.target, one.series) == (line.target, line.series))
    return next(same, None)
