"""Unit: what one unit does over a window, beside the series and its forecast; a second one over it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._base import Picture
from ._forecasts import FORECAST_WIDTH, TRUTH_WIDTH
from ._style import BEST, GATES, NEUTRAL, OTHER_UNIT, TRUTH, UNIT, shown
from ._units import Chosen, units_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial
    from ..unit_record import UnitRecord

PAINTS = (UNIT, OTHER_UNIT)
"""The chosen unit and the one that is drawn over it."""
KINDS = (("i", "written", "dash"), ("f", "remembered", "dashdot"), ("o", "handed on", "longdash"))
DASHES, WIDTHS = ("solid", "dot"), (2.2, 0.9)
"""Of states, and of gates: the second unit's are dotted, and thin."""
ROW, BETWEEN = 150, 0.045
MARGIN = {"t": 64, "b": 48, "l": 64}


class UnitLife(Picture):
    """State, and where asked for gates and memory, of one or two units against time."""

    view = "trial"
    place = 31
    title = "What a unit does"
    sentence = (
        "Above, the series and its forecast; below, over the same time, the state of a unit: a number "
        "between -1 and 1 that it works out anew at each step. Two lines that run together do the same work."
    )
    note = (
        "A layer is made of units. Each keeps one number as its memory and hands on another, its state, to "
        "the next layer or to the forecast. Three gates between 0 and 1 steer it: how much of what comes in "
        "is written to memory, how much of the memory is remembered from the step before, how much of it is "
        "handed on. Lines that are mirror images do the same work, too, with the sign changed. Every window "
        "begins with an empty memory, so the first steps look alike everywhere. The windows are of the test "
        "part: those of the largest, a middling and the smallest error, and some evenly spaced ones. A line "
        "shows what a unit does, not why."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        record = units_of(search, trial)
        return life(record, Chosen.of(record, {"gates": 1}))


def life(record: UnitRecord, chosen: Chosen) -> go.Figure:
    """Return the figure of what is chosen; points where a step ends have `step/PLACE` as customdata."""
    from plotly.subplots import make_subplots

    rows = 4 if chosen.gates else 2
    figure = make_subplots(rows, 1, shared_xaxes=True, vertical_spacing=BETWEEN * 2 / rows)
    _add_series(figure, record, chosen)
    _add_units(figure, record, chosen, "h", "state", row=2)
    if chosen.gates:
        _add_gates(figure, record, chosen, row=3)
        _add_units(figure, record, chosen, "c", "memory", row=4)
        figure.update_yaxes(title="memory", row=4, col=1)
        figure.update_yaxes(title="gates", range=[-0.05, 1.05], row=3, col=1)
    figure.update_yaxes(title="state", range=[-1.05, 1.05], row=2, col=1)
    window, times = record.windows[chosen.window], _times(record, chosen)
    figure.update_yaxes(title=shown(window.target), row=1, col=1)
    figure.update_xaxes(type="date" if record.dates else "linear", range=[times[0], times[-1]])
    figure.update_xaxes(exponentformat="none")  # the lists above the picture say row 15306, not 15.3k
    figure.update_xaxes(title=_across(record), row=rows, col=1)
    now, known = times[record.steps[chosen.step]], times[record.past - 1]
    figure.update_layout(
        hovermode="x unified",
        height=MARGIN["t"] + MARGIN["b"] + rows * ROW,
        margin=MARGIN,
        meta={"wide": True},
        shapes=[
            {
                **_SPAN,
                "x0": known,
                "x1": times[-1],
                "fillcolor": NEUTRAL,
                "opacity": 0.12,
                "line": {"width": 0},
            },
            {
                **_SPAN,
                "x0": now,
                "x1": now,
                "type": "line",
                "line": {"color": NEUTRAL, "width": 2, "dash": "dot"},
            },
        ],
    )
    return figure


_SPAN = {"type": "rect", "yref": "paper", "y0": 0, "y1": 1}
_AHEAD = {"fillcolor": NEUTRAL, "opacity": 0.12, "line": {"width": 0}, "layer": "below"}


def _across(record: UnitRecord) -> str:
    """Return what stands below the axis of time."""
    told = [] if record.dates else [shown(record.time)]
    if record.segment > 1:
        told.append(f"the network reads {record.segment} rows at a step")
    if record.every > 1:
        told.append(f"one of {record.every} steps is kept")
    return "; ".join(told)


def _times(record: UnitRecord, chosen: Chosen) -> list[Any]:
    times = record.windows[chosen.window].times
    return [*times] if record.dates else [float(time) for time in times]


def _add_series(figure: go.Figure, record: UnitRecord, chosen: Chosen) -> None:
    window, times = record.windows[chosen.window], _times(record, chosen)
    steps = {place: f"step/{number}" for number, place in enumerate(record.steps)}
    for name, x, y, paint, width in (
        ("forecast", times[record.past :], window.forecast, BEST, FORECAST_WIDTH),
        ("truth", times, window.actual, TRUTH, TRUTH_WIDTH),
    ):
        figure.add_scatter(
            x=x,
            y=y,
            customdata=[steps.get(place, "") for place in range(len(x))] if x is times else None,
            mode="lines" if len(x) > 1 else "markers",
            line={"color": paint, "width": width},
            marker={"color": paint, "size": 8},
            cliponaxis=False,
            name=name,
            hovertemplate="%{y:.5g}",
            row=1,
            col=1,
        )


def _add_units(
    figure: go.Figure, record: UnitRecord, chosen: Chosen, kind: str, what: str, *, row: int
) -> None:
    """Add one kind of number of the chosen units; the second one is dotted, so that both are seen."""
    for unit, paint, dash in zip(chosen.units, PAINTS, DASHES, strict=False):
        _add_line(
            figure,
            record,
            chosen,
            record.values(chosen.layer, kind)[chosen.window, :, unit],
            name=f"unit {unit}" if kind == "h" else f"{what} of unit {unit}",
            line={"color": paint, "width": 2.5, "dash": dash},
            showlegend=kind == "h",
            row=row,
        )


def _add_gates(figure: go.Figure, record: UnitRecord, chosen: Chosen, *, row: int) -> None:
    for (kind, name, dash), paint in zip(KINDS, GATES, strict=True):
        for unit, width in zip(chosen.units, WIDTHS, strict=False):
            _add_line(
                figure,
                record,
                chosen,
                record.values(chosen.layer, kind)[chosen.window, :, unit],
                name=name if unit == chosen.unit else f"{name}, unit {unit}",
                line={"color": paint, "width": width, "dash": dash},
                showlegend=width == WIDTHS[0],
                row=row,
            )


def _add_line(
    figure: go.Figure, record: UnitRecord, chosen: Chosen, values: Any, *, row: int, **look: Any
) -> None:
    times = _times(record, chosen)
    figure.add_scatter(
        x=[times[place] for place in record.steps],
        y=[float(f"{value:.4g}") for value in values],
        customdata=[f"step/{place}" for place in range(len(record.steps))],
        mode="lines" if len(record.steps) > 1 else "markers",
        hovertemplate="%{y:.3f}",
        row=row,
        col=1,
        **look,
    )
