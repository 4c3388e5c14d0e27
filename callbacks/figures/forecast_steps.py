"""Error by step: how fast the forecasts of the best trial get worse the further ahead they look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._base import NothingToShow, Picture
from ._forecasts import forecasts_of
from ._style import BEST, BUTTONS, FLOOR, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

FLOORS = {
    "last value": ("dash", "square"),
    "seasonal naive": ("dashdot", "diamond"),
    "ridge autoregression": ("dot", "triangle-up"),
    "ridge on the window": ("longdash", "cross"),
}


class ForecastSteps(Picture):
    """Error against step of the horizon, of the best trial and of all floors."""

    view = "trial"
    place = 4
    title = "Error by step"
    sentence = (
        "How large the error is one step ahead, two steps ahead and so on, for the best trial and for simple "
        "forecasts, over all of the test part."
    )
    note = (
        "Errors mostly grow with the distance. Where the line of the best trial meets that of a simple "
        "forecast, the LSTM knows no more than it from that step on, and a shorter horizon loses nothing. "
        "Errors are in the units of your data."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        record = forecasts_of(search, trial)
        if record.horizon == 1:
            raise NothingToShow(
                "This run forecasts one step ahead, so there are no steps to compare: the answer has its "
                "error beside those of the simple forecasts."
            )
        figure = go.Figure()
        owners: list[str] = []
        for target, errors in record.errors.items():
            for name, values in errors.items():
                own = name == record.model
                dash, symbol = ("solid", "circle") if own else FLOORS.get(name, ("longdashdot", "star"))
                few = len(record.steps) <= 30
                figure.add_scatter(
                    x=record.steps,
                    y=values,
                    mode="lines+markers" if few else "lines",
                    line={"color": BEST if own else FLOOR, "dash": dash, "width": 2.5 if own else 1.5},
                    marker={"symbol": symbol},
                    hovertemplate="%{y:.4g}",
                    name=shown(name),
                    visible=not owners or target == owners[0],
                )
                owners.append(target)
        figure.update_layout(
            xaxis={"title": "steps ahead", "dtick": 1 if record.horizon <= 12 else None},
            yaxis={"title": f"{record.metric} of {shown(owners[0])}", "rangemode": "tozero"},
            hovermode="x unified",
            showlegend=True,
        )
        if len(record.errors) > 1:
            figure.update_layout(updatemenus=[_chooser(owners, record.metric)])
        return figure


def _chooser(owners: list[str], metric: str) -> dict[str, Any]:
    """Return the list that chooses the target."""
    buttons = [
        {
            "label": shown(target),
            "method": "update",
            "args": [
                {"visible": [owner == target for owner in owners]},
                {"yaxis.title.text": f"{metric} of {shown(target)}", "yaxis.autorange": True},
            ],
        }
        for target in dict.fromkeys(owners)
    ]
    return BUTTONS | {"type": "dropdown", "direction": "up", "buttons": buttons, "y": -0.28, "yanchor": "top"}
