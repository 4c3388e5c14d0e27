"""Frozen dataclasses to plain values, as JSON knows them, and back: the one mapper of the project.

    text = to_json(trial)
    trial = from_json(RecordedTrial, text)

What a value is told by the annotation of its field. A number that is not finite is null; null is NaN again
in a `float` field, and None in a `float | None` field. Enums are their values, tuples are lists. A
`Mapping[str, Any]` is kept as it is, but for its numbers that are not finite.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, TypeVar, get_args, get_origin

from cattrs import Converter

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Return a dataclass, or what holds dataclasses, as dicts, lists, numbers, texts and None.

    An object of any other class, such as an array, stays as it is.
    """
    return CONVERTER.unstructure(value)


def from_plain(kind: type[T], plain: Any) -> T:
    """Return the `kind` that `to_plain` made `plain` of.

    Args:
        kind: a dataclass, or the annotation of a field.
        plain: what `to_plain` gave, objects that stayed as they were included; names that are no field of
            `kind` are left out.

    Raises:
        KeyError: with the name of a field that has no default and is not there.
        TypeError: "... is no ..." for another value where an object is to stay as it is.
    """
    return CONVERTER.structure(plain, kind)


def to_json(value: Any, indent: int | None = None) -> str:
    """Return JSON, in one line unless it is indented; whatever this project writes as JSON is written here.

    Raises:
        TypeError: "... is not JSON serializable" for a value of a kind that JSON does not know.
    """
    separators = (",", ":" if indent is None else ": ")
    return json.dumps(to_plain(value), indent=indent, separators=separators, allow_nan=False)


def from_json(kind: type[T], text: str | bytes) -> T:
    """Return the `kind` that `to_json` made `text` of."""
    return from_plain(kind, json.loads(text))


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _from_number(value: float | None, _: Any) -> float:
    return math.nan if value is None else float(value)


def _finite(value: Any) -> Any:
    """Return `value` with None for numbers that JSON does not know, and lists for tuples."""
    # Numbers, of which there are hundreds in a trial, come first.
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def _held(value: Any, kind: Any) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


def _is_free(kind: Any) -> bool:
    return get_origin(kind) is Mapping and get_args(kind)[1] is Any


def _converter() -> Converter:
    # The sum of all faults that cattrs can tell takes time, and what is read was written by this mapper.
    converter = Converter(
        detailed_validation=False,
        unstruct_collection_overrides={tuple: list},
        structure_fallback_factory=lambda _: _held,
    )
    converter.register_unstructure_hook(float, _number)
    converter.register_structure_hook(float, _from_number)
    converter.register_unstructure_hook_func(_is_free, _finite)
    converter.register_structure_hook_func(_is_free, lambda plain, _: plain)
    return converter


CONVERTER = _converter()
"""To be copied where a part of the project has kinds of its own."""
