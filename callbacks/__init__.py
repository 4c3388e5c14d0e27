"""What is watched while a trial trains: its record in TensorBoard.

The record needs the protocol buffers of TensorBoard (a fifth of a second), so it is loaded when
first asked for. Nothing here imports TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .record import SearchRecord, TrialRecord

__all__ = ["SearchRecord", "TrialRecord"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from . import record

        return getattr(record, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
