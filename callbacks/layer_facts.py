"""What is known of the layers of one trial, as plain data: see `trial_facts`."""

from __future__ import annotations

import math
from typing import Any

from ..search_spaces.trial import Status
from .bottleneck import bottleneck_of
from .figures._style import FAILED, SYMBOLS, VERDICTS
from .narrowing.results import BoundaryMeasures
from .recorded import RecordedTrial


def layers_of(trial: RecordedTrial) -> list[dict[str, Any]]:
    """Return the units of each layer, its effective rank where it is known, and which is the bottleneck."""
    effective, bottleneck = effective_of(trial), bottleneck_of(trial)
    return [
        {
            "units": units,
            "effective": effective[place] if place < len(effective) else None,
            "bottleneck": place == bottleneck,
        }
        for place, units in enumerate(trial.units)
    ]


def effective_of(trial: RecordedTrial) -> list[float]:
    """Return the effective rank of each layer, as far as it was measured."""
    names = (f"effective_units_{layer}" for layer in range(1, len(trial.units) + 1))
    return [trial.summary[name] for name in names if name in trial.summary]


def boundaries_of(trial: RecordedTrial) -> list[dict[str, Any]]:
    """Return what is said of each boundary, from input to output; nothing where it was not measured."""
    narrowing = trial.narrowing
    if narrowing is None:
        return []
    bottleneck = bottleneck_of(trial)
    named = [
        (f"layer {place} to layer {place + 1}" + (", the bottleneck" if place == bottleneck else ""), one)
        for place, one in enumerate(narrowing.boundaries, 1)
    ]
    if narrowing.entry is not None:
        named.insert(0, ("input to layer 1", narrowing.entry))
    return [_boundary(where, one) for where, one in named]


def _boundary(where: str, boundary: BoundaryMeasures) -> dict[str, Any]:
    verdict = boundary.verdict
    return {
        "where": where,
        "kind": boundary.kind,
        "kept": None if math.isnan(boundary.kept.shown) else boundary.kept.shown,
        "word": verdict.word,
        "colour": VERDICTS.get(verdict.word, FAILED),
        "mark": SYMBOLS.get(verdict.word, "circle"),
        "sentence": verdict.sentence,
    }


def why_unmeasured(trial: RecordedTrial) -> str:
    """Return why a trial has no boundaries to tell of, in a sentence."""
    if trial.measured is not None:
        return "One layer: there is no boundary at which anything could be lost."
    if trial.status == Status.FAILED:
        return "The trial failed, so nothing was measured."
    if trial.unmeasured:
        return f"The layers of this trial could not be measured: {trial.unmeasured}"
    return "The layers of this trial were not measured."
