"""What a table holds as a Series, with all that is missing in it: to be described, not to be trained on."""

from __future__ import annotations

import dataclasses

from ..frequency import season_of
from ..series import Series
from ..words import counted
from .missing import stretches
from .parsed import Parsed
from .rows import sort_rows
from .steps import step_of


def unmended(parsed: Parsed, name: str) -> tuple[Series, tuple[str, ...]]:
    """Return the rows of a table in the order of time, and what there is to say of them.

    Args:
        parsed: what the table holds; numeric columns alone.
        name: of the data.
    """
    rows, moved = sort_rows(parsed.rows())
    step = step_of(rows, None, name)
    series = dataclasses.replace(
        parsed.series(name, rows, stretches(~rows.same)),
        frequency=step.name if step else None,
        season=season_of(step, None),
        zone=rows.zone,
    )
    gaps = rows.gaps(step)
    told = f"{counted(int((gaps > 0).sum()), 'gap')} in time ({counted(int(gaps.sum()), 'row')} missing)."
    return series, (*moved, *([told] if gaps.any() else []))
