"""Files, frames and arrays -> Series -> Windows; synthetic families.

Reading imports polars, so it is loaded when first asked for. Nothing else here imports `reading`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .reading import read_series, write_series
    from .series import Series
else:
    from ...search_spaces.on_demand import on_demand

    __getattr__, __dir__ = on_demand(
        __name__, {"Series": ".series", "read_series": ".reading", "write_series": ".reading"}
    )

__all__ = ["Series", "read_series", "write_series"]
