"""What a study found in words, and the table of its arms, as plain data; see `pages`."""

from __future__ import annotations

import math
from typing import Any

from .figures._ratios import ratio_text
from .figures._study import LOOKS, NO_STUDY, base_name
from .recorded import RecordedSearch
from .studied import NOT_SHOWN, Arm, RecordedStudy, percent

__all__ = ["NO_STUDY", "study_facts"]


def study_facts(search: RecordedSearch, study: RecordedStudy) -> dict[str, Any]:
    """Return what is known of a study, and the names of all studies.

    Returns:
        {"name", "title", "names": of all studies, the newest first, "sentences", "about": what was done,
        "columns": [{"label", "numeric"}], "rows": [{"cells": texts, "word", "colour", "more"}]}; the last
        column is the word, `more` says what would decide, where nothing does yet.
    """
    columns = (
        study.axis,
        "profile",
        "parameters",
        "learning rate",
        "seeds",
        "loss",
        "95 % interval",
        "verdict",
    )
    return {
        "name": study.name,
        "title": study.title,
        "names": [one.name for one in reversed(search.studies)],
        "sentences": list(study.sentences),
        "about": _about(study),
        "columns": [{"label": label, "numeric": 2 <= n <= 6} for n, label in enumerate(columns)],
        "rows": [_row(study, arm) for arm in study.arms],
    }


def _about(study: RecordedStudy) -> str:
    return (
        f"{study.trainings:,} trainings of {study.steps:,} steps, judged by the {study.loss} of "
        f"{study.windows:,} test windows. Losses are relative to those of {base_name(study)}, seed by seed; "
        f"a difference of up to {ratio_text(1 + study.margin)} does not matter."
    )


def _row(study: RecordedStudy, arm: Arm) -> dict[str, Any]:
    cost, low, high = (None,) * 3 if arm.label == study.reference else (arm.cost, arm.low, arm.high)
    return {
        "cells": [
            arm.label,
            arm.profile,
            f"{arm.parameters:,}",
            f"{arm.rate:g}" if math.isfinite(arm.rate) else "",
            _seeds(arm),
            "" if cost is None else percent(cost),
            "" if low is None or high is None else f"{percent(low)} to {percent(high)}",
        ],
        "word": arm.word,
        "colour": LOOKS[arm.word][0],
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
