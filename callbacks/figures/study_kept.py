"""Study, kept: what the layer in question holds at each width, below it what that width costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..studied import percent
from ._base import NothingToShow, Picture
from ._study import in_order, name_of, shown_study, tick_texts
from ._style import KEPT_SCALE, shown

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial
    from ..studied import Arm

ROWS = {
    "fill": ("units<br>in use", "of its units do different work, the others repeat them"),
    "kept": ("kept of what<br>came before", "of the layer before it, or of the input, is found in it"),
    "target": ("forecast<br>found in it", "of what is to be forecast can be read from it"),
}
"""The measures from the foot of the picture to its top: on the axis, and in a sentence after a share."""
MANY = 10
"""Arms beyond which numbers have no room in their cells; pointing at a cell shows its number."""


class StudyKept(Picture):
    """A cell for each width and measure, from 0 to 100 %."""

    view = "study"
    place = 30
    title = "What each width keeps"
    sentence = (
        "What can still be found in the layer at each width, how many of its units are in use, and, below "
        "the width, how much the loss grew."
    )
    note = (
        "Read a column from top to bottom: how much of what is to be forecast can be read from the layer, "
        "how much of what came before it is still found, how many of its units do work that no other does. "
        "A layer may throw much away without any harm: where the top row stays as it is in wide layers, what "
        "was lost was not needed. A layer at 100 % in use is full, one far below could be narrower. Measured "
        "on validation windows in the network of the first seed, so differences of a few percent mean little."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        import plotly.graph_objects as go

        study = shown_study(search)
        arms = [arm for arm in in_order(study) if any(_share(arm, key) is not None for key in ROWS)]
        if not arms:
            raise NothingToShow(
                "Nothing was measured: a study measures a layer where the width of that one layer differs."
            )
        figure = go.Figure()
        shares = [[_share(arm, key) for arm in arms] for key in ROWS]
        figure.add_heatmap(
            z=shares,
            x=list(range(len(arms))),
            y=list(range(len(ROWS))),
            text=[["" if one is None or len(arms) > MANY else f"{one:.0%}" for one in row] for row in shares],
            texttemplate="%{text}",
            hovertext=[[_told(arm, key) for arm in arms] for key in ROWS],
            hovertemplate="%{hovertext}<extra></extra>",
            hoverongaps=False,
            xgap=2,
            ygap=2,
            colorscale=KEPT_SCALE,
            zmin=0,
            zmax=1,
            colorbar={"tickformat": ".0%", "thickness": 12},
            # Numbers say it better, where they have room.
            showscale=len(arms) > MANY,
        )
        look = {"showgrid": False, "zeroline": False, "tickmode": "array"}
        figure.update_layout(
            xaxis=look
            | {
                "title": shown(study.axis) + (", and what they cost" if len(arms) <= MANY else ""),
                "tickvals": list(range(len(arms))),
                "ticktext": _below(arms),
                "range": [-0.5, len(arms) - 0.5],
                # Numbers are read across, also where they nearly touch; names are not so short.
                "tickangle": 0 if all(arm.place is None for arm in arms) and len(arms) <= MANY else None,
                "tickfont": {"size": 10},
            },
            yaxis=look
            | {
                "tickvals": list(range(len(ROWS))),
                "ticktext": [name for name, _ in ROWS.values()],
                "range": [-0.5, len(ROWS) - 0.5],
            },
        )
        return figure


def _share(arm: Arm, key: str) -> float | None:
    """Return a measure from 0 to 1; None where it is not known."""
    value: Any = (arm.measures or {}).get(key)
    return None if value is None else min(max(value, 0.0), 1.0)


def _below(arms: Sequence[Arm]) -> list[str]:
    """Return the width of each arm and below it what it costs."""
    texts = tick_texts(arms)
    if len(arms) > MANY:
        return texts
    return [f"{text}<br>{percent(arm.cost)}" for text, arm in zip(texts, arms, strict=True)]


def _told(arm: Arm, key: str) -> str:
    share = _share(arm, key)
    return "" if share is None else f"{shown(name_of(arm))}: {share:.0%} {ROWS[key][1]}"
