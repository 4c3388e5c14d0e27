"""Files, frames and arrays -> Series -> Windows; synthetic families.

The readers import polars, so they are loaded when first asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .read import read_series
    from .series import Series
    from .write import write_series

__all__ = ["Series", "read_series", "write_series"]

_HOMES = {"Series": "series", "read_series": "read", "write_series": "write"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
