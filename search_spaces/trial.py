"""The vocabulary of a trial: what is proposed, what each epoch gave, how it ended, what is known of it.

Algorithms make a `Proposal`; an engine trains it, tells an `Epoch` after each epoch, is answered with a
`Decision`, and ends it with an `Outcome`. A `Trial` is the proposal with all that is known of it: what the
store keeps, what algorithms learn from and what pictures are drawn from. Nothing here imports NumPy.

Losses are means over windows, in training standard deviations. Epochs count from 1, trials from 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from .plain import Unreadable

if TYPE_CHECKING:
    import numpy as np


MOST_UNITS = 10**9
"""No layer has more."""


class Status(StrEnum):
    """Where a trial stands."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing more will come of the trial."""
        return self not in (Status.RUNNING, Status.PAUSED)


@dataclass(frozen=True)
class Proposal:
    """What is to be trained.

    Args:
        number: names the trial in its search.
        values: active hyperparameters by name.
        epochs: train up to this epoch.
        first_epoch: epochs that are already done; above 0 the trial goes on from `parent`.
        parent: number of the trial to go on from, or None.
        seed: of initial weights, dropout and batch order.
        fold: of the windows it is trained on.
        tag: what the trial is for, where it is not one of the search itself.
    """

    number: int
    values: Mapping[str, Any]
    epochs: int
    first_epoch: int = 0
    parent: int | None = None
    seed: int = 0
    fold: int = 0
    tag: str = ""


@dataclass(frozen=True)
class Standing:
    """What a training goes on from as if it had not been interrupted.

    Args:
        best_epoch: so far.
        best_val_loss: of that epoch.
        weights: arrays, all weights of that epoch, as in an `Outcome`.
        state: arrays, as in an `Outcome`.
    """

    best_epoch: int
    best_val_loss: float
    weights: Sequence[Any] = field(repr=False)
    state: Sequence[Any] = field(repr=False)


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave.

    Args:
        number: of the trial.
        epoch: which one.
        loss: on train, averaged while the epoch trained.
        val_loss: on validation, after the epoch.
        learning_rate: used in the epoch.
        secs: wall-clock seconds of the epoch, validation included.
        metrics: what else was measured, by the names Keras logs: `mae`, `val_mae`, ...
        standing: where the training stands after the epoch, now and then, as `Task.keep_secs` asks for.
    """

    number: int
    epoch: int
    loss: float
    val_loss: float
    learning_rate: float
    secs: float
    metrics: Mapping[str, float] = field(default_factory=dict)
    standing: Standing | None = field(default=None, repr=False, compare=False)

    @property
    def finite(self) -> bool:
        """Whether both losses are numbers."""
        return math.isfinite(self.loss + self.val_loss)


@dataclass(frozen=True)
class Decision:
    """Whether a trial goes on.

    Args:
        ends: how it ends now: `completed` when it showed what it can, `stopped` when it was cut off,
            `paused` when it may go on later; None lets it go on.
        reason: why, for the user.
        again: where that is not known yet, what asks again; the trial waits until then. None: this is it.
        sure: the epoch up to which it goes on whatever comes, so that a trial that is trained far away need
            not wait for each answer; only the time budget may still end it before.
        behind: where that is not known yet, the number of a trial in training that must come further or end
            before it can be.
    """

    ends: Status | None = None
    reason: str = ""
    again: Callable[[], Decision] | None = field(default=None, repr=False)
    sure: float = field(default=0, compare=False)
    behind: int | None = None


GO_ON = Decision()
TO_THE_END = Decision(sure=math.inf)
"""It goes on, and nobody will end it before its last epoch."""


@dataclass(frozen=True)
class Outcome:
    """How a training ended.

    Args:
        number: of the trial.
        status: `completed` (all epochs, or what a `Decision` said), `stopped`, `paused`, or `failed`.
        reason: why it failed, or why it ended early; empty when all epochs were trained.
        weights: all weights of the best epoch, those that are not trained included, in Keras' order; empty
            without a finished epoch.
        best_epoch: epoch of the smallest validation loss; 0 without a finished epoch.
        best_val_loss: that loss; NaN without a finished epoch.
        parameters: number of trainable parameters; 0 when the model was never built.
        state: what training goes on from after the last epoch, of a paused trial and where it was asked for:
            all weights, optimizer variables, which random numbers come next where Keras draws them, and the
            average of the trained weights where the space has it judged.
        units: units of the recurrent layers of the model that was built, input to output.
        folds: smallest validation losses on all folds, the newest one's (`best_val_loss`) first; empty where
            there is one alone.
        fold_secs: training time on the older folds, in seconds.
        fold_weights: weights of the best epoch on each older fold, the later folds first.
        states: what these layers held on the windows of `epoch_rows.measured_rows`, a
            `callbacks.narrowing.States`, where the weights alone do not tell; else None.
        narrowing: what was measured of it, where that was done where it was trained; else empty.
        node: host that trained it; empty where it was this machine's own process.
    """

    number: int
    status: Status
    reason: str = ""
    weights: Sequence[np.ndarray] = field(default=(), repr=False)
    best_epoch: int = 0
    best_val_loss: float = float("nan")
    parameters: int = 0
    state: Sequence[np.ndarray] | None = field(default=None, repr=False)
    units: tuple[int, ...] = ()
    folds: tuple[float, ...] = ()
    fold_secs: float = 0.0
    fold_weights: tuple[Sequence[np.ndarray], ...] = field(default=(), repr=False)
    states: Any = field(default=None, repr=False)
    narrowing: str = field(default="", repr=False)
    node: str = ""


@dataclass(frozen=True)
class Trial(Proposal):
    """A trial and what is known of it.

    Args:
        status: where it stands.
        reason: why it failed or ended early; may be empty.
        units: of its recurrent layers from input to output; empty while unknown.
        parameters: trainable parameters; 0 while unknown.
        best_val_loss: smallest validation loss; of several folds the mean of theirs; None without a finished
            epoch.
        best_epoch: its epoch, on the newest fold; 0 without one.
        secs: training time in seconds, the sum over its epochs, those on older folds included.
        started: seconds since 1970.
        again: validation losses of the same network trained again with other seeds; None where it diverged.
        folds: smallest validation losses on all folds, the newest first; empty where there is one alone.
        repeated: where its weights were lost and the same training, done once more, came to another loss:
            that one, on all folds as in `folds`, NaN where it diverged; else empty. The weights that are
            kept are those of the repeat.
        node: host that trained it; empty where it was this machine's own process.
    """

    status: Status = Status.RUNNING
    reason: str = ""
    units: tuple[int, ...] = ()
    parameters: int = 0
    best_val_loss: float | None = None
    best_epoch: int = 0
    secs: float = 0.0
    started: float = 0.0
    again: tuple[float | None, ...] = ()
    folds: tuple[float, ...] = ()
    repeated: tuple[float, ...] = ()
    node: str = ""

    @property
    def proposal(self) -> Proposal:
        """What was to be trained."""
        return Proposal(**{one.name: getattr(self, one.name) for one in fields(Proposal)})

    @property
    def profile(self) -> str:
        """The widths as they are printed: `64-8-32`; empty while unknown."""
        return "-".join(map(str, self.units))

    @property
    def name(self) -> str:
        """How the trial is called everywhere: `t0007 64-8-32`."""
        return f"t{self.number:04d} {self.profile}".strip()

    @property
    def score(self) -> float | None:
        """The validation loss to rank by, with a repeat the mean of both; None for a failed trial."""
        if self.status == Status.FAILED:
            return None
        if self.best_val_loss is None or not self.repeated:
            return self.best_val_loss
        return (self.best_val_loss + self.repeat_loss) / 2

    @property
    def repeat_loss(self) -> float:
        """The validation loss of the repeat; NaN where there was none, or it diverged."""
        return sum(self.repeated) / len(self.repeated) if self.repeated else math.nan

    @property
    def own_loss(self) -> float | None:
        """The validation loss of the weights that are kept, which are those of the newest fold."""
        return next(iter(self.repeated or self.folds), self.best_val_loss)

    @property
    def mean_score(self) -> float | None:
        """The mean of `score` and the losses with other seeds; None where any of them is not known."""
        seen = (self.score, *self.again)
        known = [loss for loss in seen if loss is not None]
        return sum(known) / len(known) if len(known) == len(seen) else None

    def checked(self) -> Self:
        """Return itself.

        Raises:
            Unreadable: when it was read, and no search has such a trial.
        """
        counts = (
            self.number,
            self.first_epoch,
            self.fold,
            self.parameters,
            self.best_epoch,
            self.parent or 0,
        )
        found = {
            "numbers": min(counts) >= 0 and (self.parent is None or self.parent < self.number),
            "units": all(1 <= units <= MOST_UNITS for units in self.units),
            "values": all(_is_value(value) for value in self.values.values()),
            "folds": len(self.repeated) in (0, len(self.folds) or 1),
            "seconds": 0 <= self.secs < math.inf,
        }
        if wrong := next((name for name, fits in found.items() if not fits), ""):
            raise Unreadable(f"the {wrong} of trial {self.number}")
        return self

    def after(self, epoch: Epoch) -> Trial:
        """Return the trial as it stands after one more epoch."""
        secs, known = self.secs + epoch.secs, self.best_val_loss
        if not epoch.finite or (known is not None and epoch.val_loss >= known):
            return replace(self, secs=secs)
        return replace(self, secs=secs, best_val_loss=epoch.val_loss, best_epoch=epoch.epoch)

    def ended(self, outcome: Outcome) -> Trial:
        """Return the trial as it stands after its training, of which `after` knows the epochs, ended."""
        folds, loss = outcome.folds, self.best_val_loss
        return replace(
            self,
            best_val_loss=sum(folds) / len(folds) if folds else loss,
            folds=folds,
            secs=self.secs + outcome.fold_secs,
            status=outcome.status,
            reason=outcome.reason,
            units=self.units or outcome.units,
            parameters=self.parameters or outcome.parameters,
            node=outcome.node,
        )


def _is_value(value: Any) -> bool:
    """Whether a hyperparameter can have this value, a number within those that a float can be."""
    if type(value) is int:
        return abs(value) < 10**300
    return value is None or isinstance(value, bool | float | str)
