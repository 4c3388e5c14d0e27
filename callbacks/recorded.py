"""What the record keeps of a search, as plain data: what every picture is drawn from.

It is the same whether it was read from a run's store or from TensorBoard's event files. Nothing here
imports TensorFlow, Keras, TensorBoard or plotly.

A trial is one line of JSON of about 4 kB; with the measures of the depth `full` about 30 kB.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypedDict

from ..search_spaces.best import ranked
from ..search_spaces.plain import Unreadable, from_json, from_plain, to_json, to_plain
from ..search_spaces.trial import Trial
from .asked import Asked
from .curve import Curve, Losses
from .forecast_record import ForecastRecord
from .studied import RecordedStudy
from .unit_record import UnitRecord

if TYPE_CHECKING:
    from .narrowing import Narrowing

UNDER_WAY, INTERRUPTED, DONE = "under way", "interrupted", "done"
"""Where a search stands. One that was killed is told to be under way until something else is written."""


@dataclass(frozen=True)
class Declared:
    """One hyperparameter of the space.

    Args:
        name: as the user knows it: `units_2`.
        numeric: whether its values are numbers; all else, truth values included, is text.
        log: whether it is searched on a log scale.
        fixed: whether it has one value only.
        always: whether every trial has it; `units_2` exists from two layers on.
        low: smallest number of its interval; None where it has options, or was first asked for in a trial.
        high: largest one, likewise.
        whole: whether the numbers of its interval are whole.
        step: between them; None where any may be drawn.
        options: its values where they are listed.
    """

    name: str
    numeric: bool
    log: bool = False
    fixed: bool = False
    always: bool = True
    low: float | None = None
    high: float | None = None
    whole: bool = False
    step: float | None = None
    options: tuple[Any, ...] = ()

    @classmethod
    def all_of(cls, plain: Iterable[Mapping[str, Any]]) -> tuple[Declared, ...]:
        """Return what `to_plain` made `plain` of."""
        return from_plain(tuple[cls, ...], plain)  # type: ignore[valid-type]


@dataclass(frozen=True)
class _Found:
    """What was measured of a trial, as in `RecordedTrial`."""

    summary: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, Any] | None = None
    unmeasured: str = ""


@dataclass(frozen=True)
class RecordedTrial(Trial):
    """One trial that has ended, with what was measured of it.

    Args:
        summary: `Narrowing.summary()` without its NaNs; empty when it was not measured.
        measured: `Narrowing` as plain values; None when it was not measured.
        unmeasured: why it could not be measured; else empty.
        curve: `Curve` as plain values; None when no epoch is known.
    """

    summary: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, Any] | None = field(default=None, repr=False)
    unmeasured: str = ""
    curve: Mapping[str, Any] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, trial: Trial, measured: str | None, losses: Sequence[Losses] = ()) -> RecordedTrial:
        """Return a trial with what was measured of it.

        Args:
            trial: that has ended.
            measured: JSON, {"summary": ..., "measured": ...} or {"unmeasured": why}; None is nothing.
            losses: epoch, train and validation loss of its epochs, in order.

        Raises:
            Unreadable: when it is something else.
        """
        found = vars(from_json(_Found, measured)) if measured else {}
        curve = to_plain(Curve.of(losses)) if losses else None
        return cls(**vars(trial), **found, curve=curve)

    @property
    def worst_kept(self) -> float:
        """Least kept over the boundaries that narrow, 0 to 1; NaN where none does, or none is known."""
        return self.summary.get("worst_kept", math.nan)

    @property
    def kept(self) -> tuple[float, ...]:
        """Kept at each boundary, 0 to 1, as `BoundaryMeasures.kept.shown`; quick, for thousands of trials.

        NaN where it is not known; empty when the trial was not measured.
        """
        found = []
        try:
            for boundary in (self.measured or {}).get("boundaries", ()):
                value = boundary["measures"]["kept"][boundary["handed_on"]][0]
                found.append(math.nan if value is None else min(max(value, 0.0), 1.0))
        except (IndexError, KeyError, TypeError) as error:
            raise Unreadable(f"what {self.name} kept: {error!r}") from None
        return tuple(found)

    @cached_property
    def narrowing(self) -> Narrowing | None:
        """All that was measured; None when nothing was."""
        from .narrowing import Narrowing

        return None if self.measured is None else Narrowing.from_plain(self.measured)

    @property
    def last_epoch(self) -> int | None:
        """The last epoch that it was trained for; None when none is known. Quick, for thousands of trials."""
        try:
            return int(self.curve["epoch"][-1]) if self.curve else None
        except (IndexError, KeyError, TypeError, ValueError) as error:
            raise Unreadable(f"the epochs of {self.name}: {error!r}") from None

    @cached_property
    def learning(self) -> Curve | None:
        """Its losses by epoch; None when none is known."""
        return None if self.curve is None else from_plain(Curve, self.curve)

    def to_json(self) -> str:
        """Return one line of JSON."""
        return to_json(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> RecordedTrial:
        """Return what `to_json` wrote."""
        return from_json(cls, text).checked()


def studies_of(texts: Iterable[str]) -> tuple[RecordedStudy, ...]:
    """Return studies of their JSON."""
    return tuple(from_json(RecordedStudy, text).checked() for text in texts)


def asked_of(plain: Any) -> Asked | None:
    """Return what a search was asked, of what `to_plain` made of it; None of None."""
    return None if plain is None else from_plain(Asked, plain)


class _Said(TypedDict):
    """What pages read of an answer."""

    sentences: list[str]


@dataclass(frozen=True)
class RecordedSearch:
    """A search: what it declares, and its trials that have ended.

    Args:
        title: name of the run.
        loss: what the trials were trained on: mse, mae or huber; in training standard deviations.
        hyperparameters: in the order of the space.
        trials: that have ended, by number.
        answer: what the search ended with (`tuning.answer`); None while it has not.
        studies: of the run, the newest last.
        forecasts: of the best trial on the test part; None while the search has not ended.
        asked: what it was asked; None where the search kept no record.
        units: what the units of the best trial did in a few windows; likewise.
        state: where the search stands, one of the three above; empty where there is none but studies.
        notes: what the user wrote of trials, by their number as text.
    """

    title: str
    loss: str
    hyperparameters: tuple[Declared, ...]
    trials: tuple[RecordedTrial, ...] = ()
    answer: Mapping[str, Any] | None = None
    studies: tuple[RecordedStudy, ...] = ()
    forecasts: ForecastRecord | None = None
    asked: Asked | None = None
    units: UnitRecord | None = None
    state: str = ""
    notes: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def ranked(self) -> tuple[RecordedTrial, ...]:
        """The trials with a score: the best one first, then the others by loss (`search_spaces.best`)."""
        return tuple(ranked(self.trials))

    @property
    def best(self) -> RecordedTrial | None:
        """The best trial; None where none has a score."""
        return self.ranked[0] if self.ranked else None

    def trial(self, number: int) -> RecordedTrial | None:
        """Return the trial of this number, None when it has not ended or does not exist."""
        return self._by_number.get(number)

    @cached_property
    def _by_number(self) -> dict[int, RecordedTrial]:
        return {trial.number: trial for trial in self.trials}

    def note(self, number: int) -> str:
        """Return what the user wrote of a trial; empty where nothing."""
        return self.notes.get(str(number), "")

    def study(self, name: str | None = None) -> RecordedStudy | None:
        """Return the study of a name, or without one the newest; None when there is none."""
        named = [one for one in self.studies if name in (None, one.name)]
        return named[-1] if named else None

    def head_json(self) -> str:
        """Return all but the trials as one line of JSON; without studies it does not name them."""
        head = to_plain(replace(self, trials=()))
        del head["trials"]
        if not self.studies:
            del head["studies"]
        return to_json(head)

    @classmethod
    def from_head(cls, text: str | bytes, trials: tuple[RecordedTrial, ...]) -> RecordedSearch:
        """Return the search of what `head_json` wrote, with `trials`, which must be in order.

        Raises:
            Unreadable: when it wrote something else.
        """
        search = replace(from_json(cls, text), trials=trials)
        for study in search.studies:
            study.checked()
        if search.answer is not None:
            from_plain(_Said, search.answer)
        return search
