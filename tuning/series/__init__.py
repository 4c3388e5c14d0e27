"""Files, frames and arrays -> Series -> Windows; synthetic families.

Reading imports polars, so it is loaded when first asked for. Nothing else here imports `reading`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .reading import read_series, write_series
    from .series import Series

__all__ = ["Series", "read_series", "write_series"]

_HOMES = {"Series": "series", "read_series": "reading", "write_series": "reading"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
