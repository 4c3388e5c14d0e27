"""Narrowing: what was measured of one trained stack, by layer and by boundary.

A measure is asked for by its class, `layer[Fill].effective_rank`, so that a new measure needs no new field
here. All of it goes to compact plain values and back: about 2 kB for three layers in the depth `brief`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

from ...search_spaces.plain import Unreadable, from_plain
from ...search_spaces.trial import MOST_UNITS
from .converter import NARROWING
from .estimate import Estimate
from .measures import Measure
from .measures.fill import Fill
from .measures.kept import Kept
from .measures.redundancy import Redundancy
from .measures.target import TargetProbe

M = TypeVar("M", bound=Measure)


@dataclass(frozen=True)
class Verdict:
    """What is said of the layer after a boundary.

    Args:
        word: one of `verdict.WORDS`.
        sentence: the same with its numbers, for someone who never read the docs.
    """

    word: str
    sentence: str


@dataclass(frozen=True)
class Measured:
    """What the measures found; `found[Kind]` is the result of the measure `Kind`.

    Args:
        measures: results by name.
    """

    measures: Mapping[str, Measure]

    def __getitem__(self, kind: type[M]) -> M:
        found = self.get(kind)
        if found is None:
            raise KeyError(f"{kind.__name__} was not measured")
        return found

    def get(self, kind: type[M]) -> M | None:
        """Return the result of a measure, or None where it was not taken."""
        return next((measure for measure in self.measures.values() if isinstance(measure, kind)), None)


@dataclass(frozen=True)
class LayerMeasures(Measured):
    """One layer.

    Args:
        units: of the layer.
    """

    units: int


@dataclass(frozen=True)
class BoundaryMeasures(Measured):
    """The boundary between a layer and the next.

    Args:
        before, after: units of the two layers; channels for the input.
        handed_on: what the next reader sees of the layer after it, `trajectory` or `instant`.
        verdict: on the layer after it.
    """

    before: int
    after: int
    handed_on: str
    verdict: Verdict

    @property
    def kind(self) -> str:
        """`narrowing`, `widening` or `same width`."""
        if self.after == self.before:
            return "same width"
        return "narrowing" if self.after < self.before else "widening"

    @property
    def kept(self) -> Estimate:
        """How much of the state before is found in what is handed on after."""
        kept = self[Kept]
        return kept.trajectory if self.handed_on == "trajectory" else kept.instant


@dataclass(frozen=True)
class Narrowing:
    """All measures of one stack.

    Args:
        layers: from input to output.
        boundaries: between two layers, from input to output.
        rows: windows that were looked at.
        steps: states of a trajectory.
        entry: the boundary from the input to the first layer, with the verdict on that; None in records of
            earlier versions where the first layer has as many units as the input has channels.
        own: held-out R^2 of the target of the network's own forecasts, on the rows of the probes; None where
            they are not known; see `other_losses` for those of networks that were not trained by squared
            error. Nothing is learned on these rows, so its null is NaN.
        dropped: measures that would have cost too much (`budget`), each with a sentence that says so; None
            where there is none.
    """

    layers: tuple[LayerMeasures, ...]
    boundaries: tuple[BoundaryMeasures, ...]
    rows: int
    steps: int
    entry: BoundaryMeasures | None = None
    own: Estimate | None = None
    dropped: Mapping[str, str] | None = None

    @property
    def narrowest(self) -> int:
        """Units of the narrowest layer."""
        return min(layer.units for layer in self.layers)

    @property
    def worst_kept(self) -> float:
        """Least kept over the boundaries that narrow, 0 to 1; NaN where none narrows or none is known."""
        kept = [boundary.kept.shown for boundary in self.boundaries if boundary.kind == "narrowing"]
        return min((value for value in kept if not math.isnan(value)), default=math.nan)

    @property
    def effective_widths(self) -> tuple[float, ...]:
        """Effective rank of each layer."""
        return tuple(layer[Fill].effective_rank for layer in self.layers)

    def summary(self) -> dict[str, float]:
        """Return the numbers worth a column: `narrowest`, `worst_kept`, `effective_units_1` .. ."""
        found = {"narrowest": float(self.narrowest), "worst_kept": self.worst_kept}
        widths = enumerate(self.effective_widths, start=1)
        return found | {f"effective_units_{layer}": width for layer, width in widths}

    def to_plain(self) -> dict[str, Any]:
        """Return dicts, lists, numbers and texts, fit for JSON; floats keep four digits, NaN is None."""
        found: dict[str, Any] = NARROWING.unstructure(self)
        return found

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Narrowing:
        """Return what `to_plain` gave.

        Raises:
            Unreadable: for anything else.
        """
        found = from_plain(cls, plain, NARROWING)
        found._check()
        return found

    def _check(self) -> None:
        """Raise `Unreadable` when the parts do not fit together."""
        if not self.layers or len(self.boundaries) != len(self.layers) - 1:
            raise Unreadable(f"{len(self.boundaries)} boundaries of {len(self.layers)} layers")
        for layer in self.layers:
            for measure in layer.measures.values():
                if not measure.fits(layer.units):
                    raise Unreadable(f"the {type(measure).__name__} of a layer of {layer.units} units")
        units = [layer.units for layer in self.layers]
        if [(one.before, one.after) for one in self.boundaries] != list(pairwise(units)):
            raise Unreadable("boundaries between other layers")
        boundaries = [*([self.entry] if self.entry else []), *self.boundaries]
        if any(not 1 <= width <= MOST_UNITS for width in (*units, *(one.before for one in boundaries[:1]))):
            raise Unreadable(f"layers of {', '.join(map(str, units))} units")
        some = [
            (kind, {layer.get(kind) is None for layer in self.layers}) for kind in (Redundancy, TargetProbe)
        ]
        lost: list[type[Measure]] = [kind for kind, gone in some if len(gone) > 1]
        lost += [Fill for layer in self.layers if layer.get(Fill) is None]
        lost += [Kept for boundary in boundaries if boundary.get(Kept) is None]
        if lost and not self.dropped:
            raise Unreadable(f"{lost[0].__name__} was not measured")
