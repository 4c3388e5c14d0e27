"""Parts of `run.py` that hold the fused engine against Keras and KerasTuner."""

from __future__ import annotations

from typing import Any

import numpy as np
from apart import Row, begin, call, finish


def small() -> list[Row]:
    """64 and 16 small trials against stock KerasTuner, which is timed once: its first 16 are the 16.

    It shuffles batches its own way, so losses differ by more than rounding; `ranks` compares them on the
    same batches.
    """
    theirs = call("sides", "stock", "small", 64)
    return [_compared("small", count, theirs, {64: 10, 16: 6}[count]) for count in (64, 16)]


def ranks() -> list[Row]:
    """16 small trials on the very same batches, for their losses alone."""
    from scipy.stats import spearmanr

    theirs = call("sides", "stock_same_batches", "small", 16)
    ours = np.array(call("sides", "fused", "small", theirs["values"], False)["losses"])
    losses = np.array(theirs["losses"])
    return [
        (
            "small, 16 trials on the same batches as stock KerasTuner: rank correlation of their losses",
            f"{spearmanr(losses, ours).statistic:.4f}",
            ">= 0.95",
            f"largest relative difference of a loss {np.abs(ours / losses - 1).max():.1e}",
        )
    ]


def etth1() -> list[Row]:
    """32 compute-bound trials against stock KerasTuner."""
    from workloads import ETTH1

    if not ETTH1.exists():
        return [("ETTh1 OT", f"not run: {ETTH1.name} is not there", ">= 3.5 times", "")]
    return [_compared("etth1", 32, call("sides", "stock", "etth1", 32), 3.5)]


def _compared(workload: str, count: int, theirs: dict[str, Any], goal: float) -> Row:
    from scipy.stats import spearmanr

    ours = call("sides", "fused", workload, theirs["values"][:count])
    ratio = theirs["ends"][count - 1] / ours["secs"]
    losses = np.array(theirs["losses"][:count]), np.array(ours["losses"])
    rank = spearmanr(*losses).statistic
    return (
        f"{workload}, {count} trials: trials a minute against stock KerasTuner",
        f"{ratio:.1f} times ({theirs['ends'][count - 1]:.0f} s against {ours['secs']:.0f} s)",
        f">= {goal} times",
        f"rank correlation of losses {rank:.3f}; best {losses[0].min():.5f} theirs, "
        f"{losses[1].min():.5f} ours; median ratio of losses {np.median(losses[1] / losses[0]):.3f}",
    )


def steps() -> list[Row]:
    """Step time of two layers; ours with a trial on every core, median of three runs a side."""
    rows = []
    for units, goal in {8: 20, 32: 7, 64: 5, 128: 3}.items():
        runs = [
            (call("sides", "steps_stock", units, 6)["secs"], call("sides", "steps_fused", units, 8)["secs"])
            for _ in range(3)
        ]
        theirs, ours = np.median(runs, axis=0)
        spread = sorted(a / b for a, b in runs)
        rows.append(
            (
                f"step of two layers of {units} units against plain `fit`",
                f"{theirs / ours:.1f} times ({theirs * 1e3:.1f} ms against {ours * 1e3:.2f} ms)",
                f">= {goal} times",
                f"{spread[0]:.1f} to {spread[-1]:.1f} in three runs",
            )
        )
    return rows


def keras() -> list[Row]:
    """Keras at its best: compiled by XLA, an epoch a call, in two processes."""
    given = call("sides", "stock", "small", 16)["values"]
    halves = [begin("sides", "best_keras", "small", given[part::2]) for part in (0, 1)]
    theirs = max(finish(half)["secs"] for half in halves)
    ours = call("sides", "fused", "small", given)["secs"]
    return [
        (
            "small, 16 trials: against Keras with jit_compile, an epoch a call, two processes",
            f"{theirs / ours:.1f} times ({theirs:.0f} s against {ours:.0f} s)",
            ">= 4 times",
            "",
        )
    ]
