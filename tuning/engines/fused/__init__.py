"""The fused engine: many trials in compiled programs, numbers as plain Keras gives them.

The way of the data: `engine` asks for a trial, `planner` names its program, `lane` loads it there
(`embed` pads it), `program` runs whole epochs of `stack` (built from `cell`) and `adam`.
"""

from __future__ import annotations

from .engine import FusedEngine

__all__ = ["FusedEngine"]
