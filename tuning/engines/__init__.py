"""Engines: how trials are trained. One file is one engine; `base.py` says what a new one must do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...search_spaces.by_file import class_in, file_names
from ...search_spaces.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from ...search_spaces.space import Space
    from ..series.windows import Windows
    from .base import Engine


def names() -> list[str]:
    """Return the names of all engines. Imports none of them."""
    return file_names(__package__)


def make(name: str, space: Space, windows: Windows, callbacks: Any = None, cache: bool = False) -> Engine:
    """Return the engine called `name`; see `Engine`.

    Raises:
        UserError: when there is no such engine.
    """
    return _class(name)(space, windows, callbacks, cache)


def refusal(name: str, space: Any, callbacks: Any = None) -> str:
    """Return why the engine called `name` cannot train `space` so; empty when it can."""
    return _class(name).refuses(space, callbacks)


def _class(name: str) -> type[Engine]:
    from .base import Engine

    if name not in names():
        raise UserError(f"there is no engine {name!r}{did_you_mean(name, names())}")
    # mypy takes an abstract class for no type; it is only compared with.
    return class_in(__package__, name, Engine)  # type: ignore[type-abstract]
