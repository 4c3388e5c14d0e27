"""Long searches with everything on, watched from outside: whether anything grows that should not.

    python benchmarks/soak.py                       5,400 small trials
    python benchmarks/soak.py --trials 600
    python benchmarks/soak.py --hour --minutes 10   ETTh1 on two folds

The default space with its bottlenecks, tpe, averaged weights, record, measures, the best trials trained
again, and the answer; in the hour trials end early, too, for which the small ones are too short. Each
quantity is told as its slope over the last two thirds of the trials, in units per 1,000 of them (Theil and
Sen: the median of the slopes between all pairs of samples), and as its medians in the first and in the last
tenth. It is flat where the slope does not exceed its goal. A program that was compiled is kept for the next
trial of its shape, and each has memory mappings of its own: so memory is told a second time, so far as they
do not explain it (least squares on the mappings and the trials together).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import default_space
import numpy as np
import workloads
from apart import Row
from sampled import Sample, Sampled, sampled

TRIALS, HOUR_MINUTES, FOLDS = 5400, 60.0, 2
ENDLESS = 1_000_000
SMALL: dict[str, object] = {"split": "332,100,100", "epochs": 3, "patience": 1}
"""A trial of these takes a fifth of a second: the trials are what is looked at."""

MEMORY, MAPPINGS = "resident memory, MB", "memory mappings"
GOALS = {
    MEMORY: 30.0,
    "open files": 0.0,
    "threads": 0.0,
    MAPPINGS: 500.0,
    "run folder, MB": 20.0,
    "files and folders of the run": 0.0,
    "cache folder, MB": 5.0,
}
"""The largest slope that counts as flat, a 1,000 trials. A run folder tells all epochs and measures of each
trial, so that it must grow; resident memory holds what an algorithm knows of each."""
SLOWER = 1.1


def rows(trials: int = TRIALS, minutes: float | None = None) -> list[Row]:
    """5,400 trials of the default space on 332 training rows, 3 epochs at most, watched once a second.

    A slope is the median of those between all pairs of samples of the last two thirds of the trials.
    """
    with tempfile.TemporaryDirectory() as name:
        options = {**workloads.SMALL, **workloads.SMALL_WINDOWS, **SMALL}
        return _rows("soak", default_space.written(Path(name)), options, Path(name), trials, minutes)


def hour(minutes: float = HOUR_MINUTES) -> list[Row]:
    """An hour of trials on ETTh1 `OT`, a day ahead, on two folds, watched once a second; else as `soak`."""
    with tempfile.TemporaryDirectory() as name:
        options = {**workloads.OT, **workloads.OT_WINDOWS, "folds": FOLDS}
        return _rows("soak_hour", workloads.ETTH1, options, Path(name), ENDLESS, minutes)


def _rows(
    part: str, source: Path, options: dict[str, object], folder: Path, trials: int, minutes: float | None
) -> list[Row]:
    run = folder / "run"
    asked = options | {"trials": trials} | ({} if minutes is None else {"minutes": minutes})
    words = [word for name, value in asked.items() for word in (f"--{name}", str(value))]
    found = sampled(["tune", str(source), *words, "--out", str(run)], run, folder)
    told = [_row(part, found, name, goal) for name, goal in GOALS.items()]
    return [_pace(part, found), _unexplained(part, found), *told]


def slope(trials: Sequence[float], values: Sequence[float]) -> float:
    """Return the median of the slopes between all pairs of points of different `trials`; 0 without any."""
    x, y = np.asarray(trials, float), np.asarray(values, float)
    one, other = np.triu_indices(len(x), 1)
    apart = x[other] != x[one]
    steps = (y[other] - y[one])[apart] / (x[other] - x[one])[apart]
    return float(np.median(steps)) if steps.size else 0.0


def tenths(samples: Sequence[Sample], name: str, count: int) -> tuple[float, float]:
    """Return the medians of a quantity in the first and in the last tenth of so many trials."""
    first = [one.values[name] for one in samples if one.trials <= count / 10]
    last = [one.values[name] for one in samples if one.trials >= count * 9 / 10]
    return tuple(float(np.median(some)) if some else float("nan") for some in (first, last))  # type: ignore[return-value]


def _row(part: str, found: Sampled, name: str, goal: float) -> Row:
    count = len(found.ends)
    late = [one for one in found.samples if one.trials >= count / 3]
    each = 1000 * slope([one.trials for one in late], [one.values[name] for one in late])
    first, last = tenths(found.samples, name, count)
    word = "flat" if each <= goal else "not flat"
    most = max((one.values[name] for one in found.after), default=float("nan"))
    return (
        f"{part}, {count:,} trials: {name}",
        f"{each:+,.4g} per 1,000 trials",
        f"<= {goal:+g}",
        f"{word}; {first:,.4g} in the first tenth, {last:,.4g} in the last; "
        f"at most {most:,.4g} while the answer was found",
    )


def _unexplained(part: str, found: Sampled) -> Row:
    """Growth of memory with the trials where that with compiled programs is taken off."""
    late = [one for one in found.samples if one.trials >= len(found.ends) / 3]
    known = [[1.0, one.values[MAPPINGS], one.trials] for one in late]
    memory = [one.values[MEMORY] for one in late]
    (_, each, trials), *_ = np.linalg.lstsq(np.array(known), np.array(memory), rcond=None)
    growth, goal = 1000 * float(trials), GOALS[MEMORY]
    return (
        f"{part}, {len(found.ends):,} trials: {MEMORY} that compiled programs do not explain",
        f"{growth:+,.4g} per 1,000 trials",
        f"<= {goal:+g}",
        f"{'flat' if growth <= goal else 'not flat'}; {1000 * each:,.4g} for each 1,000 {MAPPINGS}",
    )


def _pace(part: str, found: Sampled) -> Row:
    """Seconds a trial, of the search alone: from when it began to the end of its last trial."""
    ends, tenth = [found.began, *found.ends], max(1, len(found.ends) // 10)
    first, last = (ends[tenth] - ends[0]) / tenth, (ends[-1] - ends[-1 - tenth]) / tenth
    return (
        f"{part}, {len(found.ends):,} trials: seconds a trial in the last tenth against the first",
        f"{last / first:.2f} times",
        f"<= {SLOWER} times",
        f"{first:.3f} s in the first tenth, {last:.3f} s in the last; "
        f"{(ends[-1] - ends[0]) / 60:.1f} min of search",
    )


def main() -> None:
    """Run one of them and print its rows."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--hour", action="store_true", help="ETTh1 on two folds, for so many minutes")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--minutes", type=float, help="time budget of the search")
    asked = parser.parse_args()
    found = hour(asked.minutes or HOUR_MINUTES) if asked.hour else rows(asked.trials, asked.minutes)
    sys.stdout.write("".join(f"| {' | '.join(row)} |\n" for row in found))


if __name__ == "__main__":
    main()
