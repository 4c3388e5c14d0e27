"""The entry point: from states and targets to a `Narrowing`."""

from __future__ import annotations

import numpy as np

from .evidence import Evidence
from .measures import BoundaryMeasure, LayerMeasure, kinds
from .results import BoundaryMeasures, LayerMeasures, Narrowing
from .split import Split
from .states import States
from .verdict import verdict

MOST_ROWS = 2000
"""More rows cost more and change little."""


def measure(
    states: States, targets: np.ndarray, *, span: int, times: np.ndarray | None = None, full: bool = False
) -> Narrowing:
    """Measure what each layer holds and what each boundary kept.

    Args:
        states: of at most about `MOST_ROWS` windows, in the order of time.
        targets: float (rows, ...), what the readout should emit for each window; with the scaling `last`
            that is the target less its last value.
        span: windows whose times differ by less share rows of the series: lookback + horizon; 1 for
            windows that share nothing.
        times: int64 (rows,), the row of the first target of each window, not falling; None where each
            window begins one row after the one before.
        full: whether to take the slow and large measures too (memory, correlation).

    Raises:
        ValueError: "the states ..." or "the targets ..." for NaN, infinity, or unequal numbers of rows.
    """
    rows = len(states.inputs)
    targets = np.asarray(targets, float).reshape(len(targets), -1)
    _check(states, targets)
    split = Split.of(np.arange(rows) if times is None else np.asarray(times), span)
    evidence = Evidence(states, targets, split)
    narrows = evidence.units(1) < evidence.units(0)
    return Narrowing(
        layers=tuple(_layer(evidence, number, full) for number in range(1, evidence.last + 1)),
        boundaries=tuple(_boundary(evidence, number, full) for number in range(1, evidence.last)),
        rows=rows,
        steps=evidence.layers[0].shape[1],
        entry=_boundary(evidence, 0, full) if narrows else None,
    )


def _layer(evidence: Evidence, number: int, full: bool) -> LayerMeasures:
    found = {
        name: kind.of(evidence, number)
        for name, kind in kinds().items()
        if issubclass(kind, LayerMeasure) and (full or not kind.full)
    }
    return LayerMeasures(found, evidence.units(number))


def _boundary(evidence: Evidence, before: int, full: bool) -> BoundaryMeasures:
    found = {
        name: kind.of(evidence, before)
        for name, kind in kinds().items()
        if issubclass(kind, BoundaryMeasure) and (full or not kind.full)
    }
    return BoundaryMeasures(
        found,
        evidence.units(before),
        evidence.units(before + 1),
        evidence.handed_on(before + 1),
        verdict(evidence, before),
    )


def _check(states: States, targets: np.ndarray) -> None:
    held = {
        "inputs": states.inputs,
        **{f"states of layer {number}": layer for number, layer in enumerate(states.layers, start=1)},
        "targets": targets,
    }
    for name, values in held.items():
        if len(values) != len(states.inputs):
            raise ValueError(f"the {name} have {len(values)} rows, the inputs {len(states.inputs)}")
        if not np.isfinite(values).all():
            raise ValueError(f"the {name} hold NaN or infinity; a diverged network has no narrowing")
