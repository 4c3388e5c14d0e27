"""What a picture of several sides must do, and how the pictures are found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, ClassVar

from ....search_spaces.by_file import classes_by_file

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from ..sides import Side


class Comparison(ABC):
    """One picture; never instantiated. It is shown where two searches are compared, or trials of one.

    Attributes:
        trials: whether it is shown for trials of one search, too.
        place: order, smallest first.
        title: of the picture, a few words.
        sentence: what it shows, one plain sentence for someone who never read the docs.
        note: what one can read from it and what not, two to five plain sentences ("what is this?").
    """

    trials: ClassVar[bool] = True
    place: ClassVar[int]
    title: ClassVar[str]
    sentence: ClassVar[str]
    note: ClassVar[str]

    @classmethod
    @abstractmethod
    def draw(cls, sides: Sequence[Side]) -> go.Figure:
        """Return the figure, without title; marks of trials of the first search have their number.

        Raises:
            NothingToShow: when there is nothing to draw.
        """


@cache
def comparisons() -> dict[str, type[Comparison]]:
    """Return the pictures by name, by place."""
    # mypy takes an abstract class for no type; it is only compared with.
    found = classes_by_file(__package__, Comparison)  # type: ignore[type-abstract]
    return dict(sorted(found.items(), key=lambda item: item[1].place))
