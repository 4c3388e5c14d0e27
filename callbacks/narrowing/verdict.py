"""The verdict on a layer: would more units lower the loss?

    nothing lost      no, and the layer hands on what the layer before it holds
    nothing to gain   no: windows tell no more of the target than the network makes of them, or no more than
                      what a last layer that is too narrow cannot pass
    too narrow        probably: they tell clearly more, and the layer has no unit to spare; or certainly: it
                      is the last one and has fewer units than the forecast takes (`Sample.beyond`)
    not shown         they tell more, but little, or so does the layer, or it has units to spare, or a
                      narrower layer has none either; or the network is better than what it is held against,
                      and nobody knows what there is to gain
    not learned yet   they tell more, and the network next to nothing
    bypassed          they tell more, but something goes around the layer, a skip or a parallel branch
    too few samples   the windows at hand cannot tell

It stands at the boundary from the layer before to this one; number 0 is the input. What the network makes of
the windows is the R^2 of its own forecasts; what the windows tell is that of a `WindowForecast`, and what an
earlier layer tells is that of a linear probe, held against one on the last layer. The gap between them is
worth something if closing it would lower the squared error by more than `SHARE` of itself and `VARIANCE` of
the target: what is asked of a wider layer that is trained in earnest, too. A layer has no unit to spare if
its effective rank is at least `FULL` of its units. Where layers before a narrow one have learned no more than
what it lets pass, they are not full; so the blame goes to the one that is, and of several to the narrowest:
widening another alone seldom helped (`_blamed`).

All of it is about one network as it was trained. Of 458 layers of 154 networks that were trained again with
more units (`benchmarks/verdicts.py`), "nothing lost" and "nothing to gain" were said of 107 and wrong of 2;
"too narrow" was right in .96 of the clear cases it was said of and found .62. Learners that were given all of
these measures and the truth of half of the networks were right in .78 and found .76 in the other half, so
what is said of one network is kept to what is nearly sure. Only a training decides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .evidence import Evidence
from .measures.fill import fill
from .results import Verdict
from .score import Gap
from .sentences import Held, Said

NOTHING_LOST = "nothing lost"
NOTHING_TO_GAIN = "nothing to gain"
TOO_NARROW = "too narrow"
NOT_SHOWN = "not shown"
NOT_LEARNED = "not learned yet"
TOO_FEW = "too few samples"
HELPS = "widening helps"
NO_HELP = "widening does not help"
BYPASSED = "bypassed"
WORDS = (NOTHING_LOST, NOTHING_TO_GAIN, TOO_NARROW, NOT_SHOWN, NOT_LEARNED, TOO_FEW, HELPS, NO_HELP, BYPASSED)
"""`HELPS` and `NO_HELP` are said where the wider layer was trained."""

SHARE, VARIANCE = 0.05, 0.005
KEPT = 0.95
FULL = 0.9
LEARNED = 0.05
"""A network that saves less of the loss has not learned anything that its widths could have kept from it."""
CLEAR = 0.02
"""What must be told more before a layer is called too narrow or a network is said to have learned nothing.
Less than that is missing after a short training of wide layers, too."""
OPEN = 0.1
"""Where the interval of a gap reaches further, the windows cannot say that there is none."""
ROWS_PER_UNIT = 10


def worth(r2: float) -> float:
    """Return by how much an R^2 must rise to be worth a wider layer."""
    return max(VARIANCE, SHARE * (1 - r2))


def verdicts(evidence: Evidence, study: str) -> list[Verdict]:
    """Return the verdict on each layer, at the boundary before it, from input to output.

    Args:
        evidence: on the network.
        study: what the command `narrows study` in a sentence is given before the layer.
    """
    needed = _needed(evidence)
    judged = [_judged(evidence, layer, needed) for layer in range(1, evidence.last + 1)]
    narrow = [layer for layer, one in enumerate(judged, start=1) if one.word == TOO_NARROW]
    # The narrowest first, of equal ones the first.
    narrow.sort(key=lambda layer: (evidence.units(layer), layer))
    found = []
    for layer, one in enumerate(judged, start=1):
        blamed = _blamed(one, layer, narrow)
        said = Said(evidence, layer, one.held, narrow, needed, study)
        found.append(Verdict(blamed.word, said.sentence(blamed.reason)))
    return found


@dataclass(frozen=True)
class _Judged:
    """A verdict before it is put into a sentence.

    Args:
        word: one of `WORDS`.
        reason: which sentence of `Said` gives the reason.
        held: what it rests on.
    """

    word: str
    reason: str
    held: Held


def _blamed(one: _Judged, layer: int, narrow: Sequence[int]) -> _Judged:
    """Return what is said of a layer beside others: too narrow is the narrowest of those that are.

    In `benchmarks/verdicts.py` more units in the narrowest helped in 47 of 49 clear cases (61 of all 65), in
    another such layer in 5 of 13 (9 of all 28).

    Args:
        one: of this layer by itself.
        layer: its number.
        narrow: numbers of the layers that are too narrow by themselves, the narrowest first.
    """
    if one.word != TOO_NARROW or layer == narrow[0]:
        return one
    return _Judged(NOT_SHOWN, f"{one.reason}_behind", one.held)


def _judged(evidence: Evidence, layer: int, needed: int) -> _Judged:
    if evidence.split.few:
        return _Judged(TOO_FEW, "few", Held())
    gap, held = _gap(evidence, layer)
    if needed and layer == evidence.last:
        # A network that falls short even of what the bound lets pass must first learn.
        short = gap.less(evidence.sample.beyond(evidence.units(layer)).value)
        learned = not (short.value >= CLEAR and short.low > 0 and evidence.learned < LEARNED)
        return _Judged(TOO_NARROW, "bound", held) if learned else _Judged(NOT_LEARNED, "not_learned", held)
    if math.isnan(gap.value):
        return _Judged(TOO_FEW, "still", held)
    least = worth(held.reached)
    if needed:
        # What the last layer cannot pass is missing whatever this one does.
        gap = gap.less(evidence.sample.beyond(evidence.units(evidence.last)).value)
        if gap.value < least or gap.low <= 0:
            return _Judged(NOTHING_TO_GAIN, "behind", held)
    chance = gap.low <= 0 if gap.value >= least else gap.high >= max(OPEN, 2 * least)
    if chance:
        return _Judged(TOO_FEW, "open", held)
    if gap.value >= CLEAR and evidence.learned < LEARNED:
        return _Judged(NOT_LEARNED, "not_learned", held)
    if gap.value >= least:
        if any(evidence.states.around[layer - 1 : layer]):
            return _Judged(BYPASSED, "bypassed", held)
        if evidence.rows < ROWS_PER_UNIT * evidence.units(layer):
            return _Judged(TOO_FEW, "rows", held)
        if evidence.of_target(layer, evidence.handed_on(layer)).estimate.value >= held.told - least:
            return _Judged(NOT_SHOWN, "holds", held)
        if fill(evidence.present(layer)).share < FULL:
            return _Judged(NOT_SHOWN, "to_spare", held)
        return _Judged(TOO_NARROW, "full", held) if gap.value >= CLEAR else _Judged(NOT_SHOWN, "little", held)
    if gap.value < -2 * least:
        return _Judged(NOT_SHOWN, "beyond", held)
    if _lost(evidence, layer):
        return _Judged(NOTHING_TO_GAIN, "no_gain", held)
    return _Judged(NOTHING_LOST, "passed_on", held)


def _gap(evidence: Evidence, layer: int) -> tuple[Gap, Held]:
    """Return by how much more is told before a layer than the network makes of it, and what is compared.

    Told by the windows; by an earlier layer only where that is worth something and the windows' is not, since
    a layer may hold what no simple formula finds.
    """
    # Each layer is asked twice at most: about the windows, and about what is before it.
    confidence = 1 - 0.05 / (2 * evidence.last)
    told, reached = evidence.sample.told, evidence.reaches
    gap = told.above(reached, confidence)
    held = Held(told.estimate.value, reached.estimate.value)
    if layer > 1 and not (gap.value >= worth(held.reached) and gap.low > 0):
        handed_on = [evidence.of_target(one, evidence.handed_on(one)) for one in range(1, evidence.last + 1)]
        best = max(range(layer - 1), key=lambda place: handed_on[place].chosen)
        fall = handed_on[best].above(handed_on[-1], confidence)
        end = handed_on[-1].estimate.value
        if fall.value >= worth(end) and fall.low > 0 and not fall.value <= gap.value:
            return fall, Held(handed_on[best].estimate.value, end, best + 1)
    return gap, held


def _lost(evidence: Evidence, layer: int) -> bool:
    """Whether a layer hands on less than the state before it, or less of what that tells of the target."""
    state = evidence.of_state(layer, evidence.handed_on(layer), told=layer - 1).estimate
    before, after = (evidence.of_target(one, evidence.handed_on(one)) for one in (layer - 1, layer))
    fall = before.above(after)
    return state.value < KEPT or fall.value >= worth(after.estimate.value)


def _needed(evidence: Evidence) -> int:
    """Return the units the last layer must have at least where it has fewer; 0 where no such bound is known.

    No other layer has one: of the last the present state alone is read, and that linearly.
    """
    last, around = evidence.last, any(evidence.states.around[-1:])
    if evidence.handed_on(last) != "instant" or around or not evidence.states.linear_readout:
        return 0
    units = evidence.units(last)
    beyond = evidence.sample.beyond(units)
    if not (beyond.low > 0 and beyond.value >= CLEAR):
        return 0
    while evidence.sample.beyond(units).value >= CLEAR:
        units += 1
    return units
