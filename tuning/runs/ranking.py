"""The first of a store's trials, in the order of `best.ranked`.

Several watchers ask for them at each end of a trial, and to read them took as long as to write the trial. So
what was found is remembered until a trial comes that may be among them: few do, once a search has many.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from ...search_spaces.best import counts_from_the_last_value, ranked
from ...search_spaces.trial import Trial
from .schema import AGAIN, HAS_RANK, LAST, REPEATED

_RANKED = f"{HAS_RANK} ORDER BY best_val_loss, number"
Read = Callable[..., list[Trial]]
"""Returns the trials of a store that a clause of SQL, with its arguments, chooses."""


class Ranking:
    """What a store knows of the best of its trials.

    Args:
        remembers: whether all that changes them is told here, after it was written.
    """

    def __init__(self, remembers: bool) -> None:
        self._remembers = remembers
        self._asked = 0
        self._found: list[Trial] = []
        # Who reads while another thread writes may find what was before: that one, which waits to tell of it,
        # then has it forgotten.
        self._one_at_a_time = threading.Lock()

    def first(self, count: int, read: Read) -> list[Trial]:
        """Return so many of the trials that ended, or all there are; failed ones are left out."""
        if not self._remembers:
            return first(count, read)
        with self._one_at_a_time:
            if self._asked < count:
                self._found, self._asked = first(count, read), count
            return self._found[:count]

    def put(self, trial: Trial) -> None:
        """Hear that a trial was written, a new one or an earlier one anew."""
        with self._one_at_a_time:
            if not self._leaves(trial):
                self._asked = 0

    def forget(self) -> None:
        """Hear that trials were changed in another way."""
        with self._one_at_a_time:
            self._asked = 0

    def _leaves(self, trial: Trial) -> bool:
        """Whether a trial that was written leaves the first ones as they were found."""
        if trial.again or trial.repeated or any(one.number == trial.number for one in self._found):
            return False
        if not trial.status.ended or trial.score is None:
            return True
        # Behind them all it changes nothing, unless it is the only one that needs no margin.
        behind = all(one.score is not None and trial.score > one.score for one in self._found)
        alone = counts_from_the_last_value(trial) and not any(map(counts_from_the_last_value, self._found))
        return behind and not alone and len(self._found) == self._asked


def first(count: int, read: Read) -> list[Trial]:
    """Return so many of the trials that ended, or all there are, as the store has them."""
    # First comes the trial of the least loss, or the one of the least loss with scaling last, or one of
    # those that were trained again. What a repeat puts behind others makes room for as many of them.
    found = read(f"WHERE {REPEATED} AND {_RANKED}")
    more = len(found)
    found += read(f"WHERE {_RANKED} LIMIT ?", (count + more,))
    found += read(f"WHERE {LAST} AND {_RANKED} LIMIT ?", (1 + more,)) + trained_again(read)
    return ranked({one.number: one for one in found}.values())[:count]


def trained_again(read: Read) -> list[Trial]:
    """Return the trials that were trained again with other seeds."""
    return read(f"WHERE {AGAIN} AND {_RANKED}")
