"""Pictures of a search and of its trials: plain data (`callbacks.recorded`) in, plotly figures out.

The TensorBoard tab, the report and `run.figure` show the same ones. A picture is one file here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ._base import VIEWS, NothingToShow, Picture, pictures

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial
    from ..studied import RecordedStudy

__all__ = ["VIEWS", "NothingToShow", "Picture", "draw", "pictures"]


def draw(
    name: str,
    search: RecordedSearch,
    trial: RecordedTrial | None = None,
    study: RecordedStudy | None = None,
    *,
    dark: bool = False,
    titled: bool = False,
) -> go.Figure:
    """Return the picture `name` in the style all pictures share; see `Picture.draw`.

    Args:
        name: of the picture, one of `pictures()`.
        search: what to draw.
        trial: for a picture of the view `trial`.
        study: for a picture of the view `study`; None is the newest of the search.
        dark: for a dark page.
        titled: whether it says what it is and of which run or trial; not on a page that says so above it.

    Raises:
        NothingToShow: when there is nothing to draw.
    """
    from ._style import entitled, styled

    picture = pictures()[name]
    if study is not None:
        search = replace(search, studies=(study,))
    figure = styled(picture.draw(search, trial), dark)
    if not titled:
        return figure
    one = study or search.study() if picture.view == "study" else trial
    return entitled(figure, picture.title, search.title if one is None else f"{one.name} of {search.title}")
