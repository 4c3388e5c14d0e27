"""Algorithm: which trial comes next. This file is what a new algorithm must do.

A search calls `ask` for each free place, trains what it gets, and calls `tell` when a trial ended,
always from one thread. What is asked next is a function of the seed and of the trials so far alone,
never of hidden state or of the clock: a search that was stopped anywhere and restored goes on as if
it had never stopped, and the same seed gives the same search.

A new algorithm is one file in this folder with a class `Search`. It may derive from `Algorithm`, or,
with less to write, from `OracleAlgorithm` (in `_oracle`) and give a KerasTuner `populate_space`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

COMPLETED, FAILED, RUNNING = "completed", "failed", "running"


@dataclass(frozen=True)
class Proposal:
    """A trial to train.

    Args:
        number: names the trial in this search, from 0.
        values: active hyperparameters by name.
        epochs: train up to this epoch, counted from 1.
        first_epoch: epochs that are already done; above 0 the trial goes on from `parent`.
        parent: number of the trial to go on from, or None.
    """

    number: int
    values: dict[str, Any]
    epochs: int
    first_epoch: int = 0
    parent: int | None = None


@dataclass(frozen=True)
class PastTrial(Proposal):
    """A trial of the search that is restored.

    Args:
        score: best validation loss; None while running and when it failed.
        status: `completed`, `failed` or `running`; a running trial is taken up again.
        end_order: place in the order in which trials ended; None while running.
    """

    score: float | None = None
    status: str = RUNNING
    end_order: int | None = None


class Algorithm(ABC):
    """Chooses the trials of one search.

    Attributes:
        keeps_states: whether a trial may be gone on from, so that outcomes must keep their state.
    """

    keeps_states: bool = False

    @abstractmethod
    def ask(self, place: int) -> Proposal | None:
        """Return the trial to train at a place (0 to places - 1).

        A place whose trial has not ended gets that trial again. No two trials mean the same model
        (`Space.canonical`), except a trial and the one it goes on from. None is "nothing": for ever
        when `finished`, otherwise until the next trial has ended.
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

    def state(self) -> dict[str, Any]:
        """Return what `restore` needs and cannot derive from the trials; small, and fit for JSON."""
        return {}

    @abstractmethod
    def restore(self, state: dict[str, Any], trials: Sequence[PastTrial]) -> None:
        """Go on from an earlier search with the same arguments; called once, before anything else.

        Running trials are given out first by `ask`, as they were, lowest number first.

        Args:
            state: what `state` returned after the last `ask` or `tell`.
            trials: all trials of that search, in any order.
        """
