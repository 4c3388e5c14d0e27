"""What a measure must do, and how the measures are found."""

from __future__ import annotations

import pkgutil
from abc import ABC, abstractmethod
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from ..evidence import Evidence


class Measure:
    """What one measure found; a frozen dataclass of numbers, estimates and tuples of them."""

    full: ClassVar[bool] = False
    """Whether only the depth `full` includes it, because it is slow or large."""


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
    package = import_module(__package__)
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.name[0] != "_")
    found = {}
    for name in names:
        module = import_module(f".{name}", __package__)
        found[name] = next(
            kind
            for kind in vars(module).values()
            if isinstance(kind, type) and issubclass(kind, Measure) and kind.__module__ == module.__name__
        )
    return found
