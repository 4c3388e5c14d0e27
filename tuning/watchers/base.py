"""Watcher: is told what happens in a search. This file is what a new watcher must do.

The store is told first, always: what it does not know has not happened. All watchers are called from one
thread, in order, which is not the thread that trains: a slow one holds up no trial (`_telling`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from ...search_spaces.trial import Epoch, Outcome, Trial

if TYPE_CHECKING:
    from ...search_spaces.space import Space
    from ..runs.folder import RunFolder
    from ..series.windows import Windows


@dataclass(frozen=True)
class Start:
    """A search that starts.

    Args:
        run: where it is kept.
        space: what is searched.
        windows: the data.
        keep: trials whose weights are kept, the best ones.
        record: trials that keep a run of their own in TensorBoard.
    """

    run: RunFolder
    space: Space
    windows: Windows
    keep: int
    record: int


class Watcher:
    """Hears nothing; every watcher derives from it and overrides what it wants to hear.

    Attributes:
        place: order among the watchers, smallest first.
        with_store: whether what it does at a trial's end is part of the transaction in which the store is
            told of it: then the store knows the trial with what this watcher made of it, or not at all.
    """

    place: ClassVar[int] = 100
    with_store: ClassVar[bool] = False

    @classmethod
    def of(cls, start: Start) -> Self | None:
        """Return the watcher of a search, None where there is nothing to watch."""
        return cls()

    def began(self, trial: Trial) -> None:
        """Called when a trial begins, goes on after a pause, or is taken up again."""

    def epoch(self, epoch: Epoch) -> None:
        """Called after each epoch of a trial."""

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        """Called when a trial ended or paused.

        Args:
            trial: as it stands now.
            outcome: what the engine made of it.
        """

    def finished(self) -> None:
        """Called last, however the search ended; by then the answer is known, if there is one."""
