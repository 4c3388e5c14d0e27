"""Words for messages: counts, lists of names, times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MOST_SHOWN = 80
"""Characters of a cell of the user's, which may hold a whole book."""


def counted(number: int, one: str, many: str = "") -> str:
    """Return `1 row` or `2 rows`."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def brief(value: object) -> str:
    """Return a value as Python writes it, its beginning alone where it is long."""
    text = repr(value[:MOST_SHOWN] if isinstance(value, str) else value)
    return text if len(text) < MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def shown(names: Sequence[str]) -> str:
    """Return the first ten names, and how many there are when there are more."""
    return ", ".join(names[:10]) + (f", ... ({len(names)})" if len(names) > 10 else "")


def time_text(time: np.generic) -> str:
    """Return a time, `2016-07-01 13:00`, with no more of the clock than it needs."""
    if not isinstance(time, np.datetime64):
        return f"{time:.12g}"
    text = str(time).replace("T", " ").removesuffix(".000000").removesuffix(":00")
    return text.removesuffix(" 00:00")
