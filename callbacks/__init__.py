"""What is watched while a trial trains: its record in TensorBoard, and what its widths do.

Each is loaded when first asked for: the record needs the protocol buffers of TensorBoard (a fifth of a
second), `NarrowingProbe` needs Keras. Nothing else here imports TensorFlow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .narrowing_probe import NarrowingProbe
    from .search_record import SearchRecord

__all__ = ["NarrowingProbe", "SearchRecord"]

_HOMES = {"NarrowingProbe": ".narrowing_probe", "SearchRecord": ".search_record"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name], __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
