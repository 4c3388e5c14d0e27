"""What is watched while a trial trains: its record in TensorBoard, and what its widths do.

Each is loaded when first asked for: the record needs the protocol buffers of TensorBoard (a fifth of a
second), `NarrowingProbe` needs Keras. Nothing else here imports TensorFlow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .probe import NarrowingProbe
    from .record import SearchRecord

__all__ = ["NarrowingProbe", "SearchRecord"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module(".probe" if name == "NarrowingProbe" else ".record", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
