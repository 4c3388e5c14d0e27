"""The verdict on a boundary: was anything lost, and was it needed?

    nothing lost         at least 95 % of the state before is found in what the layer after hands on
    lost but not needed  less is found, but the target is read as well after the boundary as before it
    harmful              less is found, and the target is read worse after it, in every later layer; or
                         the layer after is the last one, and has fewer units than the forecast takes that
                         the windows allow (`Sample.beyond`), whatever the layer before it has to give
    too few samples      fewer rows than ten times the units in question, or an interval that cannot tell;
                         but few rows only lower what is found in others, so nothing lost stays nothing lost

"Worse" is a fall of R^2 whose 95 % interval excludes 0 and which is at least `LOSS`; both probes are scored
on the same stretches of test rows, so the interval is that of the difference. What is handed on is the
trajectory, and for the last layer the present state, since a forecast reads no other. A later layer counts
because it knows nothing but what passed the boundary: what is read from it was not lost there.

The verdict is on one network as it was trained, seen by linear probes. A boundary can be harmless because
the narrow layer is wide enough, because a layer before it has lost the same already, or because the layers
before it were trained to serve no more than it lets pass. So a last layer is also held against what the
windows themselves tell, and where they tell more than the network learned to use, the sentence says so.
"""

from __future__ import annotations

import math

from .estimate import Estimate
from .evidence import Evidence
from .results import Verdict
from .score import Score, quantiles

NOTHING_LOST = "nothing lost"
NOT_NEEDED = "lost but not needed"
HARMFUL = "harmful"
TOO_FEW = "too few samples"
WORDS = (NOTHING_LOST, NOT_NEEDED, HARMFUL, TOO_FEW)

KEPT = 0.95
LOSS = 0.02
"""A fall of R^2 that is called worse: a fiftieth of the variance of the target."""
UNTOLD = 0.1
"""A fall that must be excluded before a loss is called not needed."""
ROWS_PER_UNIT = 10


def verdict(evidence: Evidence, before: int) -> Verdict:
    """Return the verdict on the boundary from layer `before` (0 is the input) to the next."""
    after, path = before + 1, evidence.handed_on(before + 1)
    state = evidence.of_state(after, path, told=before).estimate
    few = _too_few(evidence, after)
    if few and not state.low >= KEPT:
        return Verdict(TOO_FEW, f"{_where(evidence, before)}: {few}.")
    kept = _kept(evidence, before, state)
    narrows = evidence.units(after) < evidence.units(before)
    lost = state.value < KEPT  # False too where nothing moves
    limit = _limit(evidence, after) if lost or (narrows and state.value >= KEPT) else ""
    if limit:
        return Verdict(HARMFUL, f"{kept}, {'and' if lost else 'but'} {limit}.")
    if not lost:
        return Verdict(NOTHING_LOST, f"{kept}.")
    few = _too_few(evidence, before)
    if few:
        return Verdict(TOO_FEW, f"{kept}; whether the rest was needed is not known: {few}.")
    return _needed(evidence, before, kept)


def _needed(evidence: Evidence, before: int, kept: str) -> Verdict:
    """Compare how the target is read before a boundary, right after it, and where it is read best."""
    later = range(before + 1, evidence.last + 1)
    old, *news = (evidence.of_target(layer, evidence.handed_on(layer)) for layer in (before, *later))
    old_r2, next_r2, *_ = r2s = [score.estimate for score in (old, *news)]
    best = max(range(len(news)), key=lambda place: r2s[1 + place].value)
    best_r2 = r2s[1 + best]
    low, high = quantiles(old.drawn - news[best].drawn, 0.025, 0.975)
    read = f"R2 {next_r2.shown:.2f} after, {old_r2.shown:.2f} before"
    if best:
        read += f", {best_r2.shown:.2f} in layer {later[best]}"
    if low > 0 and old_r2.value - best_r2.value >= LOSS:
        return Verdict(HARMFUL, f"{kept}, and the target is read worse after it: {read}.")
    if high < UNTOLD or best_r2.value >= old_r2.value:
        place = f"in layer {later[best]}" if best else "after it"
        unused = _unused(evidence, news[best])
        return Verdict(NOT_NEEDED, f"{kept}, but the target is read as well {place}: {read}.{unused}")
    return Verdict(TOO_FEW, f"{kept}; whether the rest was needed cannot be told from these rows: {read}.")


def _limit(evidence: Evidence, layer: int) -> str:
    """Say what no training would get through a layer of which the present state alone is read."""
    if evidence.handed_on(layer) != "instant" or not evidence.states.linear_readout:
        return ""
    units = evidence.units(layer)
    beyond = evidence.sample.beyond(units)
    if not (beyond.low > 0 and beyond.value >= LOSS):
        return ""
    return (
        f"{units} unit{'s' if units > 1 else ''}, however trained, cannot hand on {beyond.value:.0%} of the "
        "target's variance that the window tells"
    )


def _unused(evidence: Evidence, best: Score) -> str:
    """Say when the windows tell clearly more of the target than any layer from a boundary on."""
    told = evidence.sample.told
    (low,) = quantiles(told.drawn - best.drawn, 0.025)
    if low > 0 and told.estimate.value - best.estimate.value >= LOSS:
        return f" The window itself tells R2 {told.estimate.shown:.2f}, which this network does not use."
    return ""


def _too_few(evidence: Evidence, layer: int) -> str:
    """Return why nothing can be said about what is read from a layer; empty when something can."""
    if evidence.split.few:
        return evidence.split.few
    needed = ROWS_PER_UNIT * evidence.units(layer)
    if evidence.rows >= needed:
        return ""
    return f"{evidence.rows} rows, {needed} are needed for {evidence.units(layer)} units"


def _kept(evidence: Evidence, before: int, state: Estimate) -> str:
    """Say how much is kept; at a widening also how much is new."""
    where, after = _where(evidence, before), before + 1
    if math.isnan(state.value):
        return f"{where}: nothing moves before this boundary, so there is nothing to lose"
    kept = f"{where}: {state.shown:.0%} of the state before is found in {_seen(evidence, after)}"
    if evidence.units(after) <= evidence.units(before):
        return kept
    new = 1 - evidence.of_state(before, "trajectory", told=after).estimate.shown
    return f"{kept} ({new:.0%} of the wider layer's state is new)"


def _seen(evidence: Evidence, layer: int) -> str:
    steps = evidence.layers[layer].shape[1]
    if evidence.handed_on(layer) == "instant":
        return "the last state after it, the only one that is read on"
    return f"the last {steps} states after it"


def _where(evidence: Evidence, before: int) -> str:
    first, then = evidence.units(before), evidence.units(before + 1)
    units = f"{then} unit{'s' if then > 1 else ''}"
    return f"{first} to {units}" if before else f"{first} input channels to {units}"
