"""Whether widening a layer of the best trial helps: the wider network is trained, beside the trial itself.

What one trained network shows of its layers is a suspicion (`callbacks.narrowing.verdict`), and one
training of a wider network has luck of its own. So both are trained with two seeds, the trial's and another
one, and where the two do not agree with a third. Widening helps when the loss fell in two of them, or at
once when it fell to less than a half. The networks of a pair see the same batches.

Held against truth by other seeds (`benchmarks/verdicts.py`: 458 layers of 154 networks, the mean of 20 ways
to deal three seeds to the judging and three to the truth), as after a search of 30 trials, clear cases:

    stacks of number            even           odd            all
    as it is                    .96 / .94      .95 / .87      .96 / .90      right where said / found
    one pair                    .92 / .90      .90 / .82      .91 / .87
    the mean of two pairs       .96 / .95      .92 / .87      .94 / .91
    the mean of three pairs     .95 / .95      .92 / .90      .93 / .92

The majority is right most often, if by little; a mean follows one network that got stuck. It was preferred
on the stacks of even number, but with the figures of the odd ones known, which are no clean test therefore.
A first pair that shows no gain is no reason to stop: that lost .02 to .05 of what is found. A search of 30
trials has 1.8 layers tried, by 4.5 trainings.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import TYPE_CHECKING

from ...callbacks.narrowing import BoundaryMeasures, Narrowing, Verdict
from ...callbacks.narrowing.verdict import HELPS, NO_HELP, NOT_SHOWN, TOO_NARROW
from ...search_spaces.plain import to_json
from ..studies.losses import spread_of
from .retraining import Network, Retraining, as_long

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..runs.folder import RunFolder

MOST = 4
"""Layers that are tried wider, the narrowest first."""
TRIALS_A_TRAINING = 10
"""Trials of the search for each layer that is tried though it is not shown to be too narrow; after 10, 20, 30
and 40 trials .76, .88, .90 and .91 of the clear cases are found."""
PAIRS = 3
"""Trainings with and without more units, at most; two that agree are enough."""
SURE = 0.5
"""So much less loss in the first pair is enough by itself."""
GAIN, SPREAD_GAIN = 0.05, 0.005
"""Widening helps when the loss falls by more than this share of it, and of the target's variance."""
WIDER = 16
"""A layer that is not wider before it is widened to so many units, or to twice its own."""


def confirm(run: RunFolder, engine: Engine, note: Callable[[str], None], until: float = math.inf) -> None:
    """Train the best trial with each layer widened that is suspected to be too narrow; keep the verdicts.

    Args:
        run: held for writing, its best trials measured in full.
        engine: of the search; nothing is in training.
        note: tells the user a sentence.
        until: of `time.monotonic`; nothing is trained after it that was not begun before.
    """
    best = run.best
    narrowing = run.recorded_trial(best).narrowing if best and engine.space.is_stack else None
    if best is None or narrowing is None:
        return
    wider = {before: widened_units(best.units, before) for before in suspected(narrowing, run.store.count())}
    if wider:
        # No longer than the trial, where that was cut off; else it would be the epochs that help.
        best = as_long(run, best)
    retraining = Retraining(run, engine)
    spread = min(spread_of(run.job["identity"]["loss"], engine.windows, "validation"))
    pairs: dict[int, list[Pair]] = {before: [] for before in wider}
    for number in range(PAIRS):
        open_ = {before: wider[before] for before in wider if decided(pairs[before], spread) is None}
        if not open_:
            break
        own = Network(best, number)
        wanted = [own, *(Network(best, number, units) for units in open_.values())]
        if missing := retraining.missing(wanted):
            note(_told(len(missing), number))
            retraining.train(wanted, until)
        if retraining.missing(wanted):
            break  # the time is over
        base, *losses = retraining.losses(wanted)
        for before, loss in zip(open_, losses, strict=True):
            pairs[before].append(Pair(base, loss))
    verdicts = {
        before: verdict(before, best.units[before], units[before], pairs[before], spread)
        for before, units in wider.items()
        if any(pair.known for pair in pairs[before])
    }
    if verdicts:
        kept = json.loads(run.store.narrowing(best.number) or "{}")
        kept["measured"] = _with(narrowing, verdicts).to_plain()
        run.store.set_narrowing(best.number, to_json(kept))


def _told(missing: int, number: int) -> str:
    count = f"{missing} network{'s' if missing > 1 else ''}"
    if number:
        return f"training {count} with another seed: was it luck?"
    return f"training {count} with a wider layer: does that help?"


def suspected(narrowing: Narrowing, trials: int) -> list[int]:
    """Return the boundaries whose layer after them is to be widened, at most `MOST`.

    Args:
        narrowing: of the best trial.
        trials: of its search.
    """
    by_width = sorted(boundaries(narrowing), key=lambda one: one[1].after)
    narrow, open_ = (
        [before for before, one in by_width if one.verdict.word == word] for word in (TOO_NARROW, NOT_SHOWN)
    )
    return (narrow + open_[: trials // TRIALS_A_TRAINING])[:MOST]


def boundaries(narrowing: Narrowing) -> list[tuple[int, BoundaryMeasures]]:
    """Return the boundaries by the number of the layer before them; 0 is the input."""
    met = [(0, narrowing.entry)] if narrowing.entry else []
    return [*met, *enumerate(narrowing.boundaries, start=1)]


def widened_units(units: tuple[int, ...], before: int) -> tuple[int, ...]:
    """Return the units of the network whose layer after a boundary is wider.

    Args:
        units: of all layers.
        before: the layer before the boundary, from 1; 0 is the input.

    >>> widened_units((14, 8, 3, 13), 2)
    (14, 8, 8, 13)
    """
    own = units[before]
    narrows = before > 0 and own < units[before - 1]
    width = units[before - 1] if narrows else max(WIDER, 2 * own)
    return (*units[:before], width, *units[before + 1 :])


@dataclass(frozen=True)
class Pair:
    """Two trainings with one seed.

    Args:
        own: validation loss of the network as it is; None where it diverged.
        wider: of the network with more units.
    """

    own: float | None
    wider: float | None

    def fell(self, spread: float) -> bool:
        """Whether the wider network's loss is lower to speak of; False where a training diverged.

        Args:
            spread: loss of a constant forecast.
        """
        if self.own is None or self.wider is None:
            return False
        gain = self.own - self.wider
        return gain > GAIN * self.own and gain > SPREAD_GAIN * spread

    @property
    def known(self) -> bool:
        """Whether both came to an end with a loss above 0."""
        return bool(self.own and self.wider)

    @property
    def ratio(self) -> float:
        """ln(own / wider), above 0 where the wider network's loss is lower; NaN where it is not known."""
        return math.log(self.own / self.wider) if self.own and self.wider else math.nan


def decided(pairs: Sequence[Pair], spread: float) -> bool | None:
    """Return whether a wider layer helps, by the pairs so far; None where they do not tell yet.

    Args:
        pairs: in the order in which they were trained.
        spread: loss of a constant forecast.
    """
    fell = [pair.fell(spread) for pair in pairs]
    if fell and fell[0] and pairs[0].ratio > -math.log(1 - SURE):
        return True
    return next((answer for answer in (True, False) if fell.count(answer) > PAIRS // 2), None)


def verdict(before: int, own: int, wider: int, pairs: Sequence[Pair], spread: float) -> Verdict:
    """Return the verdict on the layer after a boundary once the wider network was trained.

    Args:
        before: the layer before the boundary, from 1; 0 is the input.
        own: units of the layer after it.
        wider: units that were tried.
        pairs: that decide; of one at least both losses are known.
        spread: loss of a constant forecast.
    """
    helps = decided(pairs, spread)
    fell = sum(pair.fell(spread) for pair in pairs)
    changed = math.exp(-fmean(pair.ratio for pair in pairs if pair.known)) - 1
    trainings = "one training" if len(pairs) == 1 else f"{fell} of {len(pairs)} trainings"
    sentence = (
        f"Layer {before + 1} ({own} unit{'' if own == 1 else 's'}): with {wider} units in this layer the "
        f"network's validation loss clearly fell in {trainings} each"
    )
    if helps:
        return Verdict(HELPS, f"{sentence}, by {-changed:.0%} in the mean. Give this layer more units.")
    end = "That is the luck of a training more than its units." if fell else "It needs no more units."
    return Verdict(NO_HELP, f"{sentence} (in the mean it changed by {changed:+.0%}). {end}")


def _with(narrowing: Narrowing, verdicts: Mapping[int, Verdict]) -> Narrowing:
    """Return measures with other verdicts on some boundaries."""
    entry = narrowing.entry
    if entry is not None and 0 in verdicts:
        entry = replace(entry, verdict=verdicts[0])
    judged = tuple(
        replace(one, verdict=verdicts.get(before, one.verdict))
        for before, one in enumerate(narrowing.boundaries, start=1)
    )
    return replace(narrowing, entry=entry, boundaries=judged)
