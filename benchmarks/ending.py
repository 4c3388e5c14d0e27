"""Ways to end hopeless trials early, held against each other: the tables of the part `ending` of `run.py`.

Whole searches are trained once without any ending (`ending_curves`), and each way is replayed on their curves
(`ending_replay`), for many random orders of their trials.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from apart import Row, call
from ending_curves import SETS, kept
from ending_policies import policies
from ending_replay import orders, replay

TRIALS, TIMES = 30, 100
CLOSE = 0.1


def rows(folder: Path) -> list[Row]:
    """Train what is missing in `folder`, replay, and return the table of each set."""
    found: list[Row] = []
    for name, one in SETS.items():
        curves, _ = kept(folder, name)
        if len(curves) < one.trials and not one.there:
            found.append((name, "not run: its file is not there", "", ""))
            continue
        if len(curves) < one.trials:
            call("ending_curves", "record", str(folder), name)
        found += table(folder, name)
    return found


def table(folder: Path, name: str) -> Iterator[Row]:
    """Yield a row for each way to end trials of a set, and what waiting for lower numbers costs."""
    curves, steps = kept(folder, name)
    epochs, patience = SETS[name].epochs, SETS[name].patience(steps)
    chosen = list(orders(curves, TRIALS, TIMES))
    whole = list(orders(curves, len(curves), TIMES))
    target = (1 + CLOSE) * replay(policies(patience, steps)["no ending"](curves, epochs)).best
    for policy, make in policies(patience, steps).items():
        done = [replay(make(some, epochs)) for some in chosen]
        full = [min(min(filter(math.isfinite, one.losses)) for one in some) for some in chosen]
        regret = [100 * (one.best / best - 1) for one, best in zip(done, full, strict=True)]
        close = np.median([replay(make(some, epochs)).secs_to(target) for some in whole])
        yield (
            f"{name}: {policy}",
            f"{np.median([one.secs for one in done]):.0f} s",
            "",
            f"regret {np.median(regret):.1f} %, at worst in 9 of 10 orders {np.percentile(regret, 90):.1f} %; "
            f"within {CLOSE:.0%} of the best of all {len(curves)} "
            + (f"after {close:.0f} s" if math.isfinite(close) else "in less than half of the orders"),
        )
    for places in (2, 8):
        ours, theirs = (
            np.array([replay(policies(patience, steps)[which](some, epochs), places).secs for some in chosen])
            for which in ("halving from 750 steps (the rule)", "the same, by arrival")
        )
        yield (
            f"{name}: waiting for lower numbers on {places} places",
            f"{100 * (np.median(ours) / np.median(theirs) - 1):+.1f} % of the time",
            "",
            f"{np.median(ours):.1f} s against {np.median(theirs):.1f} s by arrival",
        )
