"""The verdict on the boundary before a layer: would a wider layer make a better forecast?

    nothing lost         nothing to gain, at least 95 % of the state before is found after the boundary, and
                         the target is read from it as well
    nothing to gain      the network forecasts as well as can be read from the window or from a layer before
    too narrow           it does not, and all units of the layer are in use; or the layer is the last one and
                         has fewer units than the forecast takes (`Sample.beyond`)
    not shown            it does not, but the layer has units to spare: what is missing may be training
    not learned yet      the network forecasts no better than the mean, though more can be read
    bypassed             it does not, but something goes around the layer, a skip or a parallel branch
    too few samples      too few windows for an interval that tells

The gap is the best held-out R^2 of the target from the window or from a layer before the boundary, by a
ridge, less the R^2 of the network's own forecasts on the same windows. It counts from `GAP` on, where its
interval, corrected for the number of boundaries, excludes 0. A layer is full when its effective rank is
`FULL` of its units. A wide layer that was trained to serve a narrow one behind it has learned no more than
that passes, so it is not full: the blame goes to the narrow one. Several full layers cannot be told apart.

The rules were chosen among seven on networks that were trained again with the wider layer: right in .90 of
where they say "too narrow", with .93 of such boundaries found; the rule before them had .77 and .83. Only
training the wider network decides. `answers.widening` does for the best trial of a search; then the word is

    widening helps, widening does not help
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from .evidence import Evidence
from .measures.fill import fill
from .results import Verdict
from .ridge_probe import Score, quantiles

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

KEPT = 0.95
GAP = 0.02
"""A fiftieth of the target's variance."""
FULL = 0.9
LEARNED = 0.05
"""Own R^2 below which a network has learned nothing to speak of."""
UNTOLD = 0.1
"""A gap that must be excluded before there is said to be none."""
ROWS_PER_UNIT = 10
ERROR = 0.05
STUDY = "a study decides (narrows study)"


@dataclass(frozen=True)
class Gap:
    """What of the target can be read before a boundary and does not reach the forecast.

    Args:
        value: difference of two R^2.
        low, high: of its interval.
        best: R^2 of what reads the target best.
        own: R^2 of the network's forecasts.
    """

    value: float
    low: float
    high: float
    best: float
    own: float

    @property
    def there(self) -> bool:
        """Whether it is shown to be there."""
        return self.value >= GAP and self.low > 0


def full(evidence: Evidence, layer: int) -> bool:
    """Return whether all units of a layer, from 1, are in use."""
    return fill(evidence.present(layer)).effective_rank >= FULL * evidence.units(layer)


def verdicts(evidence: Evidence) -> dict[int, Verdict]:
    """Return the verdict on each boundary by the layer before it; 0 is the input."""
    boundaries = range(evidence.last)
    if evidence.split.few:
        return {before: _too_few(evidence, before, evidence.split.few) for before in boundaries}
    gaps = {before: _gap(evidence, before) for before in boundaries}
    narrow = [before for before in boundaries if gaps[before].there and full(evidence, before + 1)]
    return {before: _verdict(evidence, before, gaps[before], narrow) for before in boundaries}


def _verdict(evidence: Evidence, before: int, gap: Gap, narrow: list[int]) -> Verdict:
    layer, kept = _layer(evidence, before + 1), _kept(evidence, before)
    around = any(evidence.states.around[before : before + 1])
    if not around and (limit := _limit(evidence, before + 1)):
        return Verdict(TOO_NARROW, f"{layer} is too narrow: {limit}. Give it more units.")
    few, known = _few(evidence, before), evidence.forecasts
    if few and not known:
        return _too_few(evidence, before, few)
    if gap.there:
        return _short_of(evidence, before, gap, narrow)
    if few and not kept.low >= KEPT:
        return _too_few(evidence, before, few)
    if gap.high >= UNTOLD and gap.value > -UNTOLD:
        return _too_few(evidence, before, "the windows measured leave open whether anything is missing")
    if gap.value >= GAP:
        return Verdict(NOT_SHOWN, f"{layer}: {_missing(gap)}, which may be chance; {STUDY}.")
    if kept.all and _read_as_well(evidence, before):
        return Verdict(NOTHING_LOST, f"{layer}: {kept.said}, and the target can be read from it as well.")
    return Verdict(
        NOTHING_TO_GAIN,
        f"{layer}: the forecast already has all of the target that could be read before it, so more units "
        f"would hardly help; {kept.said}.",
    )


def _short_of(evidence: Evidence, before: int, gap: Gap, narrow: list[int]) -> Verdict:
    """Say why a forecast falls short of what can be read before a layer."""
    layer = _layer(evidence, before + 1)
    if evidence.forecasts and gap.own < LEARNED:
        return Verdict(
            NOT_LEARNED,
            f"{layer}: this network forecasts hardly better than the mean, though {_share(gap.best)} of the "
            "target's variance can be read from what it sees. Before its widths can be judged it must be "
            "trained longer, or with another learning rate.",
        )
    if any(evidence.states.around[before : before + 1]):
        return Verdict(
            BYPASSED,
            f"{layer}: {_missing(gap)}, but something goes around this layer, so it need not be this layer "
            f"that lacks it; {STUDY}.",
        )
    if before in narrow:
        return Verdict(TOO_NARROW, _too_narrow(evidence, before, gap, narrow))
    return Verdict(
        NOT_SHOWN,
        f"{layer}: {_missing(gap)}, but it has units to spare: as far as one network shows, what is "
        f"missing is training or data rather than width; {STUDY}.",
    )


def _gap(evidence: Evidence, before: int) -> Gap:
    """Compare what can be read up to a layer, or from the window, with the network's own forecasts."""
    read: list[Score] = [evidence.sample.told]
    read += [evidence.of_target(layer, evidence.handed_on(layer)) for layer in range(1, before + 1)]
    own = evidence.own
    best = max(read, key=lambda score: score.estimate.value)
    error = ERROR / evidence.last / 2
    low, high = quantiles(best.drawn - own.drawn, error, 1 - error)
    value, mine = best.estimate.value, own.estimate.value
    return Gap(value - mine, low, high, value, mine)


def _too_narrow(evidence: Evidence, before: int, gap: Gap, narrow: list[int]) -> str:
    layer = _layer(evidence, before + 1)
    if narrow == [before]:
        return f"{layer} is too narrow: all its units are in use, and {_missing(gap)}. Give it more units."
    layers = sorted(one + 1 for one in narrow)
    first = min(layers, key=evidence.units)
    others = " and ".join(str(one) for one in layers if one != before + 1)
    are = "is layer" if len(layers) == 2 else "are layers"
    return (
        f"{layer} is full, as {are} {others}, and {_missing(gap)}: together they are too narrow. Which of "
        f"them it is cannot be told from one network; widen layer {first} first "
        f"({_units(evidence.units(first))})."
    )


def _missing(gap: Gap) -> str:
    return (
        f"{_share(gap.value)} of the target's variance that can be read before it does not reach the forecast"
    )


@dataclass(frozen=True)
class _Kept:
    """How much of the state before a boundary is found after it: whether all, its lower bound, in words."""

    all: bool
    low: float
    said: str


def _kept(evidence: Evidence, before: int) -> _Kept:
    state = evidence.of_state(before + 1, evidence.handed_on(before + 1), told=before).estimate
    what = f"layer {before}" if before else "the input"
    if math.isnan(state.value):
        return _Kept(True, 1.0, f"nothing moves in {what}, so there is nothing to lose")
    return _Kept(state.value >= KEPT, state.low, f"it keeps {_share(state.shown)} of what {what} holds")


def _read_as_well(evidence: Evidence, before: int) -> bool:
    """Whether the target is read after a boundary as well as before it."""
    old, new = (evidence.of_target(layer, evidence.handed_on(layer)) for layer in (before, before + 1))
    return not old.estimate.value - new.estimate.value >= GAP


def _limit(evidence: Evidence, layer: int) -> str:
    """Say what no training would get through a layer of which the present state alone is read."""
    if evidence.handed_on(layer) != "instant" or not evidence.states.linear_readout:
        return ""
    beyond = evidence.sample.beyond(evidence.units(layer))
    if not (beyond.low > 0 and beyond.value >= GAP):
        return ""
    return (
        f"{_units(evidence.units(layer))}, however trained, cannot hand on {_share(beyond.value)} of the "
        "target's variance, which can be read from the window"
    )


def _few(evidence: Evidence, before: int) -> str:
    """Return why little can be said of what is read from two layers; empty when something can."""
    units = max(evidence.units(before) if before else 1, evidence.units(before + 1))
    needed = ROWS_PER_UNIT * units
    return (
        "" if evidence.rows >= needed else f"{evidence.rows} windows, {needed} are needed for {units} units"
    )


def _too_few(evidence: Evidence, before: int, why: str) -> Verdict:
    return Verdict(TOO_FEW, f"{_layer(evidence, before + 1)} cannot be judged ({why}): {STUDY}.")


def _layer(evidence: Evidence, layer: int) -> str:
    return f"Layer {layer} ({_units(evidence.units(layer))})"


def _units(units: int) -> str:
    return f"{units} unit{'' if units == 1 else 's'}"


def _share(share: float) -> str:
    return f"{100 * min(max(share, 0.0), 1.0):.0f} %"
