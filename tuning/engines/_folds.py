"""Folds: an engine that trains each trial on several folds, by engines that know of one each.

A trial is trained on the newest fold as ever: its epochs are reported, stopping rules end it, its weights are
kept. Once it has ended there, the same network is trained on the older folds, for at most as many epochs and
with the same patience, and the outcome tells the loss of each. A trial that diverges on one of them fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...search_spaces.trial import Decision, Epoch, Outcome, Proposal, Status, Trial
from ..stopping import Limits, Rules
from .base import Ask, End, Engine, Report, Task

TRIALS_A_PLACE = 2
"""That are trained on the newest fold before the older ones have their turn."""


class Folds(Engine):
    """Trains on the newest fold, then on the older ones.

    Args:
        newest: the engine of the search's own windows.
        older: makes the engines of the folds before that, the later ones first; called when first needed.
        patience: epochs without a better validation loss that end a training on an older fold; 0 is never.
    """

    def __init__(self, newest: Engine, older: Sequence[Callable[[], Engine]], patience: int) -> None:
        super().__init__(newest.space, newest.windows, newest.callbacks, newest.cache)
        self.places, self.most_a_place = newest.places, newest.most_a_place
        self.device, self.remark = newest.device, newest.remark
        self._newest, self._make, self._patience = newest, older, patience
        self._older: list[Engine] = []

    def recall(self, begun: Sequence[Proposal]) -> None:
        """Learn of trials that were begun before; see `Engine.recall`."""
        self._newest.recall(begun)

    def planned(self, task: Task) -> Task:
        """Return `task` as it is trained on the newest fold; see `Engine.planned`."""
        return self._newest.planned(task)

    def wake(self, number: int | None = None) -> None:
        """Have the engine that trains ask again; see `Engine.wake`."""
        for engine in (self._newest, *self._older):
            engine.wake(number)

    def train(self, ask: Ask, report: Report, end: End) -> None:
        """Train what `ask` gives on each fold; see `Engine.train`."""
        while ended := self._on_newest(ask, report, end):
            wanted = [one for one in ended.values() if one.outcome.status != Status.FAILED]
            for fold, engine in enumerate(self.folds[1:], start=1):
                self._on_older(engine, fold, wanted)
                engine.close()  # else each fold would keep processes of its own
            self.held.clear()
            for number in sorted(ended):
                end(ended[number].whole(1 + len(self._make)))

    def predict(
        self, values: Mapping[str, Any], weights: Sequence[np.ndarray], rows: np.ndarray
    ) -> np.ndarray:
        """Return the scaled forecasts of a trial's network, that of the newest fold; see `Engine.predict`."""
        return self._newest.predict(values, weights, rows)

    @property
    def folds(self) -> Sequence[Engine]:
        """The engines of all folds; see `Engine.folds`."""
        if not self._older:
            self._older = [make() for make in self._make]
            for engine in self._older:
                engine.follow(self._newest)
        return [self._newest, *self._older]

    def close(self) -> None:
        """Let go of what the engines keep; see `Engine.close`."""
        for engine in (self._newest, *self._older):
            engine.close()

    def _on_newest(self, ask: Ask, report: Report, end: End) -> dict[int, _Ended]:
        """Train some trials on the newest fold; return those that ended there, by number."""
        asked: dict[int, Task] = {}
        seen: dict[int, int] = {}
        ended: dict[int, _Ended] = {}

        def ask_for_some() -> Task | None:
            task = ask() if len(asked) < TRIALS_A_PLACE * self.places else None
            if task is not None:
                asked[task.number] = task
            return task

        def reported(epoch: Epoch) -> Decision:
            seen[epoch.number] = epoch.epoch
            return report(epoch)

        def hold(outcome: Outcome) -> None:
            if not outcome.status.ended:
                end(outcome)
                return
            self.held.add(outcome.number)
            task = asked[outcome.number]
            epochs = seen.get(task.number, 0) if outcome.status == Status.STOPPED else task.epochs
            ended[outcome.number] = _Ended(task, outcome, epochs)

        self._newest.train(ask_for_some, reported, hold)
        return ended

    def _on_older(self, engine: Engine, fold: int, wanted: Sequence[_Ended]) -> None:
        """Train the same networks on an older fold."""
        waiting = [one for one in sorted(wanted, key=lambda one: one.task.number) if not one.reason]
        training: dict[int, Trial] = {}
        rules = Rules(Limits(self._patience))

        def ask() -> Task | None:
            if not waiting:
                return None
            task = waiting.pop(0).on(fold)
            training[task.number] = Trial(task.number, task.values, task.epochs)
            return task

        def report(epoch: Epoch) -> Decision:
            trial = training[epoch.number] = training[epoch.number].after(epoch)
            asked = epoch.finite and epoch.epoch < trial.epochs
            return rules.judge(trial, epoch, {}) if asked else Decision()

        by_number = {one.task.number: one for one in wanted}
        engine.train(ask, report, lambda outcome: by_number[outcome.number].add(fold, outcome, training))


class _Ended:
    """A trial that ended on the newest fold.

    Args:
        task: as it was given.
        outcome: on the newest fold.
        epochs: for which it is trained on older ones.
    """

    def __init__(self, task: Task, outcome: Outcome, epochs: int) -> None:
        self.task, self.outcome, self.epochs = task, outcome, epochs
        self.losses = [outcome.best_val_loss]
        self.weights: list[Sequence[np.ndarray]] = []
        self.secs = 0.0
        self.reason = ""

    def on(self, fold: int) -> Task:
        """Return what is to be trained on an older fold, always from its first epoch."""
        task = self.task
        return Task(task.number, task.values, max(self.epochs, 1), seed=task.seed, fold=fold, tag=task.tag)

    def add(self, fold: int, outcome: Outcome, training: Mapping[int, Trial]) -> None:
        """Take how it ended on an older fold."""
        self.secs += training[outcome.number].secs
        self.losses.append(outcome.best_val_loss)
        self.weights.append(outcome.weights)
        if outcome.status == Status.FAILED:
            self.reason = f"on the fold {fold} before the newest one: {outcome.reason}"

    def whole(self, folds: int) -> Outcome:
        """Return how it ended on all folds."""
        if self.outcome.status == Status.FAILED:
            return self.outcome
        if self.reason:
            return replace(self.outcome, status=Status.FAILED, reason=self.reason, fold_secs=self.secs)
        assert len(self.losses) == folds
        losses, weights = tuple(self.losses), tuple(self.weights)
        return replace(self.outcome, folds=losses, fold_weights=weights, fold_secs=self.secs)
