"""What a search costs beside training: real trials, store and watchers around an engine that trains nothing.

Whatever a trial costs more at the end of a long search than at its start grows with what came before it. CPU
seconds are those of the whole process, all its threads.
"""

from __future__ import annotations

import math
import tempfile
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np
import workloads
from apart import Row, call

ALGORITHMS = ("tpe", "random", "grid", "bayesian", "hyperband")
AT = (100, 1000, 5000)
"""Trials that have ended where the cost of one is told, a mean over the `OVER` around it."""
OVER = 100
EPOCHS = 13
"""One more than those after which a trial may be ended early."""


def rows() -> list[Row]:
    """CPU a trial that is neither training nor measuring: search, algorithm, store and record.

    The default space on the small series, at most 13 epochs a trial, whose losses are a formula of its
    values. What is measured of the first trial is kept of all.
    """
    return [
        _row(algorithm, call("driver", "spent", algorithm, AT[-1] + OVER // 2)) for algorithm in ALGORITHMS
    ]


def spent(algorithm: str, trials: int) -> list[float]:
    """Search so many trials; return the CPU seconds of the process when each of them had ended."""
    import narrows.tuning.watchers.measures as measures
    from narrows.tuning import engines, tune
    from narrows.tuning.progress.base import Progress

    secs: list[float] = []

    class Watch(Progress):
        def ended(self, trial: Any, outcome: Any) -> None:
            super().ended(trial, outcome)
            secs.append(time.process_time())

    texts: list[str] = []
    # The watcher has it from another module; here it is replaced where it is called.
    measured: Any = measures.measured  # type: ignore[attr-defined]

    def measured_once(*given: Any, **more: Any) -> str:
        if not texts:
            texts.append(measured(*given, **more))
        return texts[0]

    measures.measured = measured_once  # type: ignore[attr-defined]
    engines.make = lambda name, *rest: _untrained(*rest)
    with tempfile.TemporaryDirectory() as folder:
        tune(
            workloads.small_columns(),
            **workloads.SMALL,
            **workloads.SMALL_WINDOWS,
            trials=trials,
            epochs=EPOCHS,
            algorithm=algorithm,
            confirm=False,
            out=Path(folder) / "run",
            progress=Watch(),
        )
    return secs


def _untrained(*given: Any) -> Any:
    """Return an engine whose trials have their first weights for ever, and a loss that is a formula."""
    from narrows.search_spaces.network import initial_weights
    from narrows.search_spaces.trial import Epoch, Outcome, Status
    from narrows.tuning.engines.base import Ask, End, Engine, Report, Task

    class Untrained(Engine):
        places = 2

        def train(self, ask: Ask, report: Report, end: End) -> None:
            under_way: deque[tuple[Task, int]] = deque()
            while True:
                while len(under_way) < self.places and (task := ask()) is not None:
                    under_way.append((task, task.first_epoch + 1))
                if not under_way:
                    return
                task, epoch = under_way.popleft()
                loss = self._loss(task) + 1 / epoch
                decision = report(Epoch(task.number, epoch, loss, loss, 0.1, 0.01))
                if decision.ends is None and epoch < task.epochs:
                    under_way.append((task, epoch + 1))
                    continue
                status, weights = decision.ends or Status.COMPLETED, self._weights(task)
                state = weights if task.keep_state else None
                end(Outcome(task.number, status, decision.reason, weights, epoch, loss, state=state))

        def _loss(self, task: Task) -> float:
            units, rate = int(task.values["units_1"]), float(task.values["learning_rate"])
            return 0.1 * (math.log(units) - 3) ** 2 + (math.log10(rate) + 2) ** 2

        def _weights(self, task: Task) -> list[np.ndarray]:
            space: Any = self.space
            reading, linear = space.reading(task.values), space.linear_of(task.values)
            profile, begins_linear = space.profile(task.values), linear is not None
            drawn = initial_weights(profile, reading.width, reading.outputs, task.seed, linear=begins_linear)
            return [*drawn, *(linear.weights if linear else ())]

        def predict(self, values: Any, weights: Any, rows: np.ndarray) -> np.ndarray:
            return np.zeros((len(rows), *self.windows.output_shape), np.float32)

    return Untrained(*given)


def _row(algorithm: str, secs: list[float]) -> Row:
    count = len(secs)
    around = [min(max(at, OVER // 2), count - 1 - OVER // 2) for at in AT]
    ms = [1e3 * (secs[at + OVER // 2] - secs[at - OVER // 2]) / OVER for at in around]
    return (
        f"driver, {algorithm}: CPU of trial {AT[-1]:,} against trial {AT[0]:,}",
        f"{ms[-1] / ms[0]:.2f} times",
        "<= 1.25 times",
        ", ".join(f"{one:.1f} ms at trial {at:,}" for at, one in zip(AT, ms, strict=True)),
    )
