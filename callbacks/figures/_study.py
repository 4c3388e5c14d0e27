"""What the pictures of a study share: which study, and the colour of each word."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..studied import BETTER, ENOUGH, EQUAL, NOT_SHOWN, REFERENCE, TOO_NARROW, WORSE
from ._base import NothingToShow
from ._style import BEST, FAILED, TRIAL

if TYPE_CHECKING:
    from ..recorded import RecordedSearch
    from ..studied import Arm, RecordedStudy

GOOD = "#009e73"
WORD_COLOURS = {
    REFERENCE: TRIAL,
    ENOUGH: GOOD,
    EQUAL: GOOD,
    BETTER: TRIAL,
    TOO_NARROW: BEST,
    WORSE: BEST,
    NOT_SHOWN: FAILED,
}
SHADES = ("#440154", "#414487", "#2a788e", "#22a884", "#7ad151", "#c2b500")
"""From the narrowest width to the widest: the scale viridis, its yellow end darker to be seen on white."""
NO_STUDY = (
    "There is no study yet. A study trains a network again and again with one layer narrower each time, and "
    "says how narrow is enough: narrows study RUN"
)


def shown_study(search: RecordedSearch) -> RecordedStudy:
    """Return the newest study of a search.

    Raises:
        NothingToShow: when there is none.
    """
    study = search.study()
    if study is None:
        raise NothingToShow(NO_STUDY)
    return study


def shades(count: int) -> list[str]:
    """Return colours for `count` widths, rising."""
    last = len(SHADES) - 1
    return [SHADES[round(n * last / max(count - 1, 1))] for n in range(count)]


def name_of(study: RecordedStudy, arm: Arm) -> str:
    """Return how an arm is called in a legend: `8 units`, or its label."""
    if not study.numeric or arm.width is None:
        return arm.label
    units = f"{arm.width} unit{'' if arm.width == 1 else 's'}"
    return units if arm.place is None else f"{units} after layer {arm.place}"
