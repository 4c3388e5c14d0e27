"""A whole command on the default space, bottlenecks in it, against stock KerasTuner on the same space.

Both sides are timed from the start of their process to its end: Python, imports, reading the file and
compiling count on both, and the answer on ours.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import workloads
from apart import Row, call, typed

TRIALS, EPOCHS, SEEDS = 64, 10, (0, 1, 2)


def rows() -> list[Row]:
    """64 trials of the default space on the small series, 10 epochs each: whole commands, start to answer.

    `narrows tune` with all else as it comes, in three seeds: first with an empty cache folder (cold), then
    the same command into another run folder (warm). Stock `keras_tuner.RandomSearch` has the same space,
    linear forecast and bottlenecks in it, and searches it once; it has no answer.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = written(folder)
        began = time.perf_counter()
        theirs = call("default_space", "stock", str(source), TRIALS, EPOCHS)
        secs = time.perf_counter() - began
        found = [[_command(source, folder, seed, place) for place in range(2)] for seed in SEEDS]
    return [
        _row(kind, goal, secs, theirs["best"], [each[place] for each in found])
        for place, (kind, goal) in enumerate([("cold", 8), ("warm", 12)])
    ]


def written(folder: Path) -> Path:
    """Write the small series as CSV to `folder`, every digit of it; return where."""
    import polars

    path = folder / "small.csv"
    polars.DataFrame(workloads.small_columns()).write_csv(path)
    return path


def stock(source: str, trials: int, epochs: int) -> dict[str, Any]:
    """Search the space of `narrows tune` with `keras_tuner.RandomSearch`; return its best validation loss."""
    import keras_tuner

    from narrows.search_spaces import StackedLSTM
    from narrows.tuning.series.reading import read_series
    from narrows.tuning.series.shaped import shaped
    from narrows.tuning.series.windows import Windows

    data = Windows(read_series(source, **workloads.SMALL), **workloads.SMALL_WINDOWS)
    train, validation = (
        (data.inputs(data.parts[part]), data.targets(data.parts[part])) for part in ("train", "validation")
    )
    # What `narrows tune` says of `linear` where the user says nothing; all else is the default of the class.
    space: Any = shaped(StackedLSTM(linear=["none", "ridge"]), data)
    with tempfile.TemporaryDirectory() as folder:
        tuner = keras_tuner.RandomSearch(space, "val_loss", max_trials=trials, seed=1, directory=folder)
        tuner.search(*train, validation_data=validation, epochs=epochs, verbose=0)
        scores = [trial.score for trial in tuner.oracle.trials.values()]
    return {"best": min(score for score in scores if score is not None)}


def _command(source: Path, folder: Path, seed: int, place: int) -> tuple[float, float]:
    """Return the seconds of a command and its best validation loss; the second of a seed has a warm cache."""
    from narrows import Run

    out, cache = folder / f"run-{seed}-{place}", folder / f"cache-{seed}"
    options = {**workloads.SMALL, **workloads.SMALL_WINDOWS, "trials": TRIALS, "epochs": EPOCHS, "seed": seed}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    secs = typed(["tune", str(source), *words, "--out", str(out)], cache)
    run = Run(out)
    best, answer, ended = run.best, run.answer, sum(trial.status.ended for trial in run.trials)
    run.close()
    if ended != TRIALS or best is None or best.score is None or answer is None:
        raise SystemExit(f"the search ended with {ended} of {TRIALS} trials, or without an answer")
    return secs, best.score


def _row(kind: str, goal: int, theirs: float, their_best: float, found: list[tuple[float, float]]) -> Row:
    secs = sorted(one for one, _ in found)
    ratios = ", ".join(f"{theirs / one:.1f}" for one in reversed(secs))
    losses = ", ".join(f"{loss:.5g}" for _, loss in found)
    return (
        f"small, {TRIALS} trials of the default space, {kind}: the whole command against stock KerasTuner",
        f"{theirs / median(secs):.1f} times ({theirs:.0f} s against {median(secs):.1f} s)",
        f">= {goal} times",
        f"{ratios} times in {len(secs)} seeds; best losses {their_best:.5g} theirs, {losses} ours",
    )
