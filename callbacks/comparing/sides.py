"""Sides: what is compared, each with its name and its colour, in a fixed order.

A side is a trial of a search. Where two searches are compared, each is a side with its best trial.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..figures._style import SIDES
from ..recorded import RecordedSearch, RecordedTrial

MOST = len(SIDES)
_NUMBERS = re.compile(r"[0-9]{1,9}(,[0-9]{1,9})*")
PICK = "Pick two to four trials in the table of the view Search, then press Compare."


class CannotCompare(Exception):
    """Raised where there is nothing to compare; says why, in a sentence for the user."""


@dataclass(frozen=True)
class Side:
    """One of what is compared.

    Args:
        name: of the trial, or of the search.
        colour, mark: that stand for it everywhere, the mark by plotly's name of a symbol.
        search: that it belongs to.
        trial: the trial; of a search the best one, None where none has a score.
    """

    name: str
    colour: str
    mark: str
    search: RecordedSearch
    trial: RecordedTrial | None


def of_trials(search: RecordedSearch, numbers: str | None) -> tuple[Side, ...]:
    """Return the trials of these numbers, `3,7,9`, in the order of numbers; without any the two best.

    Raises:
        CannotCompare: when they are not two to four trials that have ended.
    """
    found = _picked(search, numbers) if numbers else list(search.ranked[:2])
    if len(found) < 2:
        raise CannotCompare(
            f"One trial alone cannot be compared. {PICK}"
            if numbers
            else "Fewer than two trials have a score yet, so there is nothing to compare."
        )
    found.sort(key=lambda one: one.number)
    return tuple(Side(one.name, *look, search, one) for one, look in zip(found, SIDES, strict=False))


def _picked(search: RecordedSearch, numbers: str) -> list[RecordedTrial]:
    if not _NUMBERS.fullmatch(numbers):
        raise CannotCompare(f"Trials are named by their numbers in this link, such as 3,7,9. {PICK}")
    wanted = sorted({int(number) for number in numbers.split(",")})
    if len(wanted) > MOST:
        raise CannotCompare(f"{len(wanted):,} trials are too many to be told apart in one picture. {PICK}")
    gone = [str(number) for number in wanted if search.trial(number) is None]
    if gone:
        which = f"Trial {gone[0]} has" if len(gone) == 1 else f"Trials {', '.join(gone)} have"
        raise CannotCompare(f"{which} not ended, or there is none of this number. {PICK}")
    return [one for one in map(search.trial, wanted) if one is not None]


def of_searches(searches: Sequence[tuple[str, RecordedSearch]]) -> tuple[Side, ...]:
    """Return two searches, each with the name of its run, which tells apart those of one title.

    Raises:
        CannotCompare: when they are one.
    """
    if len({run for run, _ in searches}) < len(searches):
        raise CannotCompare("A search cannot be compared with itself: choose another one.")
    titles = [search.title for _, search in searches]
    return tuple(
        Side(title if titles.count(title) == 1 else f"{title} ({run})", *look, search, search.best)
        for (run, search), title, look in zip(searches, titles, SIDES, strict=False)
    )


def apart(sides: Sequence[Side]) -> str:
    """Return why forecasts of these sides cannot be compared, in a sentence; empty where they can be."""
    first, *others = sides
    return next(filter(None, (_apart(first, one) for one in others if one.search is not first.search)), "")


def losses_apart(sides: Sequence[Side]) -> str:
    """Return why validation losses of these sides cannot be compared; empty where they can be."""
    if why := apart(sides):
        return why
    kinds = [*dict.fromkeys(one.search.loss for one in sides)]
    if len(kinds) > 1:
        return f"Their losses are not of one kind: {' and '.join(kinds)}."
    folds = [*dict.fromkeys(one.search.asked.folds for one in sides if one.search.asked)]
    if len(folds) > 1:
        return f"Their losses are means over different numbers of folds: {' and '.join(map(str, folds))}."
    return ""


def _apart(one: Side, other: Side) -> str:
    a, b = one.search.asked, other.search.asked
    if a is None or b is None:
        return (
            f"The record of {(one if a is None else other).name} does not say what was asked: the same "
            "narrows tune command, given again, writes it anew."
        )
    if a.targets != b.targets:
        return f"{one.name} forecasts {_listed(a.targets)}, and {other.name} {_listed(b.targets)}."
    if a.horizon != b.horizon:
        return f"{one.name} forecasts {a.horizon:,} rows ahead, and {other.name} {b.horizon:,}."
    if a.series != b.series:
        return (
            f"The numbers to forecast are not the same ({a.data}, {a.rows:,} rows, and {b.data}, "
            f"{b.rows:,} rows)."
        )
    if a.parts != b.parts:
        how = f" ({a.split} and {b.split})" if a.split != b.split else ", as the lookback decides on them"
        return f"They are not judged by the same stretches of time{how}."
    return ""


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
