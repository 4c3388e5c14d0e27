"""Keeps the record of a search in TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self

from ...callbacks.curve import Losses
from ...callbacks.hparams import declared
from ...callbacks.recorded import UNDER_WAY, Declared, RecordedTrial
from ...callbacks.search_record import SearchRecord
from ...search_spaces.plain import to_plain
from ...search_spaces.trial import Epoch, Outcome, Status, Trial
from ..models.measuring import BEST
from ..runs.folder import RunFolder
from ._asked import asked
from .base import Start, Watcher


class Record(Watcher):
    """Writes trials and, at the end, the answer, or that it was interrupted.

    Args:
        run: where.
        record: of its search.
    """

    place = 40

    def __init__(self, run: RunFolder, record: SearchRecord) -> None:
        self._run, self._record = run, record
        self._declared = {one.name for one in run.hyperparameters}
        self._losses: dict[int, dict[int, Losses]] = {}

    @classmethod
    def of(cls, start: Start) -> Self:
        run, hyperparameters = start.run, start.space.hyperparameters()
        run.store.set_meta("hyperparameters", to_plain(declared(hyperparameters)))
        run.store.set_meta("asked", to_plain(asked(start)))
        run.store.set_meta("record", start.record)
        search = replace(run.recorded(), state=UNDER_WAY)
        record = SearchRecord(run.paths.tensorboard, hyperparameters, search, most=start.record)
        return cls(run, record)

    def began(self, trial: Trial) -> None:
        self._join({name: value for name, value in trial.values.items() if name not in self._declared})
        if not self._record.is_open(trial.number):  # else it goes on after a pause
            self._record.begin(trial)
            self._losses[trial.number] = {}
            for epoch in self._run.store.epochs(trial.number):
                self.epoch(epoch)

    def _join(self, late: Mapping[str, Any]) -> None:
        """Let the pictures know what a space of the user's own asked for only now."""
        if not late:
            return
        new = [
            Declared(
                name, numeric=isinstance(value, int | float) and not isinstance(value, bool), always=False
            )
            for name, value in late.items()
        ]
        known = [*self._run.hyperparameters, *new]
        self._run.store.set_meta("hyperparameters", to_plain(known))
        self._declared |= set(late)

    def epoch(self, epoch: Epoch) -> None:
        self._losses[epoch.number][epoch.epoch] = epoch.epoch, epoch.loss, epoch.val_loss
        self._record.epoch(epoch)

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        if trial.status != Status.PAUSED:
            losses = self._losses.pop(trial.number)
            in_order = [losses[epoch] for epoch in sorted(losses)]
            self._record.end(RecordedTrial.of(trial, self._run.store.narrowing(trial.number), in_order))

    def finished(self) -> None:
        if self._run.answer is not None:
            search = self._run.recorded()
            for trial in search.ranked[:BEST]:
                self._record.measured(trial)  # in full by now
        self._record.conclude(self._run.head())
        self._record.close()
