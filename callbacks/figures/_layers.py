"""What the pictures of single layers have in common: the measures of a trial, and what a layer is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...search_spaces.trial import Status
from ._base import NothingToShow

if TYPE_CHECKING:
    from ..narrowing import Narrowing
    from ..recorded import RecordedTrial

LAYERS = (
    ("#5b7fd6", "circle"),
    ("#ee6677", "square"),
    ("#2f9a60", "diamond"),
    ("#c8b560", "triangle-up"),
    ("#5fc3e4", "triangle-down"),
    ("#c2559f", "cross"),
    ("#99993d", "star"),
    ("#bb7744", "hexagon"),
)
"""Colour and symbol of each layer, from input to output; colours by Paul Tol (2021), the dark ones made
lighter for a dark page, and none that means something else."""


def measured(trial: RecordedTrial | None) -> Narrowing:
    """Return the measures of a trial.

    Raises:
        NothingToShow: when it has none.
    """
    if trial is None or trial.narrowing is None:
        failed = trial is not None and trial.status == Status.FAILED
        raise NothingToShow(f"Nothing was measured of this trial{', because it failed' if failed else ''}.")
    return trial.narrowing


def plural(count: int, noun: str) -> str:
    """Return `1 unit`, `2 units`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def layer_name(number: int, units: int) -> str:
    """Return how a layer is called; its number is from 1."""
    return f"layer {number}: {plural(units, 'unit')}"


def layer_names(widths: Sequence[int], bottleneck: int | None) -> list[str]:
    """Return how all layers are called; `bottleneck` is the place of that one, from 0."""
    names = [layer_name(number, units) for number, units in enumerate(widths, start=1)]
    return [f"{name}, the bottleneck" if at == bottleneck else name for at, name in enumerate(names)]
