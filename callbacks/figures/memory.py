"""Memory: how far back each layer remembers the input."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..narrowing.measures.memory import Memory
from ._base import NothingToShow, Picture
from ._lags import lag_axis, places
from ._layers import LAYERS, layer_name, measured, plural
from ._style import NEUTRAL

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial


class MemoryCurves(Picture):
    """R2 of the input k rows back against k, two lines for each layer."""

    view = "trial"
    place = 20
    title = "Memory"
    sentence = (
        "How well the input of so many rows back can be read from each layer: solid from its last states, "
        "dashed from its present state alone."
    )
    note = (
        "100 % is perfectly, 0 % is not at all; what lies in the grey band cannot be told from chance. From "
        "one row back on, only what the present input does not tell already counts. All layers but the last "
        "hand on all their states (solid); of the last one the forecast reads the present state alone "
        "(dashed), so what its dashed line has lost the forecast does not see. A task that needs only the "
        "recent past needs no long memory."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        narrowing = measured(trial)
        found = [(number, layer, layer.get(Memory)) for number, layer in enumerate(narrowing.layers, start=1)]
        curves = [(number, layer.units, memory) for number, layer, memory in found if memory]
        if not curves and "memory" in (narrowing.dropped or {}):
            raise NothingToShow((narrowing.dropped or {})["memory"])
        if not curves:
            raise NothingToShow("Memory curves are measured for the best ten trials, when the search ends.")
        if not any(_known(memory) for _, _, memory in curves):
            raise NothingToShow(
                "No memory could be measured: there are too few windows, or their input hardly moves."
            )
        lags = curves[0][2].lags
        figure = go.Figure()
        _add_band(figure, lags, [memory for _, _, memory in curves])
        for number, units, memory in curves:
            _add_layer(figure, number, units, memory)
        _add_styles(figure, narrowing.steps)
        figure.update_layout(
            xaxis=lag_axis(lags),
            yaxis={"title": "input recovered", "range": [-0.02, 1.04], "tickformat": ".0%"},
        )
        return figure


def _add_band(figure: go.Figure, lags: Sequence[int], curves: Sequence[Memory]) -> None:
    """Add what cannot be told from chance: up to the largest level of all layers."""
    levels = [level for one in curves for level in (one.instant_null, one.trajectory_null)]
    top = max((level for level in levels if not math.isnan(level)), default=0.0)
    if top > 0:
        figure.add_scatter(
            x=places(lags)[:: max(len(lags) - 1, 1)],
            y=[min(top, 1.0)] * min(len(lags), 2),
            mode="lines",
            line={"width": 0},
            fill="tozeroy",
            fillcolor="rgba(128,128,128,0.25)",
            hoverinfo="skip",
            name="chance",
        )


def _add_layer(figure: go.Figure, number: int, units: int, memory: Memory) -> None:
    paint, symbol = LAYERS[(number - 1) % len(LAYERS)]
    for values, null, dash, seen in (
        (memory.trajectory, memory.trajectory_null, "solid", "last states"),
        (memory.instant, memory.instant_null, "dash", "present state"),
    ):
        chance = "" if math.isnan(null) else f", chance up to {max(null, 0):.0%}"
        name = layer_name(number, units)
        figure.add_scatter(
            x=places(memory.lags),
            y=[_clipped(value) for value in values],
            text=[
                f"{name}, {seen}<br>{plural(lag, 'row')} back: {_clipped(value) or 0:.0%} recovered{chance}"
                for lag, value in zip(memory.lags, values, strict=True)
            ],
            hovertemplate="%{text}<extra></extra>",
            mode="lines+markers",
            line={"color": paint, "dash": dash, "width": 2},
            # Of one point there is no line to see.
            marker={"symbol": symbol if dash == "solid" else f"{symbol}-open", "size": 6},
            legendgroup=name,
            name=name,
            showlegend=dash == "solid",
        )


def _add_styles(figure: go.Figure, steps: int) -> None:
    """Add what the two kinds of line mean to the legend."""
    for name, dash in ((f"from the last {steps} states", "solid"), ("from the present state", "dash")):
        figure.add_scatter(
            x=[None], y=[None], mode="lines", line={"color": NEUTRAL, "dash": dash, "width": 2}, name=name
        )


def _clipped(value: float) -> float | None:
    return None if math.isnan(value) else min(max(value, 0.0), 1.0)


def _known(memory: Memory) -> bool:
    return any(not math.isnan(value) for value in (*memory.instant, *memory.trajectory))
