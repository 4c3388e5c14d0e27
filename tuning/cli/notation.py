"""How a part of a space is typed: the notation that `Rule.read` reads, in its shortest form."""

from __future__ import annotations

from ...search_spaces.parts import Interval, Part, Value
from ...search_spaces.stack_parts import DEFAULTS, RULES


def typed(name: str, part: Part) -> str:
    """Return a part as a user would type it: `4..64`, `8,16` or `1..3:log`.

    The scale of an interval is told where it is not the usual one of this hyperparameter.

    Args:
        name: a hyperparameter, as in `stack_parts.read_parts`: `units_2` is typed like `units`.
        part: what is searched of it.
    """
    if not isinstance(part, Interval):
        return ",".join(map(_typed_value, part.values))
    usual = RULES["units" if name.startswith("units_") else name].log
    scale = "" if part.log == usual else f":{'log' if part.log else 'linear'}"
    return f"{_typed_value(part.low)}..{_typed_value(part.high)}{scale}"


def typed_default(name: str) -> str:
    """Return what `stack_parts.DEFAULTS` says of a hyperparameter, as a user would type it."""
    return typed(name, RULES[name].read(DEFAULTS[name]))


def _typed_value(value: Value) -> str:
    return str(value).removesuffix(".0")
