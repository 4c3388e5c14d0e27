"""Names of a package that are imported when first asked for, and that `dir` and the tab key know before.

    if not TYPE_CHECKING:
        __getattr__, __dir__ = on_demand(__name__, {"Run": ".run"})

`dir` tells the `__all__` of the package, and nothing that the package only happened to import. A type checker
must not see the pair: it takes a module with a `__getattr__` for one that has every name.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def on_demand(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the functions `__getattr__` and `__dir__` of a package (PEP 562).

    Args:
        package: its `__name__`.
        homes: the module of each name, relative to the package; `.NAME` for NAME itself is that module.
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules[package]
            )
        module = import_module(homes[name], package)
        return module if homes[name] == f".{name}" else getattr(module, name)

    def names() -> list[str]:
        return sorted(vars(sys.modules[package])["__all__"])

    return get, names
