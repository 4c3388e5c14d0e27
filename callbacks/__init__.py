"""What is watched while a trial trains: its record in TensorBoard, and what its widths do.

Each is loaded when first asked for: the record needs the protocol buffers of TensorBoard (a fifth of a
second), `NarrowingProbe` needs Keras. Nothing else here imports TensorFlow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .narrowing_probe import NarrowingProbe
    from .search_record import SearchRecord
else:
    from ..search_spaces.on_demand import on_demand

    __getattr__, __dir__ = on_demand(
        __name__, {"NarrowingProbe": ".narrowing_probe", "SearchRecord": ".search_record"}
    )

__all__ = ["NarrowingProbe", "SearchRecord"]
