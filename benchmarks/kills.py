"""Kill searches and studies with SIGKILL, and hold what they end in against one that was left alone.

    python benchmarks/kills.py [--kills 20] [--jobs tpe folds study ...] [--seed 0]

Of each job one run goes to its end. Then runs of the same job are killed and started again with the same
command until so many kills were made: half of them at random instants, half where the process would
write, at its first write, then further and further on (`kills_program`), at each write where `--kills` is
large enough. After each kill the run must open and what had ended be there once more, not trained again;
in the end it must be equal to the first, to the digit: trials, losses of all epochs, measures, kept
weights, states, studies and answer. Seconds, of course, differ. By default 200 kills in all.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kills_jobs import JOBS, Ended, Job, start
from kills_seen import Facts, content, differences, ended

Limit = Callable[[int], dict[str, Any]]
"""Where a start is killed, from how many were killed before it in its run."""


@dataclass
class Found:
    """What killing a job showed; each fault is a line.

    Args:
        ended_early: trials of an unkilled run that others ended early.
    """

    ended_early: int = 0
    kills: int = 0
    runs: int = 0
    secs: float = 0.0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    def looks(self, where: str, before: Facts, now: Facts) -> None:
        """Compare what has ended with what had before a kill."""
        self.lost += [f"{where}, {name}" for name in before if name not in now]
        again = [name for name in before if name in now and now[name] != before[name]]
        self.doubled += [f"{where}, {name}: {before[name]}, then {now[name]}" for name in again]


def kill(job: Job, scratch: Path, kills: int, limit: Limit, whole: Facts, found: Found) -> None:
    """Kill runs of a job so many times in all."""
    most = found.kills + kills
    while found.kills < most:
        folder, seen, count = scratch / str(found.runs), Facts(), 0
        found.runs += 1
        while True:
            began = time.monotonic()
            done = start(job, folder, **(limit(count) if found.kills < most else {}))
            now = ended(folder)
            found.looks(f"run {found.runs}, kill {count}", seen, now)
            seen = now
            if not done.died:
                break
            found.secs += time.monotonic() - began
            found.kills, count = found.kills + 1, count + 1
        found.different += [f"run {found.runs}, {line}" for line in differences(whole, content(folder))]


def tried(job: Job, scratch: Path, kills: int, luck: random.Random) -> Found:
    """Kill a job at random instants, then at writes."""
    first: Ended = start(job, scratch / "whole")
    whole = content(scratch / "whole")
    found = Found(sum("not among the best" in str(told) for name, told in whole.items() if "reason" in name))
    half = kills // 2
    # So many starts, each killed a step later than the one before it, get to the end of a run.
    step = max(1, round(2 * first.writes / max(1, kills - half) ** 2))
    # Sooner in each run: a machine that has less to do by now would end most of them before they are killed.
    kill(job, scratch, half, lambda _: {"secs": luck.uniform(0, first.secs / found.runs)}, whole, found)
    kill(job, scratch, kills - half, lambda count: {"write": 1 + count * step}, whole, found)
    return found


def main() -> int:
    """Kill as often as asked; return 1 when something is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20, help="of each job")
    parser.add_argument("--jobs", nargs="*", default=list(JOBS), choices=list(JOBS))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    say, failed = sys.stdout.write, False
    columns = ("ended early", "kills", "runs", "lost", "doubled", "different", "secs a kill")
    say(f"{'job':10}{''.join(f'{name:>13}' for name in columns)}\n")
    for name in asked.jobs:
        with tempfile.TemporaryDirectory() as scratch:
            found = tried(JOBS[name], Path(scratch), asked.kills, random.Random(asked.seed))
        sorts = found.lost, found.doubled, found.different
        faults = [fault for sort in sorts for fault in sort]
        failed |= bool(faults)
        counts = [found.ended_early, found.kills, found.runs, *map(len, sorts)]
        cells = [*map(str, counts), f"{found.secs / max(1, found.kills):.1f}"]
        say(f"{name:10}{''.join(f'{cell:>13}' for cell in cells)}\n")
        say("".join(f"    {fault}\n" for fault in faults[:20]))
        sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
