"""A stack of layers drawn as a funnel: what the pictures `funnel` and `profiles` have in common.

A layer is a box whose height stands for its units, symmetric about a middle line. A link fills the gap
between two boxes; the chip on it stands for the boundary and has the colour of its verdict.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from ._style import FAILED, HATCHES, SYMBOLS, VERDICTS, shown

if TYPE_CHECKING:
    from ..narrowing import BoundaryMeasures
    from ..recorded import RecordedTrial

MOST_RATIO = 32
"""Up to this ratio of the widest layer to the narrowest, the narrowest is seen at its true height."""


@dataclass(frozen=True)
class Heights:
    """How high a box is: units as they are, or their square root where widths differ too much.

    Args:
        root: whether to take the square root.
    """

    root: bool

    @classmethod
    def of(cls, widths: Iterable[int]) -> Heights:
        """Return the scale on which all `widths` can be seen in one picture."""
        found = list(widths)
        return cls(max(found) > MOST_RATIO * min(found))

    def __call__(self, units: float) -> float:
        return math.sqrt(units) if self.root else float(units)

    @property
    def title(self) -> str:
        """Of the axis."""
        return "units (square-root scale)" if self.root else "units"


@dataclass(frozen=True)
class Box:
    """A layer in the plane.

    Args:
        x: of its middle.
        width: of the box.
        height: of the box.
        y: of the middle line.
    """

    x: float
    width: float
    height: float
    y: float = 0.0


Link = tuple[Box, Box]


def outlines(links: Sequence[Link]) -> dict[str, list[float | None]]:
    """Return `x` and `y` of one trace that fills the gap between the boxes of each link."""
    x: list[float | None] = []
    y: list[float | None] = []
    for left, right in links:
        start, end = left.x + left.width / 2, right.x - right.width / 2
        low, high = left.height / 2, right.height / 2
        x += [start, end, end, start, start, None]
        y += [left.y + low, right.y + high, right.y - high, left.y - low, left.y + low, None]
    return {"x": x, "y": y}


def bars(boxes: Sequence[Box], heights: Sequence[float]) -> dict[str, list[float]]:
    """Return what places bars of these heights about the middle of their boxes."""
    return {
        "x": [box.x for box in boxes],
        "y": list(heights),
        "base": [box.y - height / 2 for box, height in zip(boxes, heights, strict=True)],
        "width": [box.width for box in boxes],
    }


def widths_of(trial: RecordedTrial) -> tuple[int, ...]:
    """Return the units of each layer; empty where they are not known."""
    if trial.narrowing is None:
        return trial.units
    return tuple(layer.units for layer in trial.narrowing.layers)


def colour(word: str) -> str:
    """Return the colour of a verdict."""
    return VERDICTS.get(word, FAILED)


def mark_of(word: str, size: float) -> dict[str, Any]:
    """Return plotly's mark of a verdict; its edge is seen on a link of the same colour."""
    edge = {"width": 1, "color": "#ffffff"}
    return {
        "color": colour(word),
        "symbol": SYMBOLS.get(word, "circle"),
        "size": size,
        "line": edge,
        "opacity": 1,
    }


def area(word: str, opacity: float) -> dict[str, Any]:
    """Return how plotly fills what a verdict is said of: its colour, hatched."""
    paint = colour(word)
    pale = f"rgba({', '.join(str(int(paint[at : at + 2], 16)) for at in (1, 3, 5))}, 0.45)"
    hatch = {
        "shape": HATCHES.get(paint, ""),
        "fgcolor": paint,
        "bgcolor": pale,
        "size": 7,
        "solidity": 0.35,
    }
    return {
        "fill": "toself",
        "fillcolor": paint,
        "fillpattern": hatch,
        "opacity": opacity,
        "line": {"width": 0},
    }


def by_word(boundaries: Iterable[BoundaryMeasures]) -> list[str]:
    """Return the words of the verdicts, each once, in the order of the legend."""
    found = {boundary.verdict.word for boundary in boundaries}
    known = [word for word in VERDICTS if word in found]
    return known + sorted(found - set(known))


def percent(share: float) -> str:
    """Return `61%`, clipped to 0 .. 100%; a question mark where it is not known."""
    return "?" if math.isnan(share) else f"{min(max(share, 0.0), 1.0):.0%}"


def told(boundary: BoundaryMeasures) -> str:
    """Return what to say about a boundary when one points at it."""
    kept = boundary.kept
    lines = [f"<b>{shown(boundary.verdict.word)}</b>", wrapped(boundary.verdict.sentence)]
    if math.isnan(kept.value):
        lines.append("kept: not known")
    else:
        interval = f"95% interval {percent(kept.low)} to {percent(kept.high)}, chance {percent(kept.null)}"
        lines.append(f"kept {percent(kept.value)} ({interval})")
    return "<br>".join(lines)


def wrapped(text: str, columns: int = 60) -> str:
    """Return `text` in lines, shown literally: plotly breaks no lines by itself."""
    return "<br>".join(shown(line) for line in wrap(text, columns))
