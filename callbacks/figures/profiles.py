"""Profiles: the best trials as small funnels side by side."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from ._base import NothingToShow, Picture
from ._small_funnels import Cell, small_funnels
from ._stack import widths_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

MOST = 12


class Profiles(Picture):
    """The best twelve trials: outline all units, fill those at work, links coloured by verdict."""

    view = "shapes"
    place = 10
    title = "Best profiles"
    sentence = (
        "The best trials as small funnels: the height of a box is the units of a layer, its filled part the "
        "units that do different work, and the colour before a layer says whether it is wide enough."
    )
    note = (
        "The best trial comes first, the others by validation loss; click on one to open it. Look for what "
        "the best ones share; a layer whose width differs widely among them matters little. A box "
        "without a filled part was not measured. All boxes have the same scale; where one "
        "layer has more than 32 times the units of another it is a square-root scale, and the axis says so."
    )

    @classmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        known = ((rank, one) for rank, one in enumerate(search.ranked, start=1) if widths_of(one))
        ranked = list(islice(known, MOST))
        if not ranked:
            raise NothingToShow("No trial has a score yet.")
        return small_funnels([Cell(one, f"{rank}. ") for rank, one in ranked])
