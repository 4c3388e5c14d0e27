"""A space for models of some windows: their shapes and statistics, and their ridge where it asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .ridge import ridge
from .windows import Windows

if TYPE_CHECKING:
    from ...search_spaces.space import Space


def shaped(space: Space, windows: Windows) -> Space:
    """Return a space for models of these windows; see `Space.shaped`.

    Raises:
        UserError: when its models do not fit them.
    """
    moments = [each.tolist() for each in windows.input_moments]
    # A space of the user's own may have a `shaped` that knows of no linear forecast.
    more: dict[str, Any] = {"linear": ridge(windows).linear} if space.wants_linear else {}
    return space.shaped(windows.input_shape, windows.output_shape, *moments, **more)
