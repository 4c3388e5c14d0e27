"""How much sooner `tune` finds a loss as good as the best that other searches find in three minutes.

Searches run in turn, each in a process of its own (`sooner_sides`). What is compared is, seed by seed, the
second at which the other search found its best loss and the one at which `tune` first had that loss or a
lower one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import median

from apart import Row, call

Curve = Sequence[Sequence[float]]
"""(seconds since the search began, validation loss) after each epoch."""
SECS, SEEDS = 180.0, (0, 1, 2)
PEERS = {"hyperband": "KerasTuner Hyperband", "halving": "Optuna TPE + successive halving + Keras"}
BARE = {"linear": "none", "scaling": "standard"}
"""The space without what the stacks of the peers do not have: no linear forecast, one scaling."""


def small() -> list[Row]:
    """How much sooner `tune` has the best validation loss that other searches find in 180 s, in three seeds.

    The others search 1 to 3 LSTM layers of 4 to 64 units and the learning rate, with the batch size of the
    workload, at most 30 epochs a trial, on standardised windows. `tune` has its defaults and as many trials
    as fit; in the rows called bare it searches a stack alone (`--linear none --scaling standard`). A loss of
    `tune` counts after an epoch of training and, where a linear forecast is searched, below the ridge's own.
    Importing libraries counts on no side, compiling does. `tune` ends when it has found what both others did.
    """
    ridge = call("sooner_sides", "ridge_loss", "small")
    found = _searched("small", {"small": ({}, ridge), "small, bare stack": (BARE, math.inf)})
    return [*table("small", found, ridge, 20), *table("small, bare stack", found, math.inf, 5)]


def etth1() -> list[Row]:
    """As `sooner`, on ETTh1 `OT`, lookback 96, horizon 24; the others have 16 to 64 units, batches of 128."""
    from workloads import ETTH1

    name = "ETTh1 OT, horizon 24"
    if not ETTH1.exists():
        return [(name, f"not run: {ETTH1.name} is not there", ">= 10 times", "")]
    ridge = call("sooner_sides", "ridge_loss", "etth1")
    return list(table(name, _searched("etth1", {name: ({}, ridge)}), ridge, 10))


def best(curve: Curve) -> tuple[float, float]:
    """Return when a search found its best loss, in seconds, and that loss, of what it found in time.

    Raises:
        ValueError: when it found none.
    """
    found = [(loss, secs) for secs, loss in curve if math.isfinite(loss) and secs <= SECS]
    loss, secs = min(found)
    return secs, loss


def bar(loss: float, ridge: float) -> float:
    """Return the largest loss that is as good as `loss` and below the ridge's."""
    return min(loss, math.nextafter(ridge, 0)) if math.isfinite(ridge) else loss


def reached(curve: Curve, bar: float) -> float:
    """Return the seconds after which a search first had such a loss in time; infinite where it never had."""
    return min((secs for secs, loss in curve if loss <= bar and secs <= SECS), default=math.inf)


def _searched(workload: str, asked: Mapping[str, tuple[dict[str, str], float]]) -> dict[str, list[Curve]]:
    """Return the curves of the peers and of ours, by their names, a seed each.

    All search with one seed before any does with the next: what slows the machine for a while slows all.

    Args:
        workload: its name.
        asked: for each search of ours the space, and the loss of the ridge that it must be below.
    """
    found: dict[str, list[Curve]] = {name: [] for name in (*PEERS, *asked)}
    for seed in SEEDS:
        for peer in PEERS:
            found[peer].append(call("sooner_sides", peer, workload, seed, SECS))
        good = min(best(found[peer][-1])[1] for peer in PEERS)
        for name, (space, ridge) in asked.items():
            enough = bar(good, ridge)
            found[name].append(call("sooner_sides", "ours", workload, seed, SECS, enough, space))
    return found


def table(name: str, found: Mapping[str, Sequence[Curve]], ridge: float, goal: int) -> Iterator[Row]:
    """Yield a row for each peer: the median, over seeds, of its seconds to its best loss by ours to that.

    Args:
        name: of our search.
        found: curves of the peers and of ours, by their names, a seed each.
        ridge: loss that ours must be below; infinite where no linear forecast is searched.
        goal: least ratio wanted.
    """
    for peer, title in PEERS.items():
        own, curves = found[name], found[peer]
        theirs = [best(curve) for curve in curves]
        secs = [reached(curve, bar(loss, ridge)) for curve, (_, loss) in zip(own, theirs, strict=True)]
        ratios = sorted(their / our for (their, _), our in zip(theirs, secs, strict=True))
        middle = median(ratios)
        said = {
            "best losses": (loss for _, loss in theirs),
            "ours in the end": (best(curve)[1] for curve in own),
        }
        losses = "; ".join(f"{what} {_listed(each, '.5g')}" for what, each in said.items())
        yield (
            f"{name}: sooner at the best loss of {title} in {SECS:.0f} s",
            f"{middle:.1f} times (medians: {median(their for their, _ in theirs):.0f} s against "
            f"{median(secs):.1f} s)"
            if middle
            else f"not reached in {SECS:.0f} s",
            f">= {goal} times",
            f"{_listed(ratios, '.1f')} times in {len(SEEDS)} seeds, 0 where it was not reached; {losses}"
            + (f"; the ridge's {ridge:.5g}" if math.isfinite(ridge) else ""),
        )


def _listed(numbers: Iterable[float], form: str) -> str:
    return ", ".join(format(number, form) for number in numbers)
