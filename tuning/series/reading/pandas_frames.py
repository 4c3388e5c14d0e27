"""What pandas alone has -> what all data frames have: an index becomes columns, a period its beginning.

An index of times is the time of the rows, whether or not somebody names it; of an index of several levels
the one of times is the time, and one other level tells series apart. pandas itself is not imported: who has
such a frame has imported it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from ....search_spaces.errors import UserError
from .foreign import as_name


@dataclass(frozen=True)
class Index:
    """What became of the index of a frame.

    Args:
        time: the column that holds its times; empty for none.
        id: the column that holds its other level; empty for none.
        only: the one column of a pandas Series that was named beside its index; None for a frame.
        notes: sentences for the user.
    """

    time: str = ""
    id: str = ""
    only: Any = None
    notes: tuple[str, ...] = ()


def plain_frame(source: Any) -> tuple[Any, Index]:
    """Return a frame without an index of times, and what became of it.

    Raises:
        UserError: when a column has the name of the index.
    """
    pandas = sys.modules.get("pandas")
    if pandas is None or not isinstance(source, pandas.DataFrame | pandas.Series):
        return source, Index()
    levels = source.index.levels if isinstance(source.index, pandas.MultiIndex) else [source.index]
    timed = [place for place, level in enumerate(levels) if _holds_times(pandas, level)]
    only = None
    if not timed:
        return _without_periods(pandas, source), Index()
    if isinstance(source, pandas.Series):
        only = "y" if source.name is None else source.name
        source = source.to_frame("y")
    text = [as_name(only)] if only is not None else [as_name(name) for name in source.columns]
    source = source.set_axis(pandas.Index(text, dtype=object), axis=1)
    names = [
        name if name is not None else "time" if place == timed[0] else f"level {place}"
        for place, name in enumerate(source.index.names)
    ]
    try:
        # Positions, and not names, which may be tuples or repeat.
        frame = source.set_axis(source.index.set_names(names)).reset_index()
    except ValueError:
        raise UserError(
            f"the index of the data frame and one of its columns are both named {shown_names(names)}; "
            "rename one of them"
        ) from None
    columns = [as_name(column) for column in frame.columns[: len(names)]]
    time = columns[timed[0]]
    others = [name for name in columns if name != time]
    id = others[0] if len(others) == 1 else ""
    told = f"its times are the time of the rows, by the name {time!r}" + (
        f", and {id!r} tells series apart" if id else ""
    )
    return _without_periods(pandas, frame), Index(time, id, only, (f"the frame has an index: {told}.",))


def shown_names(names: list[Any]) -> str:
    """Return the names of levels for a message."""
    return " or ".join(repr(name) for name in names)


def _holds_times(pandas: Any, index: Any) -> bool:
    return isinstance(index, pandas.DatetimeIndex | pandas.PeriodIndex) and len(index) > 0


def _without_periods(pandas: Any, source: Any) -> Any:
    """Return a frame or Series in which the beginning of a period stands for the period."""
    if isinstance(source, pandas.Series):
        return source.dt.to_timestamp() if isinstance(source.dtype, pandas.PeriodDtype) else source
    places = [place for place, dtype in enumerate(source.dtypes) if isinstance(dtype, pandas.PeriodDtype)]
    if not places:
        return source
    columns = [
        source.iloc[:, place].dt.to_timestamp() if place in places else source.iloc[:, place]
        for place in range(source.shape[1])
    ]
    return pandas.concat(columns, axis=1).set_axis(source.columns, axis=1)
