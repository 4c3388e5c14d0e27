"""RunFolder: the facts that one job left on disk."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...callbacks.recorded import (
    DONE,
    INTERRUPTED,
    Declared,
    RecordedSearch,
    RecordedTrial,
    asked_of,
    studies_of,
)
from ...search_spaces.errors import UserError
from ...search_spaces.trial import Status, Trial
from ..series.windows import Windows
from .digests import KeptFiles
from .entry import enter
from .paths import RunPaths
from .snapshot import load_series
from .states import States
from .store import Store

if TYPE_CHECKING:
    from ...callbacks.studied import RecordedStudy
    from ..series.series import Series


class RunFolder:
    """A run as it is on disk.

    Args:
        folder: of the run.
        read_only: whether the store may be written; `start.started` is the way to a run that is written.

    Attributes:
        job: content of `job.json`.
        files: its files beside the store.
        given_space: what builds the models, for a run that searched a space of the user's own; else None.

    Raises:
        UserError: when the folder is not a run, or what it rests on was altered.
    """

    def __init__(self, folder: str | Path, *, read_only: bool = True) -> None:
        self.paths = RunPaths(folder)
        self.job = enter(self.paths)
        self.store = Store(self.paths.store, read_only=read_only)
        self.files = KeptFiles(self.folder, self.store)
        self.files.check(self.paths.job)
        self.given_space: Any = None

    @property
    def folder(self) -> Path:
        """Where the run is."""
        return self.paths.folder

    @property
    def name(self) -> str:
        """What the run is called: its folder's name."""
        return self.folder.resolve().name

    @property
    def hyperparameters(self) -> tuple[Declared, ...]:
        """What is searched, in the order of the space; empty before the search began."""
        with self.store.reading("hyperparameters"):
            return Declared.all_of(self.store.meta("hyperparameters") or [])

    @property
    def trials(self) -> list[Trial]:
        """Every trial, by number."""
        return self.store.trials()

    def is_done(self, trials: int) -> bool:
        """Whether at least `trials` trials were begun and all of them ended."""
        found = self.store.trials()
        return len(found) >= trials and all(trial.status.ended for trial in found)

    @property
    def best(self) -> Trial | None:
        """The best trial, see `search_spaces.best`; None while none has a score."""
        return next(iter(self.store.best()), None)

    @property
    def has_best_weights(self) -> bool:
        """Whether the weights of the best trial are there; true where there is no best trial."""
        best = self.best
        return best is None or self.paths.weights(best.number).exists()

    @property
    def state(self) -> str:
        """How many trials have ended, and which is the best, without a full stop."""
        trials, best = self.trials, self.best
        ended = sum(trial.status.ended for trial in trials)
        told = f"{ended:,} of {max(self.job['budget']['trials'], len(trials)):,} trials have ended"
        if best is None:
            return f"{told}, none with a score"
        return f"{told}; the best is {best.name} with a validation loss of {best.score:.5g}"

    @property
    def answer(self) -> dict[str, Any] | None:
        """What the search ended with, see `answers.answer`; None while it has not."""
        return self._answer()[0]

    def _answer(self) -> tuple[dict[str, Any] | None, dict[str, Any]]:
        """Return the answer, and what pictures are drawn from as fields of a `RecordedSearch`."""
        answer = self.store.answer()
        if answer is None:
            return None, {}
        drawn = {name: answer.pop(name) for name in ("forecasts", "units")}
        here = shlex.quote(str(self.folder))
        sentences = [said.replace(" RUN ", f" {here} ") for said in answer["sentences"]]
        return {**answer, "sentences": sentences}, drawn

    @property
    def studies(self) -> tuple[RecordedStudy, ...]:
        """Every study of the run, the newest last."""
        with self.store.reading("studies"):
            return studies_of(self.store.studies())

    @property
    def engine_name(self) -> str:
        """The engine that trained the trials: not always the one asked for."""
        return self.store.meta("engine", str) or self.job["engine"]

    @cached_property
    def series(self) -> Series:
        """The data of the run, as they were read."""
        with self.files.opened(self.paths.series) as file:
            return load_series(file)

    @cached_property
    def windows(self) -> Windows:
        """The windows every trial was trained on."""
        identity = self.job["identity"]
        cut = identity["lookback"], identity["horizon"], identity["split"]
        return Windows(self.series, *cut, own=identity["levels"] == "own")

    @cached_property
    def states(self) -> States:
        """The states that trials may go on from."""
        return States(self.paths, self.files)

    def trial(self, number: int | None = None) -> Trial:
        """Return one trial, the best one when no number is given.

        Raises:
            UserError: when there is no such trial, or none has a score yet.
        """
        if number is None:
            if self.best is None:
                raise UserError(f"{self.folder} has no trial with a score yet")
            return self.best
        found = self.store.trial(number)
        if found is None:
            count = len(self.trials)
            raise UserError(f"{self.folder} has no trial {number}; it has trials 0 to {count - 1}")
        return found

    def weights(self, trial: Trial) -> list[Any]:
        """Return the best-epoch weights of a trial.

        Raises:
            UserError: when they were not kept, or are no longer what was kept.
        """
        path = self.paths.weights(trial.number)
        if not path.exists() and not self.files.has(path):
            kept = self.job["budget"]["keep"]
            why = f"only the best {kept} are kept (--keep)"
            if trial.number in {one.number for one in self.store.best(kept)}:
                why = "they were damaged or removed; export another trial"
                if trial.number == self.trial().number:
                    why = "they were damaged or removed; the same `narrows tune` trains it once more"
            if trial.status not in (Status.COMPLETED, Status.STOPPED):
                why = "it failed" if trial.status == Status.FAILED else "it has not ended"
            raise UserError(f"the weights of trial {trial.name} are not there: {why}")
        return self.files.load(path)

    def check_files(self) -> None:
        """Raise a `UserError` when a file that the run may come to rest on is not what it wrote."""
        running = [trial.number for trial in self.trials if trial.status == Status.RUNNING]
        self.files.check_all(but=[self.paths.weights(number).parent for number in running])

    @property
    def notes(self) -> dict[str, str]:
        """What the user wrote of trials, by their number as text."""
        return self.store.notes()

    def recorded(self) -> RecordedSearch:
        """Return the search as plain data: its ended trials with what was measured of them, the answer."""
        measured, losses = self.store.narrowings(), self.store.losses()
        with self.store.reading("measures"):
            trials = tuple(
                RecordedTrial.of(trial, measured.get(trial.number), losses.get(trial.number, ()))
                for trial in self.trials
                if trial.status.ended
            )
        return replace(self.head(), trials=trials)

    def head(self) -> RecordedSearch:
        """Return the search without its trials; `done` where it has its answer, else `interrupted`."""
        answer, drawn = self._answer()
        with self.store.reading("what was asked"):
            asked = asked_of(self.store.meta("asked"))
        return RecordedSearch(
            title=self.name,
            loss=self.job["identity"]["loss"],
            hyperparameters=self.hyperparameters,
            answer=answer,
            studies=self.studies,
            asked=asked,
            state="" if asked is None else INTERRUPTED if answer is None else DONE,
            notes=self.notes,
            **drawn,
        )

    def recorded_trial(self, trial: Trial) -> RecordedTrial:
        """Return one trial as plain data, with what was measured of it."""
        number = trial.number
        losses = self.store.losses(number).get(number, ())
        with self.store.reading("measures"):
            return RecordedTrial.of(trial, self.store.narrowing(number), losses)

    def close(self) -> None:
        """Close the store."""
        self.store.close()
