"""Parameters of a synthetic family, read from the signature of its `series` function.

A parameter is keyword-only, has a default and is annotated `int`, `float` or
`Annotated[int | float, Range(low, high)]`; both ends of a range belong to it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from inspect import signature
from typing import Annotated, NamedTuple, get_args, get_type_hints

from ..series import Series


class Range(NamedTuple):
    """The values a parameter may take, both ends included."""

    low: float = -math.inf
    high: float = math.inf

    def __str__(self) -> str:
        return f"{_plain(self.low)} to {_plain(self.high)}"


Rows = Annotated[int, Range(2, 10_000_000)]
Seed = Annotated[int, Range(0, 2**63 - 1)]
Flag = Annotated[int, Range(0, 1)]
Noise = Annotated[float, Range(0.0, 1e6)]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a family: its name, default, kind (`int` or `float`) and range."""

    name: str
    default: int | float
    kind: type[int] | type[float]
    range: Range

    def parse(self, text: str) -> int | float:
        """Return the value that `text` writes.

        Raises:
            ValueError: "NAME=TEXT is not ..." or "NAME=TEXT is out of range ...", for the user.
        """
        try:
            value = self.kind(text)
        except ValueError:
            kind = "a whole number" if self.kind is int else "a number"
            raise ValueError(f"{self.name}={text} is not {kind}") from None
        if not (self.range.low <= value <= self.range.high and abs(value) < math.inf):
            raise ValueError(f"{self.name}={text} is out of range, expected {self.range}")
        return value


def parameters_of(family: Callable[..., Series]) -> dict[str, Parameter]:
    """Return the parameters of a family's `series` function, in the order of its signature."""
    hints = get_type_hints(family, include_extras=True)
    found = {}
    for name, parameter in signature(family).parameters.items():
        kind, *limits = get_args(hints[name]) or (hints[name],)
        limit = next((item for item in limits if isinstance(item, Range)), Range())
        found[name] = Parameter(name, parameter.default, kind, limit)
    return found


def _plain(number: float) -> str:
    """Write a whole number with all its digits, any other in the short form."""
    return f"{int(number)}" if number == number // 1 and abs(number) < 1e15 else f"{number:g}"
