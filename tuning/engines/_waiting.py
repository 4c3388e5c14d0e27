"""Waiting: trials in training of which it is not known yet whether they go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import Generic, TypeVar

from ...search_spaces.trial import Decision

Held = TypeVar("Held")

MOST_A_PLACE = 2
"""Trials under way for each place of an engine that begins others while some wait. Replayed on two places
(`benchmarks/ending.py`), two make up for the waiting, and four are no faster; each holds its weights."""


class Waiting(Generic[Held]):
    """Holds what an engine knows of a trial until its decision is known.

    A trial waits for trials of lower numbers alone, and these are in training: the lowest one never waits.
    It is asked about again when the one that it is `Decision.behind` has come further or ended, so an engine
    tells of every epoch (`add`) and of every end that comes without one (`drop`).
    """

    def __init__(self) -> None:
        self._held: dict[int, tuple[Held, Decision]] = {}
        self._behind: defaultdict[int, set[int]] = defaultdict(set)
        self._moved: set[int] = set()

    def add(self, number: int, held: Held, decision: Decision) -> None:
        """Take what was answered to a trial's newest epoch."""
        self._held[number] = held, decision
        self._moved.add(number)

    def __len__(self) -> int:
        return len(self._held)

    def drop(self, number: int) -> None:
        """Forget a trial, if it is there: it ended without being told."""
        self._held.pop(number, None)
        self._moved.add(number)

    def wake(self, number: int) -> None:
        """Have a trial that waits asked about again, and those behind it."""
        self._moved.add(number)

    def decided(self) -> Iterator[tuple[Held, Decision]]:
        """Yield each trial whose decision is known by now, lowest number first; it waits no longer.

        The next trial is asked about only when the one before was dealt with: it may have waited for its end.
        """
        asked = [number for moved in self._moved for number in (moved, *self._behind.pop(moved, ()))]
        self._moved = set()
        heapify(asked)
        while asked:
            number = heappop(asked)
            if number not in self._held:  # dropped, or decided a moment ago
                continue
            held, decision = self._held[number]
            if decision.again is not None:
                decision = decision.again()
            if decision.again is None:
                del self._held[number]
                yield held, decision
                for one in self._behind.pop(number, ()):
                    heappush(asked, one)
            else:
                assert decision.behind is not None, "it waits for a trial"
                self._behind[decision.behind].add(number)
