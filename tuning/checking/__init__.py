"""Checking a run folder: what in it is damaged, and mending what can be made again.

    whole.py     the order of things, under the lock of the run
    store.py     the database
    files.py     the files beside it, and those that nobody knows of
    record.py    the event files of TensorBoard
    findings.py  what was found, in sentences

Nothing is deleted that could not be made again: a damaged file moves to `damaged/` in the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .findings import Checked, Finding
    from .whole import check
else:
    from ...search_spaces.on_demand import on_demand

    __getattr__, __dir__ = on_demand(
        __name__, {"check": ".whole", "Checked": ".findings", "Finding": ".findings"}
    )

__all__ = ["Checked", "Finding", "check"]
