"""The scores of an answer as tables, one for each target: what is handed over, the best trial, the floors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, TypedDict

from ..search_spaces.plain import from_plain

Scores = dict[str, dict[str, float | None]]
"""By target and metric."""
HANDED = "handed over with --ensemble"


class _Together(TypedDict):
    members: int
    scores: Scores


class _Scored(TypedDict):
    """What is read of an answer."""

    windows: int
    metric: str
    scores: dict[str, Scores]
    ensemble: _Together | None


def score_tables(answer: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return the scores on the test part in the unit of the data; None where an answer has none.

    Returns:
        {"windows", "metric" (which decides), "tables": [{"target", "metrics": [name],
        "rows": [{"name", "ours", "cells": [{"value", "best"}]}]}]}; `best` is whether no other row has less.

    Raises:
        Unreadable: when they are something else.
    """
    if answer is None or "scores" not in answer:
        return None
    scored = from_plain(_Scored, answer)
    floors = dict(scored["scores"])
    model = next(iter(floors), None)
    if model is None:
        return None
    named = {f"best trial ({model})": floors.pop(model)}
    if scored["ensemble"] is not None:
        named = {HANDED: scored["ensemble"]["scores"]} | named
    tables = [_table(target, named, floors) for target in next(iter(scored["scores"].values()))]
    return {"windows": scored["windows"], "metric": scored["metric"], "tables": tables}


def _table(target: str, ours: Mapping[str, Scores], floors: Mapping[str, Scores]) -> dict[str, Any]:
    of = {name: scores.get(target, {}) for name, scores in (dict(ours) | dict(floors)).items()}
    metrics = list(dict.fromkeys(metric for scores in of.values() for metric in scores))
    least = {metric: _least(scores.get(metric) for scores in of.values()) for metric in metrics}
    rows = [
        {"name": name, "ours": name in ours, "cells": [_cell(scores.get(one), least[one]) for one in metrics]}
        for name, scores in of.items()
    ]
    return {"target": target, "metrics": metrics, "rows": rows}


def _cell(value: float | None, least: float | None) -> dict[str, Any]:
    known = value if value is not None and math.isfinite(value) else None
    return {"value": known, "best": known is not None and known == least}


def _least(values: Iterable[float | None]) -> float | None:
    return min((value for value in values if value is not None and math.isfinite(value)), default=None)
