"""What a verdict says, for someone who forecasts sales and never read the docs.

An R^2 is a share of the target's ups and downs that is explained, and the effective rank the units in use.
Each sentence stands by itself: it names the layer, gives the numbers it rests on, and says what to do next.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .evidence import Evidence
from .measures.fill import fill
from .sample import TARGET


@dataclass(frozen=True)
class Held:
    """Two R^2 that are compared.

    Args:
        told: by the windows, or by a layer.
        reached: by the network, or by what is read from its last layer.
        source: the layer that told it; 0 is the windows.
    """

    told: float = math.nan
    reached: float = math.nan
    source: int = 0

    @property
    def by(self) -> str:
        """What told it."""
        return f"a simple formula on {f'layer {self.source}' if self.source else 'the same windows'}"

    @property
    def shown(self) -> tuple[str, str]:
        """Reached and told in percent, with as many digits as tell them apart."""
        reached, told = percent(self.reached), percent(self.told)
        return (reached, told) if reached != told else (percent(self.reached, 1), percent(self.told, 1))

    def __str__(self) -> str:
        reached, told = self.shown
        return f"the network explains {reached} of the target's ups and downs, {self.by} {told}"


@dataclass(frozen=True)
class Said:
    """The sentences on one layer.

    Args:
        evidence: on the network.
        layer: its number, from 1.
        held: what its verdict rests on.
        narrow: numbers of all layers that are too narrow by themselves, the narrowest first; that one is
            called so.
        needed: units the last layer must have at least, where it has fewer; else 0.
        study: what `narrows study` is to be given before the layer.
    """

    evidence: Evidence
    layer: int
    held: Held
    narrow: Sequence[int]
    needed: int
    study: str

    def sentence(self, reason: str) -> str:
        """Return the sentence for a reason, which is the name of a property here."""
        said = f"Layer {self.layer} ({plural(self._units, 'unit')}) {getattr(self, reason)}"
        return said.replace(TARGET, self.evidence.sample.what)

    @property
    def bound(self) -> str:
        """A last layer of fewer units than the forecast takes."""
        return f"is too narrow: {self._cannot_pass}.{self._others}"

    @property
    def bound_behind(self) -> str:
        """The same, and a narrower layer has no unit to spare."""
        return (
            f"has too few units for all of the forecast: {self._cannot_pass}, but widen layer {self._first} "
            f"first, which {self._is_narrower} and none to spare."
        )

    @property
    def full(self) -> str:
        """No unit to spare."""
        return (
            f"is probably too narrow: all its units are in use, and {self.held}. "
            f"Give this layer more units first.{self._others}"
        )

    @property
    def full_behind(self) -> str:
        """The same, and a narrower layer has none either."""
        return (
            f"has no unit to spare, but neither has layer {self._first}, which {self._is_narrower}: "
            f"{self.held}. Widen layer {self._first} first; whether more help here will be seen then."
        )

    @property
    def behind(self) -> str:
        """Nothing is missing but what the last layer cannot pass."""
        return (
            "has nothing to gain from more units as things are: what the forecast lacks cannot pass "
            f"layer {self.evidence.last}, which is too narrow for it. Widen layer {self._first} first."
        )

    @property
    def holds(self) -> str:
        """Something is missing in the end, but not in this layer."""
        on = Held(self._told_here, self.held.reached, self.layer)
        return f"holds what is needed: {on}. {self._then}"

    @property
    def bypassed(self) -> str:
        """Something is missing, and something goes around the layer."""
        return (
            f"need not be to blame: {self.held}, but something goes around this layer, a skip or a "
            f"parallel branch. {self._study}"
        )

    @property
    def little(self) -> str:
        """Little is missing, and the layer has no unit to spare."""
        return f"has no unit to spare, but little is left to gain: {self.held}. {self._study}"

    @property
    def to_spare(self) -> str:
        """Something is missing, and the layer has units to spare."""
        used = fill(self.evidence.present(self.layer)).effective_rank
        spare = f"uses about {used:.1f} of its {self._units} units" if self._units > 1 else "hardly moves"
        return f"{spare}, so it is not shown that more would help, although {self.held}. {self._then}"

    @property
    def beyond(self) -> str:
        """The network is better than what it is held against."""
        reached, told = self.held.shown
        return (
            f"may or may not be wide enough: the network explains {reached} of the target's ups and downs, "
            f"more than {self.held.by} ({told}), so nobody knows what is left to gain. {self._study}"
        )

    @property
    def not_learned(self) -> str:
        """The network explains next to nothing."""
        train = f"cannot be judged yet: {self.held}. Train longer or with another learning rate"
        if self.needed and self.layer == self.evidence.last:
            return f"{train} first. It needs more units as well: {self._cannot_pass}."
        return f"{train}; more units are not what is missing."

    @property
    def no_gain(self) -> str:
        """Windows tell no more than the network makes of them."""
        return (
            f"is wide enough: {self._hardly_more}. Whether fewer units would do, a study tells{self._command}"
        )

    @property
    def passed_on(self) -> str:
        """The same, and what is before the layer is found behind it."""
        rows = self.evidence.sample.segment
        newest = "the newest row" if rows == 1 else f"the newest {rows} rows"
        before = f"layer {self.layer - 1}" if self.layer > 1 else f"{newest} of the window"
        path = self.evidence.handed_on(self.layer)
        kept = self.evidence.of_state(self.layer, path, told=self.layer - 1).estimate
        if math.isnan(kept.value):
            return f"is wide enough: {self._hardly_more}."
        passed = f"it hands on {percent(kept.value)} of what {before} holds"
        return f"is wide enough: {passed}, and {self._hardly_more}."

    @property
    def open(self) -> str:
        """A gap of which the windows cannot tell whether it is there."""
        on = f"cannot be judged on these {self.evidence.rows} windows"
        return f"{on}: {self.held}, and the difference may be chance. {self._study}"

    @property
    def rows(self) -> str:
        """Fewer windows than the units of the layer take."""
        windows = plural(self.evidence.rows, "window")
        return f"cannot be judged on {windows}: they are few for so many units. {self._study}"

    @property
    def few(self) -> str:
        """Too few windows for anything."""
        windows = plural(self.evidence.rows, "validation window")
        return f"cannot be judged on {windows}: they overlap and tell too little. {self._study}"

    @property
    def still(self) -> str:
        """A target without variance."""
        return "cannot be judged: the target does not move in these windows. Validate on others."

    @property
    def _cannot_pass(self) -> str:
        beyond = self.evidence.sample.beyond(self._units).value
        return (
            f"the whole forecast is made from {plural(self._units, 'number')}, and however it is trained, "
            f"{percent(beyond)} of the target's ups and downs cannot pass. Give it at least "
            f"{plural(self.needed, 'unit')}"
        )

    @property
    def _told_here(self) -> float:
        path = self.evidence.handed_on(self.layer)
        return self.evidence.of_target(self.layer, path).estimate.value

    @property
    def _units(self) -> int:
        return self.evidence.units(self.layer)

    @property
    def _others(self) -> str:
        """Which other layers have no unit to spare."""
        others = layers(sorted(self.narrow[1:])) if len(self.narrow) > 1 else ""
        have = "has" if len(self.narrow) == 2 else "have"
        return f" {others[0].upper()}{others[1:]} {have} no unit to spare either." if others else ""

    @property
    def _first(self) -> int:
        """The layer to widen first; the last one where it is too narrow and has learned nothing yet."""
        return self.narrow[0] if self.narrow else self.evidence.last

    @property
    def _is_narrower(self) -> str:
        return f"has {'fewer' if self.evidence.units(self._first) < self._units else 'as few'} units"

    @property
    def _then(self) -> str:
        if self.narrow:
            return f"Widen layer {self._first} first."
        return "Train longer or with another learning rate before you widen it."

    @property
    def _hardly_more(self) -> str:
        reached, told = self.held.shown
        more = "hardly more" if self.held.told > self.held.reached else "no more"
        own = f"the network explains {reached} of the target's ups and downs"
        return f"{own}, and {self.held.by} {more} ({told})"

    @property
    def _study(self) -> str:
        return f"A study decides{self._command}"

    @property
    def _command(self) -> str:
        return f": narrows study {self.study} --layer {self.layer}"


def percent(share: float, digits: int = 0) -> str:
    """Return `61%`, clipped to 0 .. 100%."""
    return f"{min(max(share, 0.0), 1.0):.{digits}%}"


def plural(count: int, what: str) -> str:
    """Return `1 unit`, `2 units`."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def layers(numbers: Sequence[int]) -> str:
    """Return `layer 2`, `layers 1 and 3`, `layers 1, 2 and 3`."""
    if len(numbers) == 1:
        return f"layer {numbers[0]}"
    return f"layers {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
