"""What may be searched: profiles of widths, and the space of stacked LSTMs.

`StackedLSTM`, `Space` and `as_space` import Keras, and `linear_forecast` NumPy, so they are loaded when first
asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import UserError
from .parts import Interval, Options
from .profile import Profile

if TYPE_CHECKING:
    from .linear_fit import linear_forecast
    from .own_space import as_space
    from .space import Space
    from .stacked_lstm import StackedLSTM
else:
    from .on_demand import on_demand

    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "Space": ".space",
            "StackedLSTM": ".stacked_lstm",
            "as_space": ".own_space",
            "linear_forecast": ".linear_fit",
        },
    )

__all__ = [
    "Interval",
    "Options",
    "Profile",
    "Space",
    "StackedLSTM",
    "UserError",
    "as_space",
    "linear_forecast",
]
