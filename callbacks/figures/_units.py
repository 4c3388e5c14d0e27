"""Units over time: which one and which moment is looked at, which are alike, where a state comes again.

The state of a unit is two numbers between -1 and 1, what it hands on (h) and its memory (tanh of the cell
state c), from which all else follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..unit_record import LARGEST, UnitRecord
from ._base import NothingToShow
from ._style import shown

if TYPE_CHECKING:
    from ..recorded import RecordedSearch, RecordedTrial

LIKE = 4
"""Moments that are named where a state comes again."""


def units_of(search: RecordedSearch, trial: RecordedTrial | None) -> UnitRecord:
    """Return what is kept of the units of a trial.

    Raises:
        NothingToShow: when the search has not ended, it is not the best trial, or nothing could be kept.
    """
    found, best = search.units, search.best
    if best is None:
        raise NothingToShow("No trial has a score yet, so there are no units to look at.")
    if found is None:
        raise NothingToShow(
            "What single units do is kept when the search ends: the same narrows tune command ends it."
        )
    if trial is None or trial.number != best.number:
        raise NothingToShow(
            f"What single units do is kept of the best trial alone, which is {shown(best.name)}: open that "
            "one, or search again with the widths of this one alone."
        )
    if found.why:
        raise NothingToShow(found.why)
    return found


@dataclass(frozen=True)
class Chosen:
    """What is looked at.

    Args:
        layer: from 1.
        unit: from 0.
        other: unit of the same layer that is drawn over it; None is none.
        window: place among those that are kept.
        step: place among those that are kept.
        gates: whether gates and memory are drawn, too.
        whole: whether states are compared of the whole layer, not of the chosen units.
    """

    layer: int
    unit: int
    other: int | None
    window: int
    step: int
    gates: bool = True
    whole: bool = False

    @classmethod
    def of(cls, record: UnitRecord, asked: Mapping[str, int | None]) -> Chosen:
        """Return what was asked for; in place of what is not there, what is worth a look.

        That is the two units of all that are most alike, at the end of the window of the largest error.
        """

        def within(name: str, count: int) -> int | None:
            place = asked.get(name)
            return place if place is not None and 0 <= place < count else None

        layer, unit, other = within("layer", len(record.layers) + 1) or None, None, None
        if layer is not None:
            unit, other = (within(name, record.layers[layer - 1].units) for name in ("unit", "other"))
        if layer is None or unit is None:
            layers = [layer] if layer else range(1, len(record.layers) + 1)
            _, layer, unit, other = max((_most_alike(record, one) for one in layers), key=lambda one: one[0])
        window, step = within("window", len(record.windows)), within("step", len(record.steps))
        if window is None:
            window = next((n for n, one in enumerate(record.windows) if one.why == LARGEST), 0)
        return cls(
            layer,
            unit,
            None if other == unit else other,
            window,
            len(record.steps) - 1 if step is None else step,
            gates=asked.get("gates") == 1,
            whole=asked.get("whole") == 1,
        )

    @property
    def units(self) -> list[int]:
        """The chosen units."""
        return [self.unit] if self.other is None else [self.unit, self.other]


@dataclass(frozen=True)
class Moment:
    """Where a state comes again.

    Args:
        window: place among those that are kept.
        step: likewise.
        differs: from the chosen state, the mean over its numbers, which are between -1 and 1.
    """

    window: int
    step: int
    differs: float


def again(record: UnitRecord, chosen: Chosen) -> list[Moment]:
    """Return the moments whose state is nearest to the chosen one, the nearest first.

    Left out are moments that are less than a quarter of the past from the chosen one, or from one that is
    nearer: a state there is the same for no other reason than that little time has passed.
    """
    own = slice(None) if chosen.whole else chosen.units
    states = np.concatenate(
        [record.values(chosen.layer, "h")[..., own], np.tanh(record.values(chosen.layer, "c")[..., own])],
        axis=2,
    )
    differs = np.abs(states - states[chosen.window, chosen.step]).mean(axis=2)
    when = np.array([one.row for one in record.windows])[:, None] + np.array(record.rows)[list(record.steps)]
    apart = max(1, -record.rows[0] // 4)
    there, found = [when[chosen.window, chosen.step]], []
    for place in np.argsort(differs, axis=None, kind="stable"):
        window, step = divmod(int(place), len(record.steps))
        if np.abs(np.array(there) - when[window, step]).min() >= apart:
            there.append(when[window, step])
            found.append(Moment(window, step, float(differs[window, step])))
        if len(found) == LIKE:
            break
    return found


def beside(record: UnitRecord, chosen: Chosen) -> list[tuple[int, float]]:
    """Return the other units of the layer with their correlation, the most alike or opposite first."""
    row = _correlation(record, chosen.layer)[chosen.unit]
    others = [(unit, float(row[unit])) for unit in range(len(row)) if unit != chosen.unit]
    return sorted(others, key=lambda one: -abs(one[1]))


def _most_alike(record: UnitRecord, layer: int) -> tuple[float, int, int, int | None]:
    """Return how much the two most alike units of a layer are so, the layer, and the two."""
    found = np.abs(_correlation(record, layer))
    if len(found) < 2:
        return -1.0, layer, 0, None
    np.fill_diagonal(found, -1)
    unit, other = sorted(divmod(int(found.argmax()), len(found)))
    return float(found[unit, other]), layer, unit, other


def _correlation(record: UnitRecord, layer: int) -> np.ndarray:
    """Return the correlations of the states of a layer; 0 where one never moves."""
    states = record.values(layer, "h").reshape(-1, record.layers[layer - 1].units)
    states = states - states.mean(axis=0)
    size = np.sqrt(np.square(states).sum(axis=0))
    states /= np.where(size > 0, size, 1)
    correlation: np.ndarray = states.T @ states
    return correlation
