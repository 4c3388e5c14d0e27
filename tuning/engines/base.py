"""Engine: trains trials. This file is what a new engine must do.

An engine owns its loop, so that it may train many trials at once: whenever it has a free place it
asks for a trial, after every epoch it reports, and when a trial ends it says how. It calls back only
from the thread that called `train`. It knows nothing of algorithms, runs or TensorBoard.

Every engine trains a trial as plain Keras would: same initial weights (from the seed), same batches
(`series.epoch_rows`), same optimizer and loss, to float32 rounding. A trial's result does not depend on
which other trials are trained beside it, and a trial that fails ends alone, with its reason.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..series.windows import Windows

if TYPE_CHECKING:
    from ...search_spaces.space import Space

COMPLETED, FAILED, STOPPED = "completed", "failed", "stopped"


@dataclass(frozen=True)
class Trial:
    """What to train.

    Args:
        number: names the trial in this run, from 0.
        values: active hyperparameters by name.
        seed: of initial weights, dropout and batch order.
        epochs: train up to this epoch, counted from 1.
        first_epoch: epochs that are already done; above 0 a trial goes on from `state`.
        state: what `Outcome.state` of the trial to go on from was: weights, then optimizer variables.
        keep_state: whether the outcome must carry `state`.
    """

    number: int
    values: Mapping[str, Any]
    seed: int
    epochs: int
    first_epoch: int = 0
    state: Sequence[np.ndarray] | None = None
    keep_state: bool = False


@dataclass(frozen=True)
class Epoch:
    """What one epoch gave. Losses are means over all windows, in training standard deviations.

    Args:
        number: of the trial.
        epoch: from 1.
        loss: on train, averaged while the epoch trained.
        val_loss: on validation, after the epoch.
        learning_rate: used in the epoch.
        secs: wall-clock seconds of the epoch, validation included.
    """

    number: int
    epoch: int
    loss: float
    val_loss: float
    learning_rate: float
    secs: float


@dataclass(frozen=True)
class Outcome:
    """How a trial ended.

    Args:
        number: of the trial.
        status: `completed` (all epochs, or early stopping), `stopped` (a report was answered with
            False), or `failed`.
        reason: why it failed, or why it ended early; empty when all epochs were trained.
        weights: trainable weights of the best epoch in Keras order; empty without a finished epoch.
        best_epoch: epoch of the smallest validation loss, from 1; 0 without a finished epoch.
        best_val_loss: that loss; NaN without a finished epoch.
        parameters: number of trainable parameters; 0 when the model was never built.
        state: weights of the last epoch, then optimizer variables, when `keep_state` asked for it.
        units: units of the recurrent layers of the model that was built, input to output.
    """

    number: int
    status: str
    reason: str = ""
    weights: Sequence[np.ndarray] = field(default=(), repr=False)
    best_epoch: int = 0
    best_val_loss: float = float("nan")
    parameters: int = 0
    state: Sequence[np.ndarray] | None = field(default=None, repr=False)
    units: tuple[int, ...] = ()


Ask = Callable[[int], Trial | None]
Report = Callable[[Epoch], bool]
End = Callable[[Outcome], None]


class Engine(ABC):
    """Trains trials of one space on one set of windows.

    Args:
        space: what builds a model from values.
        windows: the data.
        patience: epochs without a better validation loss after which a trial ends; 0 is never.

    Attributes:
        places: trials this engine trains at once.
    """

    places: int = 1

    def __init__(self, space: Space, windows: Windows, patience: int = 0) -> None:
        self.space = space
        self.windows = windows
        self.patience = patience

    @classmethod
    def refuses(cls, space: Space) -> str:
        """Return why this engine cannot train `space`, in a sentence; empty when it can."""
        return ""

    @abstractmethod
    def train(self, ask: Ask, report: Report, end: End) -> None:
        """Train what `ask` gives until nothing is in training and `ask` has nothing.

        Args:
            ask: called with a free place (0 to places - 1); None is "nothing for now", and is asked
                again after the next trial ended.
            report: called after each epoch; False stops that trial.
            end: called once for each trial that `ask` gave.
        """

    @abstractmethod
    def predict(
        self, values: Mapping[str, Any], weights: Sequence[np.ndarray], rows: np.ndarray
    ) -> np.ndarray:
        """Return the scaled forecasts, float32 (windows, horizon, targets), of a trained trial.

        Args:
            values: hyperparameters of the trial.
            weights: as in its `Outcome`.
            rows: first-target rows of the windows, as in `Windows.parts`.
        """

    def close(self) -> None:  # noqa: B027 - most engines keep nothing
        """Let go of what `train` keeps for its next call, such as processes; `predict` works on."""


class Judge:
    """Follows one trial: its best epoch, and when and why it ends. The same rules in every engine.

    Args:
        trial: that is trained.
        patience: see `Engine`.

    Attributes:
        best_epoch: of the smallest validation loss so far, from 1; 0 before the first.
        best_val_loss: that loss; NaN before the first.
        status: how the trial ended; empty while it goes on.
        reason: why it ended before its last epoch.
    """

    def __init__(self, trial: Trial, patience: int) -> None:
        self.trial, self.patience = trial, patience
        self.best_epoch, self.best_val_loss = 0, math.nan
        self.status, self.reason = "", ""

    def sees(self, epoch: int, loss: float, val_loss: float, go_on: bool) -> bool:
        """Take the losses of an epoch; return whether it is the best so far.

        Args:
            epoch: from 1.
            loss: on train.
            val_loss: on validation.
            go_on: what `Report` answered.
        """
        if not (math.isfinite(loss) and math.isfinite(val_loss)):
            which = "training" if not math.isfinite(loss) else "validation"
            what = "NaN" if math.isnan(loss + val_loss) else "infinite"
            self.status, self.reason = FAILED, f"the {which} loss became {what} in epoch {epoch}"
            return False
        better = not self.best_epoch or val_loss < self.best_val_loss
        if better:
            self.best_epoch, self.best_val_loss = epoch, val_loss
        if epoch >= self.trial.epochs:
            self.status = COMPLETED
        elif self.patience and epoch - self.best_epoch >= self.patience:
            self.status, self.reason = COMPLETED, f"no better validation loss for {self.patience} epochs"
        elif not go_on:
            self.status, self.reason = STOPPED, "the search was stopped"
        return better


def reason_of(error: BaseException) -> str:
    """Return why a trial failed, in one line; memory that ran out is told as such."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    name = type(error).__name__
    # By name: TensorFlow's error class would have to be imported.
    return (
        f"out of memory: {line}" if name in ("ResourceExhaustedError", "MemoryError") else f"{name}: {line}"
    )
