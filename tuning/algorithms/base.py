"""Algorithm: which trial comes next. This file is what a new algorithm must do.

A search calls `ask` whenever a place is free, trains what it gets, and calls `tell` when a trial ended,
always from one thread. What is asked next is a function of the seed and of the trials so far alone,
never of hidden state or of the clock: a search that was stopped anywhere and restored goes on as if
it had never stopped, and the same seed gives the same search.

A new algorithm is one file in this folder with one class, made with (space, seed=, epochs=, trials=). It may
derive from `Algorithm`, or, with less to write, from `OracleAlgorithm` (in `_oracle`) and give a KerasTuner
`populate_space`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from ...search_spaces.trial import Proposal, Trial


class Algorithm(ABC):
    """Chooses the trials of one search.

    Attributes:
        learns: whether what is proposed depends on what was told; if not, nobody waits for results.
    """

    learns: bool = True

    @abstractmethod
    def ask(self) -> Proposal | None:
        """Return the next trial to train.

        No two trials mean the same model (`Space.canonical`), except a trial and the one it goes on from.
        None is "nothing": for ever when `finished`, otherwise until the next trial has ended.
        """

    @property
    @abstractmethod
    def finished(self) -> bool:
        """Whether `ask` will never give another trial, for instance because all were tried."""

    @abstractmethod
    def tell(self, number: int, score: float | None) -> None:
        """Take the end of a trial that `ask` gave, or that was running in the search restored.

        Args:
            number: of the trial.
            score: best validation loss; None when it failed. NaN and infinity count as failed.

        Raises:
            ValueError: "trial ... is not running".
        """

    def goes_on(self) -> set[int]:
        """Return the trials that a later one may go on from, whose states must be kept; by default none."""
        return set()

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs and cannot derive from the trials; small, and fit for JSON."""
        return {}

    @abstractmethod
    def restore(self, state: dict[str, Any], trials: Sequence[Trial]) -> None:
        """Go on from an earlier search with the same arguments; called once, before anything else.

        Trials that have not ended are given out first by `ask`, as they were, lowest number first.

        Args:
            state: what `state` returned after the last `ask` or `tell`.
            trials: all trials of that search, in any order; one that was not told is running.

        Raises:
            Unreadable: when it is no state of such a search.
        """


def trial_seed(seed: int, number: int) -> int:
    """Return the seed of trial `number` in a search with `seed`: independent, and the same in any order."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0] >> 1)
