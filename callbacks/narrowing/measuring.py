"""The entry point: from states and targets to a `Narrowing`."""

from __future__ import annotations

import math
from collections.abc import Mapping

from .budget import too_dear
from .evidence import Evidence
from .measures import BoundaryMeasure, LayerMeasure, Measure, kinds
from .results import BoundaryMeasures, LayerMeasures, Narrowing, Verdict
from .sample import Sample
from .states import States
from .verdict import ROWS_PER_UNIT, verdicts

MOST_ROWS = 1600
"""More rows cost more and change little."""
FEW_ROWS = 400
"""Rows for the measures that every trial gets, or what a verdict on its widest layer asks for."""
STEP_ROWS = 100
"""Numbers of rows are rounded up to its multiples, so that few samples serve all trials."""


def rows_for(widest: int, *, full: bool = False) -> int:
    """Return how many windows to measure a stack on.

    Args:
        widest: units of its widest layer.
        full: whether all measures are taken, or the quick ones on fewer windows.
    """
    needed = math.ceil(ROWS_PER_UNIT * widest / STEP_ROWS) * STEP_ROWS
    return MOST_ROWS if full else min(max(FEW_ROWS, needed), MOST_ROWS)


def measure(
    states: States,
    sample: Sample,
    *,
    full: bool = False,
    study: str = "RUN",
    budget: float = math.inf,
) -> Narrowing:
    """Measure what each layer holds and what each boundary kept.

    Args:
        states: of the windows of `sample`.
        sample: at most about `MOST_ROWS` windows.
        full: whether to take the slow and large measures too (memory, correlation).
        study: what the command `narrows study` in a sentence is given before the layer; RUN stands for the
            folder of a run.
        budget: operations that the measures may take, from `budget.budget`; one that takes more is dropped.

    Raises:
        ValueError: "the states ..." for NaN, infinity, or another number of rows.
    """
    for number, layer in enumerate(states.layers, start=1):
        sample.check(f"states of layer {number}", layer)
    evidence = Evidence(states, sample)
    taken, dropped = _affordable(evidence, full, budget)
    entry, *boundaries = (
        _boundary(evidence, before, found, taken) for before, found in enumerate(verdicts(evidence, study))
    )
    return Narrowing(
        layers=tuple(_layer(evidence, number, taken) for number in range(1, evidence.last + 1)),
        boundaries=tuple(boundaries),
        rows=sample.rows,
        steps=evidence.layers[0].shape[1],
        entry=entry,
        own=None if evidence.own is None else evidence.own.score.estimate,
        dropped=dropped or None,
    )


def _affordable(
    evidence: Evidence, full: bool, budget: float
) -> tuple[dict[str, type[Measure]], dict[str, str]]:
    """Return the measures to take, each of all layers, and for each that is dropped a sentence."""
    taken, dropped = {}, {}
    for name, kind in kinds().items():
        if kind.full and not full:
            continue
        first = 1 if issubclass(kind, LayerMeasure) else 0
        cost = sum(kind.cost(evidence, number) for number in range(first, first + evidence.last))
        if cost > budget:
            channels = int(evidence.states.inputs.shape[2])
            dropped[name] = too_dear(name.capitalize(), channels, cost, budget)
        else:
            taken[name], budget = kind, max(budget - cost, 1.0)
    return taken, dropped


def _layer(evidence: Evidence, number: int, taken: Mapping[str, type[Measure]]) -> LayerMeasures:
    found = {
        name: kind.of(evidence, number) for name, kind in taken.items() if issubclass(kind, LayerMeasure)
    }
    return LayerMeasures(found, evidence.units(number))


def _boundary(
    evidence: Evidence, before: int, verdict: Verdict, taken: Mapping[str, type[Measure]]
) -> BoundaryMeasures:
    found = {
        name: kind.of(evidence, before) for name, kind in taken.items() if issubclass(kind, BoundaryMeasure)
    }
    return BoundaryMeasures(
        found,
        evidence.units(before),
        evidence.units(before + 1),
        evidence.handed_on(before + 1),
        verdict,
    )
