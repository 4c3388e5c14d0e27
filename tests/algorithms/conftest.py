"""A search without training, which every algorithm can be driven through."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from narrows.search_spaces.trial import Proposal, Status, Trial
from narrows.tuning.algorithms.base import Algorithm

Score = Callable[[Proposal], float | None]


class Rehearsal:
    """Keeps `places` busy; `score` stands for training. Which trial ends next is fixed, but not in order.

    Attributes:
        past: every trial so far, by number, as a store would know it.
    """

    def __init__(self, algorithm: Algorithm, score: Score, *, trials: int, places: int = 1) -> None:
        self.algorithm, self.score, self.trials = algorithm, score, trials
        self.past: dict[int, Trial] = {}
        self.running: set[int] = set()
        self.places = places
        self.ended = 0
        self.waiting = 0
        self.idle = False

    def run(self, steps: int | None = None) -> Rehearsal:
        """Take so many steps, each one `ask` or one `tell`; all of them by default."""
        while (steps is None or steps > 0) and self.step():
            steps = None if steps is None else steps - 1
        return self

    def step(self) -> bool:
        """Ask when a place is free, else end a trial; return whether there was anything to do."""
        if (
            len(self.running) < self.places
            and not self.idle
            and (self.waiting or len(self.past) < self.trials)
        ):
            self._ask()
        elif self.running:
            numbers = sorted(self.running)
            self._tell(numbers[7 * self.ended % len(numbers)])
        else:
            return False
        return True

    def resumed(self, algorithm: Algorithm) -> Rehearsal:
        """Return the same search with a new algorithm that went through the store."""
        state = json.loads(json.dumps(self.algorithm.state()))
        again = Rehearsal(algorithm, self.score, trials=self.trials, places=self.places)
        again.past, again.ended, again.waiting = dict(self.past), self.ended, len(self.running)
        algorithm.restore(state, sorted(self.past.values(), key=lambda past: -past.number))
        return again

    @property
    def proposals(self) -> list[Proposal]:
        """All trials, by number."""
        return [self.past[number].proposal for number in sorted(self.past)]

    def _ask(self) -> None:
        proposal = self.algorithm.ask()
        self.idle = proposal is None
        if proposal is None:
            return
        if proposal.number in self.past:
            assert proposal == self.past[proposal.number].proposal
            self.waiting -= 1
        else:
            assert not self.waiting, "a new trial came before those to take up again"
        self.running.add(proposal.number)
        self.past[proposal.number] = Trial(**vars(proposal))

    def _tell(self, number: int) -> None:
        past = self.past[number]
        score = self.score(past.proposal)
        self.algorithm.tell(number, score)
        status = Status.FAILED if score is None else Status.COMPLETED
        self.past[number] = replace(past, best_val_loss=score, status=status)
        self.ended += 1
        self.running.remove(number)
        self.idle = False


@pytest.fixture(scope="session")
def rehearse() -> type[Rehearsal]:
    """The class of searches without training."""
    return Rehearsal
