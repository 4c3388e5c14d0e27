"""The jobs that `kills` kills, each small enough that a start costs little more than TensorFlow's import."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SOURCE = "synthetic:sines,rows=300"
TUNE = f"tune {SOURCE} --lookback 8 --horizon 2 --units 2..6 --layers 1..2 --keep 3 --quiet"
PROGRAM = Path(__file__).with_name("kills_program.py")


@dataclass(frozen=True)
class Job:
    """A command that is killed.

    Args:
        command: what follows `narrows`, but for the folder.
        keep_secs: of a trial's training after which it is kept where it stands.
    """

    command: str
    keep_secs: float = 0.0


JOBS = {
    "tpe": Job(f"{TUNE} --trials 7 --epochs 10"),
    "random": Job(f"{TUNE} --trials 7 --epochs 10 --algorithm random", 0.05),
    "grid": Job(f"{TUNE} --trials 7 --epochs 10 --algorithm grid --learning-rate 0.003,0.03"),
    "bayesian": Job(f"{TUNE} --trials 7 --epochs 10 --algorithm bayesian", 60.0),
    "hyperband": Job(f"{TUNE} --trials 16 --epochs 9 --algorithm hyperband"),
    "seeds": Job(f"{TUNE} --trials 11 --epochs 6 --algorithm random"),
    "folds": Job(f"{TUNE} --trials 5 --epochs 8 --folds 2 --dropout 0.2"),
    "keras": Job(f"{TUNE} --trials 4 --epochs 6 --engine keras --algorithm random --dropout 0.2"),
    "own": Job("own"),
    "study": Job(
        f"study {SOURCE} --lookback 8 --profile 4-4 --layer 2 --widths 1,4 --seeds 2 --rates 1 --steps 28 "
        "--quiet"
    ),
}


@dataclass(frozen=True)
class Ended:
    """How a start ended.

    Args:
        died: whether it was killed.
        secs: from when TensorFlow was there.
        writes: that it made; 0 where it was killed.
    """

    died: bool
    secs: float
    writes: int


def start(job: Job, folder: Path, *, secs: float | None = None, write: int = 0) -> Ended:
    """Run a job in a folder; kill it after so many seconds, or have it die at a write.

    Raises:
        RuntimeError: when it failed by itself, with what it said.
    """
    first, *rest = job.command.split()
    given = [str(job.keep_secs), str(write), first, *rest]
    # What `own` reads by place.
    given += ["--out", str(folder), "--seed", "3"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, str(PROGRAM), *given], **pipes) as process:  # type: ignore[call-overload]
        assert process.stdout is not None
        process.stdout.readline()
        began = time.monotonic()
        try:
            _, said = process.communicate(timeout=secs)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Ended(True, time.monotonic() - began, 0)
    took = time.monotonic() - began
    if process.returncode == -9 and write:
        return Ended(True, took, 0)
    if process.returncode:
        raise RuntimeError(f"{job.command} in {folder} ended with {process.returncode}:\n{said[-3000:]}")
    return Ended(False, took, int(said.rsplit("writes ", 1)[1]))
