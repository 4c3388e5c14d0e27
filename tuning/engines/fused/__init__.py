"""The fused engine: many trials in compiled programs, numbers as plain Keras gives them.

The way of the data: `engine` asks for a trial, `planner` names its program, `training` loads it there
(`embed` pads it), `program` runs steps of `network` (built from `stack` and `cell`) and `adam`. What it runs
is `compiled` from a `module`, or found among the `kept_programs` of earlier processes (`kept_files`).
"""

from __future__ import annotations

from .engine import FusedEngine

__all__ = ["FusedEngine"]
