"""What may be searched: profiles of widths, and the space of stacked LSTMs.

`StackedLSTM`, `Space` and `as_space` import Keras, so they are loaded when first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import UserError
from .parts import Interval, Options
from .profile import Profile

if TYPE_CHECKING:
    from .own_space import as_space
    from .space import Space
    from .stacked_lstm import StackedLSTM

__all__ = ["Interval", "Options", "Profile", "Space", "StackedLSTM", "UserError", "as_space"]


def __getattr__(name: str) -> Any:
    if name == "StackedLSTM":
        from .stacked_lstm import StackedLSTM

        return StackedLSTM
    if name == "Space":
        from .space import Space

        return Space
    if name == "as_space":
        from .own_space import as_space

        return as_space
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
