"""What the measures of a trial's widths say, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...callbacks.narrowing import Narrowing
from ...callbacks.narrowing.verdict import NOT_SHOWN, TOO_FEW, TOO_NARROW

MOST_REPEAT = 0.5
"""With a smaller share of units that do different work most of a layer repeats."""
OPEN = (TOO_NARROW, NOT_SHOWN, TOO_FEW)


def sentences(narrowing: Narrowing | None) -> list[str]:
    """Return what the measures say, in plain sentences: the units in use, then each layer's verdict."""
    if narrowing is None:
        return []
    widths = ", ".join(
        f"{effective:.0f} of {layer.units}"
        for effective, layer in zip(narrowing.effective_widths, narrowing.layers, strict=True)
    )
    said = [f"Units that do different work, layer by layer: {widths}."]
    if any(
        effective < MOST_REPEAT * layer.units
        for effective, layer in zip(narrowing.effective_widths, narrowing.layers, strict=True)
    ):
        said[0] += " The other units repeat them, so a narrower layer may do as well; a study decides."
    met = [narrowing.entry] if narrowing.entry else []
    for boundary in (*met, *narrowing.boundaries):
        word = boundary.verdict.word
        said.append(f"{word[0].upper()}{word[1:]}. {boundary.verdict.sentence}")
    return said


def reads(values: Mapping[str, Any], targets: int) -> list[str]:
    """Return sentences on what a state of the layers stands for, where it is not a row of all columns.

    Args:
        values: hyperparameters of a trial.
        targets: columns that are forecast.
    """
    said = []
    if (rows := int(values.get("segment", 1))) > 1:
        said.append(
            f"The LSTM reads {rows} rows at a step (segment), so it has a state for each {rows} rows."
        )
    if values.get("channels") == "apart" and targets > 1:
        said.append(
            f"Each of the {targets} targets is forecast by itself, by the same network (channels apart): its "
            "units are those that one target at a time needs."
        )
    return said


def undecided(narrowing: Narrowing | None) -> list[int]:
    """Return the layers, from 1, of which one trained network leaves open whether they are wide enough."""
    if narrowing is None:
        return []
    met = [(1, narrowing.entry)] if narrowing.entry else []
    judged = [*met, *enumerate(narrowing.boundaries, start=2)]
    return [layer for layer, boundary in judged if boundary.verdict.word in OPEN]
