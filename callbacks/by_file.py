"""One file, one class: how measures and pictures are found, so that a new one has to be told to nobody."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TypeVar

T = TypeVar("T")


def classes_by_file(package: str, kind: type[T]) -> dict[str, type[T]]:
    """Return the class derived from `kind` in each file of `package`, by the name of the file, in order.

    Files whose names begin with `_` help the others and are left out.
    """
    path = import_module(package).__path__
    found: dict[str, type[T]] = {}
    for name in sorted(module.name for module in pkgutil.iter_modules(path) if module.name[0] != "_"):
        module = import_module(f"{package}.{name}")
        found[name] = next(
            one
            for one in vars(module).values()
            if isinstance(one, type) and issubclass(one, kind) and one.__module__ == module.__name__
        )
    return found
