"""What a notebook shows of a run: the best trial, what the answer says, the history, the best trials.

It is small and needs neither JavaScript nor another file, so it also shows where notebooks are only read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...callbacks.figures import draw
from .about import answered
from .markup import Html, codes, element
from .still import still
from .trials import best_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..runs.folder import RunFolder

ROWS = 8
"""Trials in the table."""
COLUMNS = ("trial", "profile", "loss", "parameters", "worst_kept", "effective", "status", "secs")


def card(run: RunFolder, next_steps: Sequence[str]) -> Html:
    """Return a run as HTML, in which all texts of the user are escaped.

    Args:
        run: to show.
        next_steps: what may be typed next.
    """
    search = run.recorded()
    title = element("h3", search.title)
    if not search.trials:
        return element("div", title, element("p", run.state, "."))
    return element(
        "div",
        title,
        answered(run),
        still(draw("history", search)),
        element("p", f"{run.state}.", "" if len(search.trials) <= ROWS else f" The best {ROWS}:"),
        best_table(search, ROWS, only=COLUMNS),
        element("p", codes(next_steps)),
    )
