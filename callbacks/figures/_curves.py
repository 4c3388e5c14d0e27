"""Lines of learning curves: losses by epoch, several trials in one trace, and the axis of epochs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from ..curve import Curve, is_number
from ._style import shown

if TYPE_CHECKING:
    from ..recorded import RecordedTrial

Curved = tuple["RecordedTrial", Curve]


def with_curve(trials: Iterable[RecordedTrial]) -> list[Curved]:
    """Return the trials that have a finite validation loss in some epoch, with their curves."""
    found = ((one, one.learning) for one in trials)
    return [(one, curve) for one, curve in found if curve and any(map(is_number, curve.validation))]


def lines(curved: Sequence[Curved], of: str) -> dict[str, Any]:
    """Return plotly's points of `train` or `validation` losses, with a gap after each trial."""
    x: list[int | None] = []
    y: list[float | None] = []
    text: list[str] = []
    numbers: list[int | None] = []
    for one, curve in curved:
        losses = curve.train if of == "train" else curve.validation
        x += [*curve.epoch, None]
        y += [*losses, None]
        numbers += [*[one.number] * len(losses), None]
        text += [*[shown(one.name)] * len(losses), ""]
    name = "training" if of == "train" else "validation"
    told = "%{text}<br>epoch %{x}: " + name + " loss %{y:.4g}<extra></extra>"
    return {"x": x, "y": y, "customdata": numbers, "text": text, "hovertemplate": told, "mode": "lines"}


def best_epochs(curved: Sequence[Curved]) -> dict[str, Any]:
    """Return plotly's points of the smallest validation losses, whose weights are kept."""
    places = [_least(curve) for _, curve in curved]
    return {
        "x": [curve.epoch[place] for (_, curve), place in zip(curved, places, strict=True)],
        "y": [curve.validation[place] for (_, curve), place in zip(curved, places, strict=True)],
        "customdata": [one.number for one, _ in curved],
        "text": [shown(one.name) for one, _ in curved],
        "hovertemplate": "%{text}<br>best epoch %{x}: validation loss %{y:.4g}<extra></extra>",
        "mode": "markers",
    }


def losses_of(curved: Iterable[Curved]) -> list[float]:
    """Return all finite losses of curves."""
    found = (loss for _, curve in curved for loss in (*curve.train, *curve.validation))
    return [loss for loss in found if loss is not None]


def epoch_axis(curved: Iterable[Curved]) -> dict[str, Any]:
    """Return plotly's axis of epochs, on which few of them have a tick each."""
    first = min(curve.epoch[0] for _, curve in curved)
    last = max(curve.epoch[-1] for _, curve in curved)
    room = max(0.02 * (last - first), 0.3)
    return {
        "title": "epoch",
        "range": [first - room, last + room],
        "dtick": 1 if last - first < 10 else None,
        "zeroline": False,
    }


def _least(curve: Curve) -> int:
    known = [place for place, loss in enumerate(curve.validation) if loss is not None]
    return min(known, key=lambda place: curve.validation[place] or 0.0)
