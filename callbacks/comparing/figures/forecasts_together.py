"""Forecasts of the test part over one another, as far as they are kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ...figures._base import NothingToShow
from ...figures._forecasts import FORECAST_WIDTH, TRUTH_WIDTH, Shown, name_of
from ...figures._style import BUTTONS, FLOOR, TRUTH, shown
from ...forecast_record import ForecastRecord, Line
from ..sides import apart
from ._base import Comparison

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..sides import Side


Kept = Sequence[tuple["Side", ForecastRecord]]
"""Sides whose forecasts are kept, with these."""


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
        "The thin line is what came, the dotted one the best simple forecast of the first search. Drag in "
        "the picture to look closer: at turns and peaks one sees which forecast follows what came, and "
        "which one comes late."
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
        figure = go.Figure()
        owners: list[int] = []
        for place, line in enumerate(record.lines):
            before = len(figure.data)
            _add_line(figure, line, record, kept, visible=not place)
            owners += [place] * (len(figure.data) - before)
        dates = {"type": "date"} if record.dates else {"title": shown(record.time)}
        figure.update_layout(
            updatemenus=[_chooser(record, owners)] if len(record.lines) > 1 else [],
            hovermode="x unified",
            showlegend=True,
            meta={"wide": True},
            xaxis=dates,
            yaxis={"title": shown(record.lines[0].target)},
        )
        return figure


def _add_line(figure: go.Figure, line: Line, record: ForecastRecord, kept: Kept, *, visible: bool) -> None:
    """Add the forecasts of one target of one series, below the best simple one and what came."""
    look: dict[str, Any] = {"mode": "lines", "hovertemplate": "%{y:.5g}", "visible": visible}
    for side, other in kept:
        own = _same_line(other, line)
        if own is not None:
            figure.add_scatter(
                **Shown(own, other.horizon, other.dates).points(own.forecast),
                line={"color": side.colour, "width": FORECAST_WIDTH},
                name=shown(side.name),
                **look,
            )
    drawn, floor = Shown(line, record.horizon, record.dates), shown(record.floors.get(line.target, "floor"))
    for values, name, paint in (
        (line.floor, floor, {"color": FLOOR, "width": 1, "dash": "dot"}),
        (line.actual, "truth", {"color": TRUTH, "width": TRUTH_WIDTH}),
    ):
        figure.add_scatter(**drawn.points(values), line=paint, name=name, **look)


def _chooser(record: ForecastRecord, owners: list[int]) -> dict[str, Any]:
    """Return the list that chooses what is drawn; `owners` has the place of the line of each trace."""
    buttons = []
    for place, line in enumerate(record.lines):
        layout = {"xaxis.autorange": True, "yaxis.autorange": True, "yaxis.title.text": shown(line.target)}
        visible = {"visible": [owner == place for owner in owners]}
        buttons.append({"label": name_of(line, record), "method": "update", "args": [visible, layout]})
    return BUTTONS | {"type": "dropdown", "buttons": buttons}


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
