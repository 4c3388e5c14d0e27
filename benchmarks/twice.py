"""Two searches on the same shapes, in two processes: the second finds what the first compiled."""

from __future__ import annotations

import os
import tempfile
import time
from typing import Any

import numpy as np
import sides
import workloads
from apart import Row, call

TRIALS = 64


def rows() -> list[Row]:
    """64 small trials again, of as many epochs each, with what an earlier search on them kept.

    Medians of three such searches; the losses of all are those of the first.
    """
    theirs = call("sides", "stock", "small", TRIALS)
    with tempfile.TemporaryDirectory() as folder:
        first, *again = [call("twice", "searched", folder, theirs["values"]) for _ in range(4)]
    assert all(one["losses"] == first["losses"] for one in again), "what is kept changed a loss"
    secs = float(np.median([one["secs"] for one in again]))
    compiled = max(one["origins"].get("compiled", 0) for one in again)
    ratios = sorted(theirs["ends"][-1] / one["secs"] for one in again)
    return [
        (
            "second search on the same shapes: programs compiled",
            f"{compiled} of {first['origins']['compiled']}",
            "0",
            f"the first search took {first['secs']:.0f} s, the second {secs:.0f}",
        ),
        (
            f"small, {TRIALS} trials with kept programs: trials a minute against stock KerasTuner",
            f"{theirs['ends'][-1] / secs:.1f} times ({theirs['ends'][-1]:.0f} s against {secs:.1f} s)",
            ">= 18 times",
            f"{ratios[0]:.1f} to {ratios[-1]:.1f} in three runs",
        ),
    ]


def searched(folder: str, given: sides.Given) -> dict[str, Any]:
    """Train the given values with the fused engine; return seconds, losses and where programs came from.

    Args:
        folder: the user's cache folder.
        given: values of each trial.
    """
    from narrows.tuning.engines.fused import FusedEngine

    os.environ["XDG_CACHE_HOME"] = folder
    work = workloads.small()
    began = time.perf_counter()
    engine = FusedEngine(work.space, work.data, cache=True)
    losses = sides.train(engine, given, work.epochs)
    return {"secs": time.perf_counter() - began, "losses": losses, "origins": dict(engine.origins)}
