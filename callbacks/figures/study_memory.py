"""Study, memory: how far back the layer in question remembers the input, at each width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._base import NothingToShow, Picture
from ._lags import lag_axis, places
from ._layers import plural
from ._study import in_order, name_of, shown_study, width_colours
from ._style import shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial
    from ..studied import Arm

NAMED = 8
"""Lines with a name in the legend at most; pointing at a line shows its name."""
DASHES = ("solid", "dash", "dot", "dashdot")
"""Of the places of an added layer."""


class StudyMemory(Picture):
    """A line for each width, light to dark as it widens."""

    view = "study"
    place = 40
    title = "Memory"
    sentence = (
        "How well the input of so many rows ago can be recovered from the layer: a line for each width, the "
        "wider the darker."
    )
    note = (
        "100 % is perfectly, 0 % not at all. From one row back on, only what the present input does not "
        "tell already counts. Where the light lines fall below the dark ones, the narrow layer has "
        "forgotten what the wide one knows. That alone does no harm: a task of the recent past needs no long "
        "memory, and a later layer may remember for itself what this one passes on. Whether it did harm, the "
        "loss tells. Measured on validation windows in the network of the first seed."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        arms = [arm for arm in in_order(shown_study(search)) if _lags_of(arm)]
        if not arms:
            raise NothingToShow(
                "No memory was measured: a study measures a layer where the width of that one layer differs, "
                "and where its input moves."
            )
        lags = max((_lags_of(arm) for arm in arms), key=len)
        widths = sorted({arm.width or 0 for arm in arms})
        colours = dict(zip(widths, width_colours(len(widths)), strict=True))
        order = list(dict.fromkeys(arm.place for arm in arms))
        named = {
            round(number * (len(arms) - 1) / max(min(len(arms), NAMED) - 1, 1)) for number in range(NAMED)
        }
        figure = go.Figure()
        for number, arm in enumerate(arms):
            _add_line(
                figure,
                arm,
                line={
                    "color": colours[arm.width or 0],
                    "dash": DASHES[order.index(arm.place) % len(DASHES)],
                    "width": 2,
                },
                showlegend=number in named,
            )
        figure.update_layout(
            xaxis=lag_axis(lags),
            yaxis={"title": "input recovered", "range": [-0.02, 1.04], "tickformat": ".0%"},
            showlegend=True,
        )
        return figure


def _lags_of(arm: Arm) -> list[int]:
    """Return the rows back at which memory was measured; none where it was not, or nothing is known."""
    measures = arm.measures or {}
    known = any(value is not None for value in measures.get("memory") or ())
    return list(measures["lags"]) if known else []


def _add_line(figure: go.Figure, arm: Arm, **look: Any) -> None:
    values = [None if one is None else min(max(one, 0.0), 1.0) for one in (arm.measures or {})["memory"]]
    lags, name = _lags_of(arm), shown(name_of(arm))
    figure.add_scatter(
        x=places(lags),
        y=values,
        text=[
            f"{name}<br>{plural(lag, 'row')} back: {0 if value is None else value:.0%} recovered"
            for lag, value in zip(lags, values, strict=True)
        ],
        hovertemplate="%{text}<extra></extra>",
        mode="lines",
        name=name,
        **look,
    )
