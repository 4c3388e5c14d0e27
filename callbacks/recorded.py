"""What the record keeps of a search, as plain data: what every picture is drawn from.

It is the same whether it was read from a run's store or from TensorBoard's event files. Nothing here
imports TensorFlow, Keras, TensorBoard or plotly.

A trial is one line of JSON of about 3 kB; with the measures of the depth `full` about 30 kB. Numbers
that are not finite are null there and None or NaN here, as the fields say.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .narrowing import Narrowing


@dataclass(frozen=True)
class Declared:
    """One hyperparameter of the space.

    Args:
        name: as the user knows it: `units_2`.
        numeric: whether its values are numbers; all else, truth values included, is text.
        log: whether it is searched on a log scale.
        fixed: whether it has one value only.
        always: whether every trial has it; `units_2` exists from two layers on.
    """

    name: str
    numeric: bool
    log: bool = False
    fixed: bool = False
    always: bool = True


@dataclass(frozen=True)
class RecordedTrial:
    """One trial that has ended.

    Args:
        number: from 0.
        status: `completed`, `stopped` or `failed`.
        reason: why it failed or ended early; may be empty.
        units: of its LSTM layers from input to output; empty when unknown.
        parameters: trainable parameters; 0 when unknown.
        best_val_loss: smallest validation loss; None without a finished epoch.
        best_epoch: its epoch, from 1; 0 without one.
        secs: training time in seconds.
        values: its active hyperparameters.
        summary: `Narrowing.summary()` without its NaNs; empty when it was not measured.
        measured: `Narrowing` as plain values; None when it was not measured.
    """

    number: int
    status: str
    reason: str
    units: tuple[int, ...]
    parameters: int
    best_val_loss: float | None
    best_epoch: int
    secs: float
    values: Mapping[str, Any]
    summary: Mapping[str, float] = field(default_factory=dict)
    measured: Mapping[str, Any] | None = field(default=None, repr=False)

    @property
    def profile(self) -> str:
        """The widths as they are printed: `64-8-32`; empty when unknown."""
        return "-".join(map(str, self.units))

    @property
    def name(self) -> str:
        """How the trial is called everywhere: `t0007 64-8-32`."""
        return f"t{self.number:04d} {self.profile}".strip()

    @property
    def score(self) -> float | None:
        """The validation loss to rank by; None for a failed trial, whatever it reached before."""
        return None if self.status == "failed" else self.best_val_loss

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
        for boundary in (self.measured or {}).get("boundaries", ()):
            value = boundary["measures"]["kept"][boundary["handed_on"]][0]
            found.append(math.nan if value is None else min(max(value, 0.0), 1.0))
        return tuple(found)

    @cached_property
    def narrowing(self) -> Narrowing | None:
        """All that was measured; None when nothing was."""
        from .narrowing import Narrowing

        return None if self.measured is None else Narrowing.from_plain(self.measured)

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(_fields(self), separators=(",", ":"), default=str)

    @classmethod
    def from_json(cls, text: str | bytes) -> RecordedTrial:
        """Return what `to_json` wrote."""
        found = json.loads(text)
        return cls(**(found | {"units": tuple(found["units"])}))


@dataclass(frozen=True)
class RecordedSearch:
    """A search: what it declares, and its trials that have ended.

    Args:
        title: name of the run.
        loss: what the trials were trained on: mse, mae or huber; in training standard deviations.
        hyperparameters: in the order of the space.
        trials: that have ended, by number.
        answer: what the search ended with (`tuning.answer`); None while it has not.
    """

    title: str
    loss: str
    hyperparameters: tuple[Declared, ...]
    trials: tuple[RecordedTrial, ...] = ()
    answer: Mapping[str, Any] | None = None

    @cached_property
    def ranked(self) -> tuple[RecordedTrial, ...]:
        """The trials with a score, best first."""
        scored = [trial for trial in self.trials if trial.score is not None]
        return tuple(sorted(scored, key=lambda trial: (trial.score, trial.number)))

    @property
    def best(self) -> RecordedTrial | None:
        """The trial of the smallest validation loss."""
        return self.ranked[0] if self.ranked else None

    def trial(self, number: int) -> RecordedTrial | None:
        """Return the trial of this number, None when it has not ended or does not exist."""
        return self._by_number.get(number)

    @cached_property
    def _by_number(self) -> dict[int, RecordedTrial]:
        return {trial.number: trial for trial in self.trials}

    def head_json(self) -> str:
        """Return all but the trials as one line of JSON."""
        head = _fields(self) | {"hyperparameters": [asdict(one) for one in self.hyperparameters]}
        del head["trials"]
        return json.dumps(head, separators=(",", ":"), default=str)

    @classmethod
    def from_head(cls, text: str | bytes, trials: tuple[RecordedTrial, ...]) -> RecordedSearch:
        """Return the search of what `head_json` wrote, with `trials`, which must be in order."""
        found = json.loads(text)
        declared = tuple(Declared(**one) for one in found["hyperparameters"])
        return cls(**(found | {"hyperparameters": declared}), trials=trials)


def _fields(of: Any) -> dict[str, Any]:
    held = {one.name: getattr(of, one.name) for one in fields(of)}
    return {name: _finite(value) for name, value in held.items()}


def _finite(value: Any) -> Any:
    """Return `value` with null for numbers that JSON does not know."""
    # Numbers, of which there are hundreds in a trial, come first.
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, Mapping):
        return {str(name): _finite(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
