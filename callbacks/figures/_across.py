"""Across: where the arms of a study stand from left to right, and what is written below them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ._study import tick_texts
from ._style import shown

if TYPE_CHECKING:
    from ..studied import Arm, RecordedStudy

DODGE = 0.22
"""Distance of two places of an added layer at one width, as a share of the room of an arm."""
APART = 0.06
"""Least distance of two widths that are both written, as a share of the axis."""


@dataclass(frozen=True)
class Across:
    """Where arms stand.

    Args:
        places: by label: log2 of the width, or the number of the arm where arms are no numbers.
        room: of an arm, up to the next one.
    """

    places: Mapping[str, float]
    room: float

    @classmethod
    def of(cls, study: RecordedStudy, arms: Sequence[Arm]) -> Across:
        """Return where `arms` stand, which all have a width where the study is `numeric`."""
        if not study.numeric:
            return cls({arm.label: float(number) for number, arm in enumerate(arms)}, 1.0)
        widths = sorted({arm.width or 1 for arm in arms})
        room = min([1.0, *(math.log2(wide / narrow) for narrow, wide in pairwise(widths))])
        order = sorted({arm.place or 0 for arm in arms})
        shifts = {place: (number - (len(order) - 1) / 2) * DODGE for number, place in enumerate(order)}
        found = {arm.label: math.log2(arm.width or 1) + room * shifts[arm.place or 0] for arm in arms}
        return cls(found, room)

    @property
    def ends(self) -> tuple[float, float]:
        """Of the axis, with the room of what stands at them."""
        low, high = min(self.places.values()), max(self.places.values())
        around = max(0.05 * (high - low), 0.4 * self.room)
        return low - around, high + around

    def axis(self, study: RecordedStudy, arms: Sequence[Arm]) -> dict[str, Any]:
        """Return plotly's axis of `arms`; of many widths as many are written as have room."""
        axis = {"title": shown(study.axis), "range": list(self.ends), "zeroline": False}
        if not study.numeric:
            return axis | {"tickvals": list(self.places.values()), "ticktext": tick_texts(arms)}
        widths = sorted({arm.width for arm in arms if arm.width is not None})
        enough = [arm.width for arm in arms if arm.label == study.enough and arm.width is not None]
        powers = [width for width in widths if width & (width - 1) == 0]
        low, high = self.ends
        written: list[int] = []
        for width in (*enough, widths[-1], widths[0], *reversed(powers), *reversed(widths)):
            if all(abs(math.log2(width / other)) >= APART * (high - low) for other in written):
                written.append(width)
        return axis | {
            "tickvals": [math.log2(width) for width in written],
            "ticktext": [str(width) for width in written],
        }
