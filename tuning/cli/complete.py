"""What the tab key completes: values of options that have a name. Paths are completed by the shell.

A shell asks at each press, so the names stand here where importing what knows them would take long; that
they are the same is tested.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...search_spaces.stack_parts import CHANNELS, LINEAR, LOSSES, SCALINGS
from .. import algorithms, engines

__all__ = [
    "ALGORITHMS",
    "CHANNELS",
    "CLUSTERS",
    "ENGINES",
    "FORMATS",
    "LEVELS",
    "LINEAR",
    "LOSSES",
    "MISSING",
    "REFITS",
    "SCALINGS",
    "WIDE",
    "one_of",
]

ALGORITHMS = tuple(algorithms.names())
ENGINES = tuple(engines.names())
FORMATS = ("savedmodel", "keras", "tflite", "onnx")
REFITS = ("validation", "all")
LEVELS = ("own", "shared")
WIDE = ("columns", "rows")
CLUSTERS = ("auto",)
MISSING = ("error", "ffill", "interpolate", "drop")


def one_of(names: Sequence[str]) -> Callable[[str], list[str]]:
    """Return what completes the beginning of one of `names`."""

    def complete(incomplete: str) -> list[str]:
        return [name for name in names if name.startswith(incomplete)]

    return complete
