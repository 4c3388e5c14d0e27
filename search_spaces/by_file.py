"""One file, one plug-in: how all of them are found, so that a new one has to be told to nobody.

Algorithms, stopping rules, engines, measures, figures and synthetic families are each the files of one
folder. Files whose names begin with `_`, and `base`, help the others and are left out.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TypeVar

T = TypeVar("T")


def file_names(package: str) -> list[str]:
    """Return the names of the plug-ins in `package`, sorted; imports none of them."""
    path = import_module(package).__path__
    names = (module.name for module in pkgutil.iter_modules(path))
    return sorted(name for name in names if name != "base" and name[0] != "_")


def class_in(package: str, name: str, kind: type[T]) -> type[T]:
    """Return the class derived from `kind` that the file, or folder, `name` of `package` defines."""
    module = import_module(f"{package}.{name}")
    return next(
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, kind) and one.__module__.startswith(module.__name__)
    )


def classes_by_file(package: str, kind: type[T]) -> dict[str, type[T]]:
    """Return the class derived from `kind` in each file of `package`, by the name of the file, in order."""
    return {name: class_in(package, name, kind) for name in file_names(package)}
