"""Engines: how trials are trained. One file is one engine; `base.py` says what a new one must do."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ...search_spaces.errors import UserError, did_you_mean

if TYPE_CHECKING:
    from ...search_spaces.space import Space
    from ..series.windows import Windows
    from .base import Engine


def names() -> list[str]:
    """Return the names of all engines: the modules of this folder. Imports none of them."""
    return [module.name for module in pkgutil.iter_modules(__path__) if module.name != "base"]


def make(name: str, space: Space, windows: Windows, patience: int = 0) -> Engine:
    """Return the engine called `name`.

    Raises:
        UserError: when there is no such engine.
    """
    return _class(name)(space, windows, patience)


def refusal(name: str, space: Any) -> str:
    """Return why the engine called `name` cannot train `space`; empty when it can."""
    return _class(name).refuses(space)


def _class(name: str) -> type[Engine]:
    """The subclass of `Engine` that the module or folder of that name defines."""
    from .base import Engine

    if name not in names():
        raise UserError(f"there is no engine {name!r}{did_you_mean(name, names())}")
    module = import_module(f".{name}", __name__)
    classes = [
        found for found in vars(module).values() if isinstance(found, type) and issubclass(found, Engine)
    ]
    return next(found for found in classes if found.__module__.startswith(module.__name__))
