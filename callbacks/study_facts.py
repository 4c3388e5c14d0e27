"""What a study found in words, and the table of its arms, as plain data; see `pages`."""

from __future__ import annotations

import math
from typing import Any

from .figures._ratios import ratio_text
from .figures._study import LOOKS, NO_STUDY, base_name
from .recorded import RecordedSearch
from .studied import NOT_SHOWN, Arm, RecordedStudy, percent


def no_study(search: RecordedSearch, name: str | None) -> str:
    """Return the sentence that there is no study, or none of this name."""
    if name is None or not search.studies:
        return NO_STUDY
    known = ", ".join(f"“{one.name}”" for one in search.studies)
    return f"There is no study “{name}” of this run; there are: {known}."


def study_facts(search: RecordedSearch, study: RecordedStudy) -> dict[str, Any]:
    """Return what is known of a study, and the names of all studies.

    Returns:
        {"name", "title", "names": of all studies, the newest first, "sentences", "about": what was done,
        "columns": [{"label", "numeric"}], "rows": [{"cells": texts, "colour" and "mark": of the word,
        "more"}]}; the second cell is the word, and `more` says what would decide, where nothing does yet.
    """
    columns = [
        study.axis,
        "verdict",
        "loss",
        "95 % interval",
        "seeds",
        "profile",
        "parameters",
        "learning rate",
    ]
    return {
        "name": study.name,
        "title": study.title,
        "names": [one.name for one in reversed(search.studies)],
        "sentences": list(study.sentences),
        "about": _about(study),
        "columns": [{"label": label, "numeric": n not in (0, 1, 5)} for n, label in enumerate(columns)],
        "rows": [_row(study, arm) for arm in study.arms],
    }


def _about(study: RecordedStudy) -> str:
    # Where losses are near zero the margin is more than was asked for, and would surprise without its reason.
    why = "" if study.margin <= study.delta else " (a hundredth of what there is to forecast)"
    return (
        f"{study.about} by their {study.loss}. Losses are relative to those of {base_name(study)}, seed by "
        f"seed; a difference of up to {ratio_text(1 + study.margin)}{why} does not matter."
    )


def _row(study: RecordedStudy, arm: Arm) -> dict[str, Any]:
    cost, low, high = (None,) * 3 if arm.label == study.reference else (arm.cost, arm.low, arm.high)
    return {
        "cells": [
            arm.label,
            arm.word,
            percent(cost),
            "" if low is None or high is None else f"{percent(low)} to {percent(high)}",
            _seeds(arm),
            arm.profile,
            f"{arm.parameters:,}",
            f"{arm.rate:g}" if math.isfinite(arm.rate) else "",
        ],
        "colour": LOOKS[arm.word][0],
        "mark": LOOKS[arm.word][1],
        "more": _more(arm),
    }


def _seeds(arm: Arm) -> str:
    lost = sum(loss is None for loss in arm.losses)
    return f"{len(arm.losses)}, {lost} diverged" if lost else f"{len(arm.losses)}"


def _more(arm: Arm) -> str:
    """Return what would decide, of an arm of which nothing is shown."""
    if arm.word != NOT_SHOWN or arm.cost is None:
        return ""
    if arm.further_seeds is None:
        return "too close to the line: hundreds of seeds would not decide"
    return f"about {arm.further_seeds} more seeds would decide"
