"""What a picture must do, and how the pictures are found.

A picture is one file of this folder: a class that derives from `Picture`. Its name is the file's name;
the tab, the report and `run.figure` find it without being told.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from ...search_spaces.by_file import classes_by_file

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..recorded import RecordedSearch, RecordedTrial

VIEWS = ("search", "shapes", "trial", "study")


class NothingToShow(Exception):
    """Raised by `draw` where there is nothing to draw; says why, in a sentence for the user."""


class Picture(ABC):
    """One picture; never instantiated.

    Attributes:
        view: `search` and `shapes` show a whole search, `trial` one trial, `study` the newest study.
        place: order within the view, smallest first.
        title: of the picture, a few words.
        sentence: what it shows, one plain sentence for someone who never read the docs.
        note: what one can read from it and what not, two to five plain sentences ("what is this?").
    """

    view: ClassVar[str]
    place: ClassVar[int]
    title: ClassVar[str]
    sentence: ClassVar[str]
    note: ClassVar[str]

    @classmethod
    @abstractmethod
    def draw(cls, search: RecordedSearch, trial: RecordedTrial | None = None) -> go.Figure:
        """Return the figure, without title; marks that stand for a trial have its number as customdata.

        Args:
            search: what to draw; may have no trial and no study at all.
            trial: the trial, for a picture of the view `trial`; None for the others.

        Raises:
            NothingToShow: when there is nothing to draw.
        """


@cache
def pictures() -> dict[str, type[Picture]]:
    """Return the pictures by name, by view and place."""
    # mypy takes an abstract class for no type; it is only compared with.
    found = classes_by_file(__package__, Picture)  # type: ignore[type-abstract]
    return dict(sorted(found.items(), key=lambda item: (VIEWS.index(item[1].view), item[1].place)))
