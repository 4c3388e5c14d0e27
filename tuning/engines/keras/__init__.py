"""The keras engine: plain `model.fit`, the reference for every faster engine.

`engine` asks for trials and gives each to a `process`, in which `child` runs the `training`.
"""

from __future__ import annotations

from .engine import KerasEngine

__all__ = ["KerasEngine"]
