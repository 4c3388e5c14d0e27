"""Ways to end hopeless trials early, held against each other: the tables of the part `ending` of `run.py`.

Whole searches are trained once without any ending (`ending_curves`), and each way is replayed on their curves
(`ending_replay`), for many random orders of their trials.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from apart import Row, call
from ending_curves import SETS, Curve, kept
from ending_policies import BY_ARRIVAL, PATIENCE, RULE, policies
from ending_replay import orders, replay

CURVES = Path(tempfile.gettempdir()) / "narrows-curves"
TRIALS, TIMES = 30, 100


def rows(folder: Path = CURVES) -> list[Row]:
    """Ways to end hopeless trials early, replayed on the recorded curves of whole searches.

    Seconds for 30 trials of the default space on two places, compiling not counted; regret against the best
    of the same 30 trained in full, median and 90th percentile of 100 random orders; seconds until a loss as
    good as the best of all is found, median. All but `no ending` and Hyperband have the product's patience
    beside them; Hyperband's 30 trials include those that go on. `etth1` is `OT`, horizon 24, 12 epochs; the
    others have the epochs of the product. Validation losses only; recorded beside other work. A first rung of
    250 steps was planned; that of 750, the patience of the product, was chosen on `small`.

    Args:
        folder: keeps the curves, so that they are trained once.
    """
    found: list[Row] = []
    for name, one in SETS.items():
        if len(kept(folder, name)[0]) < one.trials:
            if not one.there:
                found.append((name, "not run: its file is not there", "", ""))
                continue
            call("ending_curves", "record", str(folder), name)
        found += table(folder, name)
    return found


def table(folder: Path, name: str) -> Iterator[Row]:
    """Yield a row for each way to end trials of a set, and what waiting for lower numbers costs."""
    curves, steps = kept(folder, name)
    epochs, close = SETS[name].epochs, SETS[name].close
    ways = policies(SETS[name].patience(steps), steps)
    some, whole = (list(orders(curves, count, TIMES)) for count in (TRIALS, len(curves)))
    full = np.array([_best(chosen) for chosen in some])
    patient = np.array([replay(ways[PATIENCE](chosen, epochs)).best for chosen in some])
    target = (1 + close) * _best(curves)
    for policy, make in ways.items():
        done = [replay(make(chosen, epochs)) for chosen in some]
        best = np.array([one.best for one in done])
        regret = 100 * (best / full - 1)
        as_good = np.mean(best <= (1 + close) * patient)
        secs = np.median([replay(make(chosen, epochs)).secs_to(target) for chosen in whole])
        yield (
            f"{name}: {policy}",
            f"{np.median([one.secs for one in done]):.0f} s",
            "",
            f"regret {np.median(regret):.1f} %, {np.percentile(regret, 90):.1f} %; within {close:.0%} of "
            f"what patience alone finds in {as_good:.0%} of the orders, of the best of {len(curves)} "
            + (f"after {secs:.1f} s" if math.isfinite(secs) else "in less than half of the orders"),
        )
    for places in (2, 8):
        ours, theirs = (
            np.median([replay(ways[way](chosen, epochs), places).secs for chosen in some])
            for way in (RULE, BY_ARRIVAL)
        )
        yield (
            f"{name}: the rule against the same by arrival, {places} places",
            f"{100 * (ours / theirs - 1):+.0f} % of the time",
            "",
            f"{ours:.1f} s against {theirs:.1f} s",
        )


def _best(curves: Sequence[Curve]) -> float:
    return min(loss for one in curves for loss in one.losses if math.isfinite(loss))
