"""What training wider networks is worth, over all ways to deal the seeds: which judge, and which are truth.

Three seeds judge, and the other three decide what is true. One deal has luck of its own, so figures are means
over all. Seed 0, of which the suspicion comes, always judges and comes first; the other two are any of five,
in either order, which makes 20 deals.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from apart import Row
from verdict_judging import taken
from verdict_rules import Counts, Record
from verdict_truth import EVERY, Trained, Truth, lowers, truth

Losses = Sequence[tuple[float, float]]
"""Validation losses of a network and of the wider one, for each seed that judges."""
Deal = tuple[tuple[int, ...], tuple[int, ...]]
"""Places in `EVERY`: of the seeds that judge, in order, and of those that are truth."""
HALVES = {"even": (0,), "odd": (1,), "all": (0, 1)}


def deals() -> list[Deal]:
    """Return all of them."""
    others = range(1, len(EVERY))
    return [
        ((0, *two), tuple(one for one in others if one not in two))
        for two in itertools.permutations(others, 2)
    ]


def rows(records: Sequence[Record]) -> Iterator[Row]:
    """Yield what rules that train wider networks are worth, by the half of the stacks, and their cost."""
    true = {deal: [_truth(one, deal[1]) for one in records] for deal in deals()}
    for name, rule in RULES.items():
        for half, which in HALVES.items():
            mine = [one["stack"] % 2 in which for one in records]
            clear, every = (_shares(records, true, rule, mine, only_clear=only) for only in (True, False))
            yield (
                f"{len(true)} deals of seeds, {half} stacks: `widening helps`, {name}",
                f"clear: right in {clear[0]:.3f} of where said, {clear[1]:.3f} of such boundaries found",
                ">= .95 / .90" if rule is _of_package else "",
                f"all: {every[0]:.3f} and {every[1]:.3f}",
            )
    tried = [one for one in records if one["tried"]]
    networks = len({one["stack"] for one in records})
    pairs = {deal: [len(taken(_losses(one, deal), one["spread"])) for one in tried] for deal in true}
    wider = np.mean([sum(each) for each in pairs.values()]) / networks
    again = np.mean([_again(tried, each) for each in pairs.values()]) / networks
    yield (
        f"{len(true)} deals of seeds: networks trained after a search",
        f"{wider + again:.1f}",
        "",
        f"{len(tried) / networks:.1f} layers are tried wider, {np.mean(list(pairs.values())):.2f} times "
        f"each; {again:.1f} trainings are of the best trial itself",
    )


def _shares(
    records: Sequence[Record],
    true: dict[Deal, list[Truth]],
    rule: Callable[[Losses, float], bool],
    mine: Sequence[bool],
    *,
    only_clear: bool,
) -> np.ndarray:
    """Return precision and recall, the means over all deals."""
    found = []
    for deal, truths in true.items():
        pairs = [
            (one["tried"] and rule(_losses(one, deal), one["spread"]), told.helps)
            for one, told, counts in zip(records, truths, mine, strict=True)
            if counts and (told.clear or not only_clear)
        ]
        counts = Counts.of((said for said, _ in pairs), (helps for _, helps in pairs))
        found.append((counts.precision, counts.recall))
    return np.mean(found, axis=0)


def _truth(record: Record, seeds: Sequence[int]) -> Truth:
    losses = [record["test_losses"][seed] for seed in seeds]
    own, wider = ([Trained(pair[k], pair[k], record["variance"], []) for pair in losses] for k in (0, 1))
    return truth(own, wider)


def _losses(record: Record, deal: Deal) -> list[tuple[float, float]]:
    return [tuple(record["val_losses"][seed]) for seed in deal[0]]


def _again(tried: Sequence[Record], pairs: Sequence[int]) -> int:
    """Return how often the networks themselves are trained again: for as many pairs as a layer takes."""
    most: dict[int, int] = {}
    for one, count in zip(tried, pairs, strict=True):
        most[one["stack"]] = max(most.get(one["stack"], 1), count)
    return sum(count - 1 for count in most.values())


def _of_package(losses: Losses, spread: float) -> bool:
    from narrows.tuning.answers.widening import decided

    return bool(decided(taken(losses, spread), spread))


def _by_mean(losses: Losses, spread: float) -> bool:
    d = np.mean([np.log(own / wider) for own, wider in losses])
    return lowers(float(d), float(np.mean([own - wider for own, wider in losses])) / spread)


RULES: dict[str, Callable[[Losses, float], bool]] = {
    "two of at most three pairs, as the package": _of_package,
    "one pair": lambda losses, spread: _by_mean(losses[:1], spread),
    "the mean of two pairs": lambda losses, spread: _by_mean(losses[:2], spread),
    "the mean of three pairs": _by_mean,
}
