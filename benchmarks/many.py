"""A search of thousands of trials, through the store and the record as a user's is.

Says at checkpoints: seconds a trial, share and milliseconds of everything that is not training, and
resident memory.
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import Any

import workloads


def many(trials: int, algorithm: str) -> dict[str, Any]:
    """Run a search of `trials` trials of two epochs; return when each ended, and memory then.

    Returns:
        For each trial that ended, in order: `ends` (secs after the start), `resident` (bytes), `training`
        (secs that trials had trained until then, over all cores), `measuring` (secs spent so far on what
        their widths did); and `cores`.
    """
    import narrows.tuning.watchers.measures as measures
    from narrows.tuning import tune
    from narrows.tuning.progress.base import Progress

    ends: list[float] = []
    resident: list[int] = []
    trained: list[float] = []
    measured: list[float] = []
    training, measuring = 0.0, 0.0
    began = time.perf_counter()

    class Watch(Progress):
        def ended(self, trial: Any, outcome: Any) -> None:
            super().ended(trial, outcome)
            ends.append(time.perf_counter() - began)
            resident.append(_resident())
            trained.append(training)
            measured.append(measuring)

        def epoch(self, epoch: Any) -> None:
            nonlocal training
            training += epoch.secs

    def timed(*given: Any, **more: Any) -> str:
        nonlocal measuring
        start = time.perf_counter()
        text = plain(*given, **more)
        measuring += time.perf_counter() - start
        return text

    # The watcher has it from another module; here it is timed where it is called.
    plain, measures.measured = measures.measured, timed  # type: ignore[attr-defined]

    with tempfile.TemporaryDirectory() as folder:
        tune(
            workloads.small_columns(),
            **workloads.SMALL,
            **workloads.SMALL_WINDOWS,
            trials=trials,
            epochs=2,
            algorithm=algorithm,
            space={"num_layers": "1..3", "units": "4..64", "bottleneck": "0", "batch_size": "32"},
            out=Path(folder) / "run",
            progress=Watch(),
        )
    return {
        "ends": ends,
        "resident": resident,
        "training": trained,
        "measuring": measured,
        "cores": os.cpu_count(),
    }


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
