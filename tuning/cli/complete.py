"""What the tab key completes: values of options that have a name. Paths are completed by the shell.

A shell asks at each press, so the names stand here where importing what knows them would take long; that
they are the same is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ...search_spaces.stack_parts import LOSSES, SCALINGS
from .. import algorithms, engines

Completion = Callable[[str], list[str]]


def one_of(names: Iterable[str]) -> Completion:
    """Return what completes the beginning of one of `names`."""
    known = list(names)

    def complete(incomplete: str) -> list[str]:
        return [name for name in known if name.startswith(incomplete)]

    return complete


ALGORITHM = one_of(algorithms.names())
ENGINE = one_of(engines.names())
FORMAT = one_of(("savedmodel", "keras"))
LOSS = one_of(LOSSES)
MISSING = one_of(("error", "ffill", "interpolate", "drop"))
SCALING = one_of(SCALINGS)
