"""Schedule: between engine and algorithm, so that a search does not depend on which trial ended first.

Trials are trained side by side and end in any order. The algorithm is told their results in the order
of their numbers, and before trial n it is told those up to n - `LAG` - 1 and no others: what it
proposes is then a function of the seed alone, on any number of cores up to `LAG` + 1, however long
each trial takes. The price is that the newest results are used a little later.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from .algorithms.base import Algorithm, PastTrial, Proposal
from .engines.base import FAILED
from .runs.store import RUNNING, TrialRow

LAG = 8
"""How many trials may be under way, or ended but not told, when the next one is proposed."""


class Schedule:
    """Asks the algorithm for trials and tells it their results, in the order of trial numbers.

    Args:
        algorithm: new; it is restored when there are `rows`.
        rows: trials of an earlier start.
        state: what `state` gave with the newest of them; None for a new search.
    """

    def __init__(
        self, algorithm: Algorithm, rows: Sequence[TrialRow], state: Mapping[str, Any] | None
    ) -> None:
        self.algorithm = algorithm
        self.started = len(rows)
        self.told = 0 if state is None else int(state["told"])
        self._results = {
            row.number: None if row.status == FAILED else row.best_val_loss
            for row in rows
            if row.status != RUNNING and row.number >= self.told
        }
        self._taken_up = {row.number for row in rows if row.number >= self.told}
        # A place is asked for once: the algorithm gives a place that was not told its old trial again.
        self._places = itertools.count()
        if state is not None:
            algorithm.restore(state["algorithm"], [self._past(row) for row in rows])

    def next(self, trials: int) -> Proposal | None:
        """Return what to train next; None when there is nothing, for now or for ever.

        Args:
            trials: how many trials there may be in all; those that an earlier start left in training
                come first and were counted when they began.
        """
        while self._taken_up:
            proposal = self.algorithm.ask(next(self._places))
            if proposal is None:
                break
            self._taken_up.discard(proposal.number)
            if proposal.number not in self._results:
                return proposal
        while self.started < trials:
            while self.told < self.started - LAG:
                if not self._tell():
                    return None
            proposal = self.algorithm.ask(next(self._places))
            if proposal is not None:
                self.started += 1
                return proposal
            if not self._tell():
                return None
        return None

    def ended(self, number: int, score: float | None) -> None:
        """Take the result of a trial: its best validation loss, or None when it failed."""
        self._results[number] = score

    def state(self) -> dict[str, Any]:
        """Return what goes with the trials into the store, fit for JSON."""
        return {"told": self.told, "algorithm": self.algorithm.state()}

    @property
    def finished(self) -> bool:
        """Whether no trial will ever come again, whatever the budget."""
        return not self._results and self.algorithm.finished

    def _tell(self) -> bool:
        """Tell the next result in order; False while its trial has not ended."""
        if self.told not in self._results:
            return False
        self.algorithm.tell(self.told, self._results.pop(self.told))
        self.told += 1
        return True

    def _past(self, row: TrialRow) -> PastTrial:
        """A row as the algorithm knew it: what it was not told of is still running."""
        told = row.number < self.told
        failed = row.status == FAILED
        return PastTrial(
            number=row.number,
            values=row.values,
            epochs=row.epochs,
            first_epoch=row.first_epoch,
            parent=row.parent,
            score=row.best_val_loss if told and not failed else None,
            status=RUNNING if not told else FAILED if failed else "completed",
            end_order=row.number if told else None,
        )
