"""The layers of all sides as small funnels, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...figures._axes import cut
from ...figures._base import NothingToShow
from ...figures._small_funnels import Cell, small_funnels
from ...figures._stack import widths_of
from ...figures._style import shown
from ._base import Comparison

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..sides import Side


class FunnelsTogether(Comparison):
    """A small funnel for each side, all on one scale."""

    place = 30
    title = "Layers side by side"
    sentence = (
        "The height of a box is the units of a layer, its filled part the units that do different work, and "
        "the colour before a layer says whether it is wide enough. Of a search it is the best trial."
    )
    note = (
        "Where the filled parts are about as high, wider layers of one network repeat each other. A box "
        "without a filled part was not measured. All boxes have the same scale; "
        "where one layer has more than 32 times the units of another it is a square-root scale, and the axis "
        "says so. Point at a layer or at a mark for its numbers and its sentence."
    )

    @classmethod
    def draw(cls, sides: Sequence[Side]) -> go.Figure:
        known = [(side, side.trial) for side in sides if side.trial and widths_of(side.trial)]
        if not known:
            raise NothingToShow("The layers of these trials are not known.")
        cells = [Cell(trial, _head(side), side.search is sides[0].search) for side, trial in known]
        return small_funnels(cells, columns=2 if len(cells) > 3 else len(cells))


def _head(side: Side) -> str:
    """Return what tells a side from the others, in a line above its profile."""
    trial = side.trial
    short = side.name if trial is None or trial.name != side.name else f"t{trial.number:04d}"
    return f'<span style="color: {side.colour}">●</span> {shown(cut(short))}<br>'
