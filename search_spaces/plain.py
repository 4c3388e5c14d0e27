"""Frozen dataclasses to plain values, as JSON knows them, and back: the one mapper of the project.

    text = to_json(trial)
    trial = from_json(RecordedTrial, text)

What a value is told by the annotation of its field. A number that is not finite is null; null is NaN again
in a `float` field, and None in a `float | None` field. Enums are their values, tuples are lists. A
`Mapping[str, Any]` is kept as it is, but for its numbers that are not finite.

Nothing is made to fit: a value of another kind than its field says is `Unreadable`. What is read may come
from somebody else's folder, and would else be met far away as a number that is a text.
"""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, get_args, get_origin

from cattrs import BaseConverter, Converter

from .errors import line_of

T = TypeVar("T")
_IN_A_LINE = json.JSONEncoder(separators=(",", ":"), allow_nan=False)
"""Made once: that takes longer than to write the values of a trial."""


class Unreadable(ValueError):
    """What was read is not what `to_plain` makes of such an object; says in a line what is wrong."""


def to_plain(value: Any) -> Any:
    """Return a dataclass, or what holds dataclasses, as dicts, lists, numbers, texts and None.

    An object of any other class, such as an array, stays as it is.
    """
    return CONVERTER.unstructure(value)


def from_plain(kind: type[T], plain: Any, converter: Converter | None = None) -> T:
    """Return the `kind` that `to_plain` made `plain` of.

    Args:
        kind: a dataclass, a `TypedDict`, or the annotation of a field.
        plain: what `to_plain` gave, objects that stayed as they were included; names that are no field of a
            dataclass are left out.
        converter: a copy of `CONVERTER` that knows more kinds; None is `CONVERTER`.

    Raises:
        Unreadable: "'units' is not there" for a field that has no default, "'8' is no int" for a value of
            another kind.
    """
    try:
        return (converter or CONVERTER).structure(plain, kind)
    except KeyError as error:
        raise Unreadable(f"{error} is not there") from None
    except (AttributeError, OverflowError, RecursionError, TypeError, ValueError) as error:
        raise Unreadable(line_of(error)) from None


def to_json(value: Any, indent: int | None = None) -> str:
    """Return JSON, in one line unless it is indented; whatever this project writes as JSON is written here.

    Raises:
        TypeError: "... is not JSON serializable" for a value of a kind that JSON does not know.
    """
    encoder = _IN_A_LINE if indent is None else json.JSONEncoder(indent=indent, allow_nan=False)
    return encoder.encode(to_plain(value))


def from_json(kind: type[T], text: str | bytes) -> T:
    """Return the `kind` that `to_json` made `text` of.

    Raises:
        Unreadable: as in `from_plain`, and where the text is no JSON.
    """
    return from_plain(kind, read_json(text))


def read_json(text: str | bytes) -> Any:
    """Return what a JSON text holds.

    Raises:
        Unreadable: when it is no JSON.
    """
    try:
        return json.loads(text)
    except (RecursionError, TypeError, ValueError) as error:
        raise Unreadable(line_of(error)) from None


def reads_as_number(text: str) -> bool:
    """Return whether Python reads a text as a number; `nan` and `inf` are numbers."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _from_number(value: float | None, _: Any) -> float:
    return math.nan if value is None else float(_exactly(value, float, int))


def _exactly(value: Any, *kinds: type) -> Any:
    if type(value) not in kinds:
        raise TypeError(f"{reprlib.repr(value)} is no {kinds[0].__name__}")
    return value


def _named(value: Any, kind: Any) -> Any:
    """Return a value of exactly this kind; of an enum of texts, the member that it names."""
    return _exactly(value, kind) if kind in (bool, int, str) else kind(value)


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
        raise TypeError(f"{reprlib.repr(value)} is no {kind.__name__}")
    return value


def _is_list(kind: Any) -> bool:
    origin: Any = get_origin(kind)
    return origin is list or origin is tuple


def _of_list(kind: Any, converter: BaseConverter) -> Callable[[Any, Any], Any]:
    """Return what makes `list[X]`, `tuple[X, ...]` or `tuple[X, Y]` of a list, and of nothing else."""
    whole, kinds = get_origin(kind), get_args(kind)
    alike = whole is list or kinds[-1] is Ellipsis
    hooks = [(converter.get_structure_hook(one), one) for one in kinds if one is not Ellipsis]

    def made(plain: Any, _: Any) -> Any:
        _exactly(plain, list, tuple)
        each = hooks * len(plain) if alike else hooks
        return whole(make(item, one) for item, (make, one) in zip(plain, each, strict=True))

    return made


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
    converter.register_structure_hook_func(_is_free, lambda plain, _: _held(plain, dict))
    for kind in (bool, int, str):
        converter.register_structure_hook(kind, _named)
    converter.register_structure_hook_factory(_is_list, _of_list)
    return converter


CONVERTER = _converter()
"""To be copied where a part of the project has kinds of its own."""
