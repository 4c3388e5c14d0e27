"""What a measure must do, and how the measures are found."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Self

from ....search_spaces.by_file import classes_by_file

if TYPE_CHECKING:
    from ..evidence import Evidence


class Measure:
    """What one measure found; a frozen dataclass of numbers, estimates and tuples of them."""

    full: ClassVar[bool] = False
    """Whether only the depth `full` includes it, because it is slow or large."""

    def fits(self, units: int) -> bool:
        """Whether what was read can be of a layer of so many units."""
        return True

    @classmethod
    def cost(cls, evidence: Evidence, layer: int) -> float:
        """Return about how many operations it takes, for a measure that may take very many; see `budget`."""
        return 0.0


class LayerMeasure(Measure, ABC):
    """A measure of one layer."""

    @classmethod
    @abstractmethod
    def of(cls, evidence: Evidence, layer: int) -> Self:
        """Measure the layer of this number, from 1; called once for each layer."""


class BoundaryMeasure(Measure, ABC):
    """A measure of one boundary between two layers."""

    @classmethod
    @abstractmethod
    def of(cls, evidence: Evidence, before: int) -> Self:
        """Measure the boundary from layer `before` to the next; layer 0 is the input."""


@cache
def kinds() -> dict[str, type[Measure]]:
    """Return the measures by name, in alphabetical order of their files."""
    return classes_by_file(__package__, Measure)
