"""Frozen dataclasses to plain values (dicts, lists, numbers, texts) and back, for compact JSON.

Floats are rounded to four digits and NaN is null. An `Estimate` is a list of its four numbers; a field
that is None is left out. Measures stand under their names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from .estimate import Estimate
from .measures import kinds


def to_plain(value: Any) -> Any:
    """Return `value` as JSON can hold it."""
    if isinstance(value, Estimate):
        return [to_plain(getattr(value, field.name)) for field in fields(value)]
    if is_dataclass(value):
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: to_plain(item) for name, item in held.items() if item is not None}
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {name: to_plain(item) for name, item in value.items()}
    if isinstance(value, float):
        return float(f"{value:.4g}") if math.isfinite(value) else None
    return value


def from_plain(kind: Any, value: Any) -> Any:
    """Return the `kind` that `to_plain` made `value` of.

    Args:
        kind: a dataclass, `Estimate`, int, float, str, `tuple[X, ...]`, one of these or None, or
            `Mapping[str, Measure]`, of which unknown measures are left out.
        value: what `json.loads` gave.
    """
    if kind is float:
        return math.nan if value is None else float(value)
    if kind is Estimate:
        return Estimate(*(from_plain(float, number) for number in value))
    if get_origin(kind) is tuple:
        return tuple(from_plain(get_args(kind)[0], item) for item in value)
    if get_origin(kind) is Mapping:
        return {name: from_plain(kinds()[name], item) for name, item in value.items() if name in kinds()}
    if NoneType in get_args(kind):
        return from_plain(next(some for some in get_args(kind) if some is not NoneType), value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: from_plain(hints[name], item) for name, item in value.items()})
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Return the types of the fields; finding them takes longer than reading a record."""
    return get_type_hints(kind)
