"""The studies that were asked for, one after the other, in a run that is held for writing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from ...callbacks.studied import RecordedStudy
from ...search_spaces.errors import UserError
from ...search_spaces.plain import to_json
from .asked import Asked, asked_of, given_of, left_out, network_of, reading_of, shared_by
from .conduct import Shows, Study
from .losses import spread_of
from .paired import looks
from .result import About, recorded
from .seen import Terms
from .trainers import Trainers

if TYPE_CHECKING:
    from ..runs.folder import RunFolder


class Display(Shows, Protocol):
    """What is told of studies while they go on."""

    def note(self, text: str) -> None:
        """Called with a sentence that the user should read."""

    def begins(self, title: str) -> None:
        """Called when a study begins."""

    def ended(self, study: RecordedStudy) -> None:
        """Called when a study ended."""

    def finished(self) -> None:
        """Called last, however it ended."""


def studied(
    run: RunFolder, options: Asked, display: Display, until: float = math.inf
) -> tuple[RecordedStudy, ...]:
    """Do the studies that `options` ask for; keep each in the run.

    Args:
        run: held for writing.
        options: checked.
        display: is told how far it is.
        until: of `time.monotonic`.
    """
    identity = run.job["identity"]
    if "source" in identity["space"]:
        raise UserError(
            f"a study varies the layers of a stacked LSTM, and {run.folder} searched a space of your own"
        )
    profile, values = network_of(run, options.units())
    reading = reading_of(values, run.windows)
    asked = asked_of(run, options, profile, reading)
    given = given_of(identity, values)
    trainer = Trainers(
        run,
        given,
        int(values["batch_size"]),
        options.steps,
        cache=options.cache,
        cluster=options.cluster,
        note=display.note,
    )
    found = []
    try:
        for question in asked:
            display.begins(question.title)
            spread = min(spread_of(identity["loss"], run.windows, "test"))
            terms = Terms(question, looks(options.seeds), options.rates, options.delta, spread)
            conducted = Study(terms, values, trainer, options.seed).conduct(display, until)
            about = About(
                profile=str(profile),
                loss=identity["loss"],
                steps=trainer.budget.epochs * trainer.budget.steps,
                seeds=options.seeds,
                windows=trainer("").judged,
                inputs={one: reading_of(values, trainer(one).windows).width for one in left_out(question)},
                outputs=reading.outputs,
                shared=shared_by(values, reading),
            )
            study = recorded(conducted, about)
            run.store.set_study(study.name, to_json(study))
            display.ended(study)
            found.append(study)
    finally:
        display.finished()
        trainer.close()
    return tuple(found)
