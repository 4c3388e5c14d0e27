"""Kill searches with SIGKILL at random instants, and hold what they end in against one that was left alone.

    python benchmarks/kills.py [--kills 8] [--trials 24] [--algorithms tpe grid ...]

For each algorithm one search runs to its end. Then searches of the same job are killed and started again with
the same command until so many kills were made. Every run must end equal to the first, to the digit: trials,
losses of all epochs, measures, kept weights, states and answer. Seconds, of course, differ.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ALGORITHMS = ("tpe", "random", "grid", "bayesian", "hyperband")
SOURCE = "synthetic:sines,rows=800"


def command(folder: Path, algorithm: str, trials: int) -> list[str]:
    """Return the command of the search."""
    return [
        sys.executable, "-c", "from narrows.tuning.cli import main; main()", "tune", SOURCE, "--horizon", "2",
        "--trials", str(trials), "--epochs", "4", "--algorithm", algorithm, "--seed", "3", "--json",
        "--keep", "5", "--out", str(folder),
    ]  # fmt: skip


def run_for(arguments: list[str], secs: float | None) -> tuple[bool, float]:
    """Run a command; kill it so many seconds after its search began.

    Returns:
        Whether it ended by itself, and the seconds from when its search began.
    """
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the search begins
        began = time.monotonic()
        try:
            process.communicate(timeout=secs)
        except subprocess.TimeoutExpired:
            process.kill()
            return False, time.monotonic() - began
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}")
    return True, time.monotonic() - began


def content(folder: Path) -> dict[str, Any]:
    """Return all that must be the same, however a search was interrupted."""
    from narrows.tuning.run import Run

    run = Run(folder)
    found: dict[str, Any] = {"answer": run.answer}
    for trial in run.trials:
        epochs = [(one.epoch, repr(one.loss), repr(one.val_loss)) for one in run.store.epochs(trial.number)]
        known = {name: value for name, value in vars(trial).items() if name not in ("secs", "started")}
        known |= {"losses": epochs, "narrowing": run.store.narrowing(trial.number)}
        found |= {f"trial {trial.number}: {name}": value for name, value in known.items()}
    for path in sorted(run.paths.trials.glob("*/*")):
        found[str(path.relative_to(folder))] = hashlib.sha256(path.read_bytes()).hexdigest()
    run.close()
    return found


def differences(whole: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return a line for each thing that differs."""
    return [
        f"{name}: {str(whole.get(name))[:300]} alone, {str(other.get(name))[:300]} after kills"
        for name in {**whole, **other}
        if whole.get(name) != other.get(name)
    ]


def main() -> int:
    """Kill as often as asked; return 1 when a run differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=8, help="of each algorithm")
    parser.add_argument("--trials", type=int, default=24)
    parser.add_argument("--algorithms", nargs="*", default=list(ALGORITHMS))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    luck, failed = random.Random(asked.seed), False
    with tempfile.TemporaryDirectory() as scratch:
        for algorithm in asked.algorithms:
            folder = Path(scratch, algorithm)
            _, secs = run_for(command(folder, algorithm, asked.trials), None)
            whole, kills, runs, faults = content(folder), 0, 0, []
            while kills < asked.kills:
                cut = Path(scratch, f"{algorithm}-{runs}")
                runs += 1
                done = False
                while not done:
                    limit = luck.uniform(0, secs) if kills < asked.kills else None
                    done, _ = run_for(command(cut, algorithm, asked.trials), limit)
                    kills += not done
                faults += [f"run {runs}, {line}" for line in differences(whole, content(cut))]
            failed |= bool(faults)
            sys.stdout.write(f"{algorithm}: {kills} kills in {runs} runs, {len(faults)} differences\n")
            sys.stdout.write("".join(f"    {fault}\n" for fault in faults[:20]))
            sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
