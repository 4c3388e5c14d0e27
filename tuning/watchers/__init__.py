"""Watchers: who is told what happens in a search. One file is one watcher; `base.py` says what it must do."""

from __future__ import annotations

from ...search_spaces.by_file import classes_by_file
from ._telling import Telling
from .base import Start, Watcher

__all__ = ["Start", "Telling", "Watcher", "watchers"]


def watchers(start: Start) -> list[Watcher]:
    """Return the watchers of a search, in the order in which they are told."""
    kinds = sorted(classes_by_file(__package__, Watcher).values(), key=lambda kind: kind.place)
    made = (kind.of(start) for kind in kinds)
    return [watcher for watcher in made if watcher is not None]
