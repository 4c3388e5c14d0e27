"""The hyperparameters of a search as columns of values, one for each trial, for pictures over all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...search_spaces.plain import Unreadable

if TYPE_CHECKING:
    from ..recorded import Declared, RecordedSearch, RecordedTrial

Value = float | str


@dataclass(frozen=True)
class Column:
    """One hyperparameter over some trials.

    Args:
        declared: what the space says of it.
        values: one for each trial, a number where `declared.numeric`, else a text; None where the trial
            does not have it.
    """

    declared: Declared
    values: tuple[Value | None, ...]

    @cached_property
    def distinct(self) -> tuple[Value, ...]:
        """The values seen, sorted, each once."""
        seen: set[Any] = {value for value in self.values if value is not None}
        return tuple(sorted(seen))

    @property
    def partly_absent(self) -> bool:
        """Whether some of the trials do not have it."""
        return None in self.values

    @property
    def log(self) -> bool:
        """Whether its numbers belong on a log scale."""
        if not (self.declared.log and self.declared.numeric and self.distinct):
            return False
        return float(self.distinct[0]) > 0


def columns(search: RecordedSearch, trials: Sequence[RecordedTrial]) -> list[Column]:
    """Return one column for each hyperparameter that is searched, in the order of the space."""
    return [
        Column(declared, tuple(_value(declared, trial) for trial in trials))
        for declared in search.hyperparameters
        if not declared.fixed
    ]


def _value(declared: Declared, trial: RecordedTrial) -> Value | None:
    value = trial.values.get(declared.name)
    if value is None or not declared.numeric:
        return None if value is None else str(value)
    if isinstance(value, str):
        raise Unreadable(f"{declared.name} of {trial.name} is {value[:40]!r} and no number")
    number = float(value)
    return number if math.isfinite(number) else None
