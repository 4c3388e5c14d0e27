"""What the record keeps of a study, as plain data: what its pictures and its sentences are made from.

A study compares networks that differ in one thing, each trained with several seeds: its arms. One of
them is the reference, the widest one where widths are compared. Losses are means over all test windows, in
training standard deviations; costs are relative to the reference, 0.1 is a loss that is 10 % larger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..search_spaces.plain import Unreadable
from ..search_spaces.trial import MOST_UNITS

ENOUGH = "enough"
TOO_NARROW = "too narrow"
NOT_SHOWN = "not shown"
EQUAL = "about equal"
BETTER = "better"
WORSE = "worse"
REFERENCE = "reference"
TIMES = 10.0
"""From this relative cost on the loss is told as so many times the other."""
WORDS = (ENOUGH, TOO_NARROW, NOT_SHOWN, EQUAL, BETTER, WORSE, REFERENCE)


@dataclass(frozen=True)
class TriedRate:
    """One learning rate that was tried for an arm.

    Args:
        rate: of Adam, at the start of its way to zero.
        val_loss: geometric mean of the best validation loss over the first seeds; None when one diverged.
    """

    rate: float
    val_loss: float | None


@dataclass(frozen=True)
class Arm:
    """One of the networks that are compared.

    Args:
        label: what it differs in: `8` for eight units, `decreasing`, `without price`.
        profile: its widths, `32-8`.
        width: units of the layer in question, for the axis; None where arms are no numbers.
        parameters: trainable ones.
        rate: the learning rate that was best on validation.
        rates: all that were tried, rising.
        losses: test loss by seed, in the order of seeds; None for a training that diverged.
        ratios: of the test loss to the reference's with the same seed, at the look the arm ended at.
        cost: relative to the reference, geometric mean over the paired seeds; None while not known.
        low, high: of its 95 % interval, at whichever look it ended; what decides is whether an end is beyond
            the margin, or beyond 0.
        word: one of `WORDS`.
        further_seeds: how many more would decide with a chance of 80 % if the truth is what was seen; None
            where it is decided or no number would.
        place: of an inserted layer, the layer it follows; None elsewhere.
        measures: of the first seed's network, {"units", "fill", "kept", "target", "lags", "memory",
            "verdict"}: how many and which share of the layer's units do different work, the share of the
            state before it found after it, held-out R^2 of the target from it, and of the input so many
            rows ago, and the word of this one network alone; None where not measured.
    """

    label: str
    profile: str
    width: int | None
    parameters: int
    rate: float
    rates: tuple[TriedRate, ...]
    losses: tuple[float | None, ...]
    ratios: tuple[float, ...] = ()
    cost: float | None = None
    low: float | None = None
    high: float | None = None
    word: str = NOT_SHOWN
    further_seeds: int | None = None
    place: int | None = None
    measures: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class RecordedStudy:
    """A study.

    Args:
        name: `layer 2 of 32-32`, `depth of 32-32`, `feature price of 32-32`; names it in its run.
        title: a sentence's worth: `How many units does layer 2 of 32-32 need?`
        axis: what the arms differ in: `units of layer 2`.
        profile: of the network that everything else is as in.
        reference: label of the arm that the others are compared with.
        enough: label of the narrowest arm shown to be enough, as are all wider ones; None when none is.
        delta: relative loss that does not matter.
        margin: the same after the floor of a hundredth of `spread`: what decides.
        spread: mean loss of the better of two constants, the mean and the last value, on the test windows.
        loss: `mse`, `mae` or `huber`.
        steps: of each training.
        seeds: asked for.
        trainings: done for it.
        windows: of the test part.
        numeric: whether the arms are widths, on an axis.
        arms: the reference first, then from wide to narrow.
        sentences: what came out, for the user.
        stopped: why it is not complete; empty when it is.
        shared: what all its networks have that a plain stack has not, such as `24 rows a step`.
    """

    name: str
    title: str
    axis: str
    profile: str
    reference: str
    enough: str | None
    delta: float
    margin: float
    spread: float
    loss: str
    steps: int
    seeds: int
    trainings: int
    windows: int
    numeric: bool
    arms: tuple[Arm, ...]
    sentences: tuple[str, ...] = field(default=())
    stopped: str = ""
    shared: str = ""

    @property
    def base(self) -> Arm:
        """The reference."""
        return next(arm for arm in self.arms if arm.label == self.reference)

    def checked(self) -> RecordedStudy:
        """Return itself.

        Raises:
            Unreadable: when it was read from a record whose parts do not fit together.
        """
        if self.reference not in [arm.label for arm in self.arms]:
            raise Unreadable(f"{self.reference!r} is no arm of the study {self.name!r}")
        if not (self.delta >= 0 and self.margin >= 0):
            raise Unreadable(f"the study {self.name!r} has a margin of {self.margin}")
        for arm in self.arms:
            if wrong := _wrong(arm, numeric=self.numeric):
                raise Unreadable(f"the {wrong} of {arm.label!r} in the study {self.name!r}")
        if self.base.word != REFERENCE or len({arm.label for arm in self.arms}) < len(self.arms):
            raise Unreadable(f"the study {self.name!r} has two arms of one name, or another reference")
        return self

    @property
    def about(self) -> str:
        """What it rests on, in a few words."""
        done = (
            f"{self.trainings:,} trainings of {self.steps:,} steps, judged on {self.windows:,} test windows"
        )
        return f"{done}; {self.shared}" if self.shared else done


def _wrong(arm: Arm, *, numeric: bool) -> str:
    """Return what of an arm can come of no study; empty where all can."""
    widths = [width for width in (arm.width, arm.place) if width is not None]
    found = {
        "word": arm.word in WORDS,
        "widths": all(1 <= width <= MOST_UNITS for width in widths) and (numeric or not widths),
        "parameters": arm.parameters >= 0,
        "learning rates": all(0 < one.rate < 1e9 for one in arm.rates),
        "losses": all(loss is None or loss >= 0 for loss in arm.losses),
        "ratios": len(arm.ratios) <= len(arm.losses) and all(ratio >= 0 for ratio in arm.ratios),
        "cost": all(end is None or end >= -1 for end in (arm.cost, arm.low, arm.high)),
        "measures": _fits(arm.measures or {}),
    }
    return next((name for name, fits in found.items() if not fits), "")


def _fits(measures: Mapping[str, Any]) -> bool:
    """Whether the measures of an arm are numbers, and those of memory as many as its lags."""
    lags, memory = ([] if measures.get(name) is None else measures[name] for name in ("lags", "memory"))
    if not (isinstance(lags, list | tuple) and isinstance(memory, list | tuple) and len(lags) == len(memory)):
        return False
    numbers = [*(measures.get(name) for name in ("units", "fill", "kept", "target")), *memory]
    of_lags = all(type(lag) is int and lag >= 0 for lag in lags)
    return of_lags and all(one is None or type(one) in (int, float) for one in numbers)


def percent(cost: float | None) -> str:
    """Return a relative cost as it is told: `+3.9 %`, `0 %`, `12 times`; nothing where it is not known."""
    if cost is None:
        return ""
    if cost >= TIMES:
        return f"{cost + 1:,.0f} times"
    share = 100 * cost
    return "0 %" if abs(share) < 0.05 else f"{share:+.{0 if abs(share) >= 9.95 else 1}f} %"
