"""Forecast against truth: the best trial over the test part, its interval, a floor, and what it missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._base import Picture
from ._forecasts import FORECAST_WIDTH, TRUTH_WIDTH, WORST, Shown, forecasts_of, name_of
from ._remark import add_remark
from ._style import BEST, BUTTONS, FLOOR, NEUTRAL, TRUTH, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..forecast_record import ForecastRecord
    from ..recorded import RecordedSearch, RecordedTrial

HEIGHT = 620
LOWER, UPPER = (0.0, 0.2), (0.36, 1.0)
"""Shares of the height of what was missed, and of the forecasts."""
BETWEEN = 0.215
BUTTONS_AT, CHOOSER_AT = -0.36, -0.5


class Forecast(Picture):
    """Truth, forecast, interval and best floor against time; below it, truth less forecast."""

    view = "trial"
    place = 2
    title = "Forecast against truth"
    sentence = (
        "What came in the test part, which nothing was learned or chosen from, and what the best trial "
        "forecast; below it, by how much each forecast missed."
    )
    note = (
        "Forecasts of several steps begin where the one before ended, so that each time is forecast once. "
        "The thin line is what came; a good forecast is seen on both sides of it. The shaded band is the "
        "prediction interval. The dotted line is the best simple forecast: where it lies as close to what "
        "came, a simple one would do. In the lower part, above 0 means that "
        "more came than was forecast; a curve that stays on one side of 0, or moves away from it, says that "
        "the series has changed since the training data. The buttons show the worst of the forecasts that "
        "are drawn, the one with the largest error first. Drag the strip at the foot to choose a time."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        record = forecasts_of(search, trial)
        lines = [Shown(line, record.horizon, record.dates) for line in record.lines]
        figure = go.Figure()
        owners: list[int] = []
        for place, line in enumerate(lines):
            before = len(figure.data)
            _add_line(figure, line, record, visible=not place)
            owners += [place] * (len(figure.data) - before)
        menus = [_zooms(line, visible=not place) for place, line in enumerate(lines)]
        if len(lines) > 1:
            menus.append(_chooser(lines, owners, record))
        figure.update_layout(
            updatemenus=menus,
            hovermode="x unified",
            showlegend=True,
            height=HEIGHT,
            meta={"wide": True},
            xaxis={
                "title": "" if record.dates else shown(record.time),
                "anchor": "y2",
                "type": "date" if record.dates else "linear",
                "range": _whole(lines[0]),
                "rangeslider": {"visible": True, "thickness": 0.07},
            },
            yaxis={"title": shown(lines[0].line.target), "domain": UPPER, "fixedrange": False},
            yaxis2={"title": "missed by", "domain": LOWER, "fixedrange": False},
        )
        add_remark(figure, _remark(lines[0], record), right=False, y=BETWEEN, yanchor="bottom")
        return figure


def _add_line(figure: go.Figure, one: Shown, record: ForecastRecord, *, visible: bool) -> None:
    line, ends = one.line, record.ends.get(one.line.target)
    floor = shown(record.floors.get(line.target, "floor"))
    if ends is not None:
        figure.add_scatter(
            **one.band(ends.lower, ends.upper),
            mode="lines",
            fill="toself",
            fillcolor=BEST,
            opacity=0.18,
            line={"width": 0},
            hoverinfo="skip",
            name=f"{record.level:g}% interval",
            visible=visible,
        )
    told = "%{y:.5g}"
    for values, name, look in (
        (line.forecast, "forecast", {"color": BEST, "width": FORECAST_WIDTH}),
        (line.floor, floor, {"color": FLOOR, "width": 1.2, "dash": "dot"}),
        (line.actual, "truth", {"color": TRUTH, "width": TRUTH_WIDTH}),
    ):
        figure.add_scatter(
            **one.points(values),
            mode="lines",
            line=look,
            name=name,
            hovertemplate=told,
            visible=visible,
        )
    figure.add_scatter(
        **one.points(one.residuals),
        mode="lines",
        line={"color": BEST, "width": 1},
        yaxis="y2",
        name="missed by",
        showlegend=False,
        hovertemplate=told,
        visible=visible,
    )


def _whole(one: Shown) -> list[Any]:
    return [one.times[0], one.times[-1]]


def _zooms(one: Shown, *, visible: bool) -> dict[str, Any]:
    """Return the buttons that show the whole line or one of its worst forecasts."""
    labels = ["whole", "worst", "2nd worst", "3rd worst"][: WORST + 1]
    shows = [(_whole(one), []), *((one.around(number), [_marked(one, number)]) for number in one.worst)]
    buttons: list[dict[str, Any]] = [
        {"label": label, "method": "relayout", "args": [{"xaxis.range": span, "shapes": marks}]}
        for label, (span, marks) in zip(labels, shows, strict=False)
    ]
    return BUTTONS | {"buttons": buttons, "y": BUTTONS_AT, "yanchor": "top", "visible": visible}


def _marked(one: Shown, number: int) -> dict[str, Any]:
    """Return a box around a forecast, which counts from 0."""
    first, last = number * one.horizon, (number + 1) * one.horizon - 1
    span = {"x0": one.times[first], "x1": one.times[last], "yref": "paper", "y0": 0, "y1": 1}
    return {**span, "fillcolor": NEUTRAL, "opacity": 0.25, "line": {"width": 2, "color": NEUTRAL}}


def _chooser(lines: list[Shown], owners: list[int], record: ForecastRecord) -> dict[str, Any]:
    """Return the list that chooses the line; it shows the whole of it, with its own buttons."""
    buttons = []
    for place, one in enumerate(lines):
        layout: dict[str, Any] = {
            "xaxis.range": _whole(one),
            "shapes": [],
            "yaxis.autorange": True,
            "yaxis2.autorange": True,
            "yaxis.title.text": shown(one.line.target),
            "annotations[0].text": _remark(one, record),
        }
        for menu in range(len(lines)):
            layout |= {f"updatemenus[{menu}].visible": menu == place, f"updatemenus[{menu}].active": 0}
        visible = {"visible": [owner == place for owner in owners]}
        buttons.append({"label": name_of(one.line, record), "method": "update", "args": [visible, layout]})
    return BUTTONS | {
        "type": "dropdown",
        "direction": "up",
        "buttons": buttons,
        "y": CHOOSER_AT,
        "yanchor": "top",
    }


def _remark(one: Shown, record: ForecastRecord) -> str:
    """Return the error, and what is not drawn."""
    line, told = one.line, []
    if line.error is not None:
        told.append(f"{record.metric} {line.error:.4g} on the test part")
    if line.earlier >= record.horizon:
        rows = len(line.times)
        told.append(f"drawn: the newest {rows:,} of {rows + line.earlier:,} rows")
    series, targets = len({other.series for other in record.lines}), len(record.errors)
    if series < record.series:
        told.append(f"{series} of {record.series:,} series are kept")
    if targets < record.targets:
        told.append(f"{targets} of {record.targets:,} targets are kept")
    return "<br>".join(told)
