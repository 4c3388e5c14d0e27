"""What the pictures of a study have in common: the study, its arms from narrow to wide, names and colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..studied import BETTER, ENOUGH, EQUAL, NOT_SHOWN, REFERENCE, TOO_NARROW, WORSE
from ._axes import cut
from ._base import NothingToShow
from ._layers import plural
from ._style import NARROW, OPEN, WIDE, shown
from ._style import REFERENCE as BASE

if TYPE_CHECKING:
    from ..recorded import RecordedSearch
    from ..studied import Arm, RecordedStudy

GOOD, BAD = WIDE, NARROW
LOOKS = {
    REFERENCE: (BASE, "diamond"),
    ENOUGH: (GOOD, "circle"),
    BETTER: (GOOD, "triangle-down"),
    EQUAL: (GOOD, "hexagon"),
    NOT_SHOWN: (OPEN, "square"),
    TOO_NARROW: (BAD, "triangle-up"),
    WORSE: (BAD, "triangle-up"),
}
"""Colour and symbol of an arm, by its word; a triangle points to where its loss lies. Words that verdicts of
single trials use too have the same colour there."""
NARROW_TO_WIDE = ["#a5c249", "#2f9e93", "#4c63b6"]
"""Ends and middle of the scale of widths, light to dark; any colour in it is seen on white and on dark."""
NO_STUDY = (
    "There is no study of this run yet. A study finds out how narrow a layer may be: it trains the same "
    "network with fewer and fewer units, several times each, and compares what they lose. Start one with "
    "“narrows study RUN”, where RUN is the folder of the run."
)
LONGEST = 24
"""Letters of a name on an axis before it is cut; pointing at what stands there shows all of it."""


def shown_study(search: RecordedSearch) -> RecordedStudy:
    """Return the newest study.

    Raises:
        NothingToShow: when there is none.
    """
    study = search.study()
    if study is None:
        raise NothingToShow(NO_STUDY)
    return study


def in_order(study: RecordedStudy) -> list[Arm]:
    """Return the arms as they stand from left to right: widths by place and rising, others as they are."""
    if not study.numeric:
        return list(study.arms)
    return sorted(study.arms, key=lambda arm: (arm.place or 0, arm.width or 0))


def name_of(arm: Arm) -> str:
    """Return how an arm is called: `8 units`, `8 units after layer 1`, or its label; not escaped."""
    if arm.width is None:
        return arm.label
    units = plural(arm.width, "unit")
    return units if arm.place is None else f"{units} after layer {arm.place}"


def base_name(study: RecordedStudy) -> str:
    """Return how the reference is called: `32 units`, `32-32`, or its label in quotes; not escaped."""
    if not study.numeric:
        return f"“{study.reference}”"
    return name_of(study.base) if study.base.width else study.profile


def tick_texts(arms: Sequence[Arm]) -> list[str]:
    """Return a text for each arm that stands at a place of its own on an axis, fit for plotly."""
    return [shown(cut(arm.label, LONGEST)) for arm in arms]


def width_colours(count: int) -> list[str]:
    """Return a colour for each of `count` widths, rising."""
    from plotly.colors import sample_colorscale

    shares = [number / max(count - 1, 1) for number in range(count)]
    found: list[str] = sample_colorscale(NARROW_TO_WIDE, shares)
    return found
