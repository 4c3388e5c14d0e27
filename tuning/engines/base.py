"""Engine: trains trials. This file is what a new engine must do.

An engine owns its loop, so that it may train many trials at once: whenever it has a free place it
asks for a trial, after every epoch it reports, and when a trial ends it says how. It calls back only
from the thread that called `train`. It knows nothing of algorithms, runs or TensorBoard.

Every engine trains a trial as plain Keras would: same initial weights (from the seed), same batches
(`series.epoch_rows`), same optimizer and loss, to float32 rounding. A trial's result does not depend on
which other trials are trained beside it, and a trial that fails ends alone, with its reason. Where a trial
begins at a linear forecast it reports that first, as epoch 0 (`Start`).
"""

from __future__ import annotations

import logging
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...search_spaces.errors import line_of
from ...search_spaces.trial import Decision, Epoch, Outcome, Proposal, Standing, Status
from ..series.losses import linear_losses
from ..series.windows import Windows

if TYPE_CHECKING:
    from ...search_spaces.linear import Linear
    from ...search_spaces.space import Space
    from ...search_spaces.stacked_lstm import StackedLSTM

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task(Proposal):
    """A proposal as an engine is given it.

    Args:
        state: what `Outcome.state` of the trial to go on from was.
        stood: where this very trial stood when it was interrupted, its `state` too; None where it begins.
        keep_state: whether the outcome must carry `state`.
        keep_secs: of training after which an epoch must carry its `standing`, again and again. Where a user's
            own code keeps what the engine does not know of, none does.
        measure: whether the outcome may carry what was measured of the trial, where measures are taken.
        plan: from `Engine.planned` of another engine of the search, which decided how this is trained.
    """

    state: Sequence[np.ndarray] | None = field(default=None, repr=False)
    stood: Standing | None = field(default=None, repr=False)
    keep_state: bool = False
    keep_secs: float = math.inf
    measure: bool = False
    plan: Any = field(default=None, repr=False)


Ask = Callable[[], Task | None]
Report = Callable[[Epoch], Decision]
End = Callable[[Outcome], None]


class Engine(ABC):
    """Trains trials of one space on one set of windows.

    Args:
        space: what builds a model from values.
        windows: the data.
        callbacks: the user's own Keras callbacks: a list, or a function from a `Proposal`; None is none.
        cache: whether what is compiled may be kept in the user's cache folder, and taken from there; it
            changes no result.

    Attributes:
        places: trials this engine trains at once.
        most_a_place: trials under way for each place, while some of them wait for their decisions.
        device: what it trains on, `CPU` or `GPU`; kept in the run.
        remark: a sentence on that for the user, where it may not be what was expected; else empty.
        held: trials that report no more epochs though they have not ended: they wait for other folds.
    """

    places: int = 1
    most_a_place: int = 1
    device: str = "CPU"
    remark: str = ""

    def __init__(self, space: Space, windows: Windows, callbacks: Any = None, cache: bool = False) -> None:
        self.space = space
        self.windows = windows
        self.callbacks = callbacks
        self.cache = cache
        self.held: set[int] = set()

    @classmethod
    def refuses(cls, space: Space, callbacks: Any = None) -> str:
        """Return why this engine cannot train `space` so, in a sentence; empty when it can."""
        return ""

    def recall(self, begun: Sequence[Proposal]) -> None:  # noqa: B027 - most engines need nothing of it
        """Learn of trials that were given to an engine of this search before.

        Called before `train`, or by `ask` for those that came before the trial it returns.

        Where an engine decides how to train a trial by what came before it, it must decide as if these
        had been asked for in this process: a trial's numbers are a function of the job and of the trials
        up to it, not of where a search was interrupted.

        Args:
            begun: by number, also those that `ask` will give again because they did not end.
        """

    def planned(self, task: Task) -> Task:
        """Return `task` as another engine of the same class and windows can train it as this one would.

        Called in the order in which trials are given, as `train` would ask for them.
        """
        return task

    def wake(self, number: int | None = None) -> None:  # noqa: B027 - likewise
        """Have `train`, which runs in another thread, ask for trials and about one that waits.

        Args:
            number: of that trial, which may be decided now; None is none.
        """

    def follow(self, newest: Engine) -> None:  # noqa: B027 - likewise
        """Train each trial as it is trained on the newest fold, whose engine is asked for it first.

        Args:
            newest: an engine of the same class and space, for other windows.
        """

    @abstractmethod
    def train(self, ask: Ask, report: Report, end: End) -> None:
        """Train what `ask` gives until nothing is in training and `ask` has nothing.

        Args:
            ask: called when a place is free; trials that are new come in the order of their numbers. None
                is "nothing for now", and is asked again after the next trial ended, or before.
            report: called after each epoch; answers whether the trial goes on. Where that depends on what a
                trial of a lower number does next (`Decision.behind`), the trial waits and the others go on,
                see `Waiting`; meanwhile more than `places` trials may be under way.
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

    @property
    def folds(self) -> Sequence[Engine]:
        """The engines of all folds, that of the newest, which is the search's own, first."""
        return [self]

    def close(self) -> None:  # noqa: B027 - most engines keep nothing
        """Let go of what `train` keeps for its next call, such as processes; `predict` works on."""


class Judge:
    """Follows one trial: its best epoch, when it is time to keep where it stands, when and why it ends.

    Args:
        task: that is trained.

    Attributes:
        best_epoch: of the smallest validation loss so far; 0 before the first, and where none was better
            than the linear forecast that a trial began at.
        best_val_loss: that loss; NaN before the first.
        best_weights: all weights after that epoch; empty before the first.
        last: epoch that was seen last.
        status: how the trial ended; None while it goes on.
        reason: why it ended before its last epoch.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.best_epoch, self.best_val_loss = 0, math.nan
        self.best_weights: Sequence[np.ndarray] = ()
        if stood := task.stood:
            self.best_epoch, self.best_val_loss = stood.best_epoch, stood.best_val_loss
            self.best_weights = stood.weights
        self._unkept_secs = 0.0
        self.last = task.first_epoch
        self.status: Status | None = None
        self.reason = ""

    @property
    def keeps_state(self) -> bool:
        """Whether the outcome must carry the state of the last epoch."""
        return self.task.keep_state or self.status == Status.PAUSED

    def sees(self, epoch: Epoch, weights: Callable[[], Sequence[np.ndarray]]) -> None:
        """Take an epoch; `weights` returns all weights that its validation loss is of."""
        self.last = epoch.epoch
        self._unkept_secs += epoch.secs
        if not (math.isfinite(epoch.loss) and math.isfinite(epoch.val_loss)):
            which = "training" if not math.isfinite(epoch.loss) else "validation"
            what = "NaN" if math.isnan(epoch.loss + epoch.val_loss) else "infinite"
            self.fails(f"the {which} loss became {what} in epoch {epoch.epoch}")
            return
        if math.isnan(self.best_val_loss) or epoch.val_loss < self.best_val_loss:
            self.best_epoch, self.best_val_loss = epoch.epoch, epoch.val_loss
            self.best_weights = weights()
        if epoch.epoch >= self.task.epochs:
            self.status = Status.COMPLETED

    def told(self, epoch: Epoch, state: Callable[[], Sequence[np.ndarray]]) -> Epoch:
        """Return a seen epoch as it is reported: where it is time for that, with the `state` after it."""
        if self.status is not None or self._unkept_secs < self.task.keep_secs:
            return epoch
        self._unkept_secs = 0.0
        standing = Standing(self.best_epoch, self.best_val_loss, self.best_weights, state())
        return replace(epoch, standing=standing)

    def obeys(self, decision: Decision) -> None:
        """Take what `Report` answered to the epoch, unless that ended the trial anyway."""
        if self.status is None and decision.ends is not None:
            self.status, self.reason = decision.ends, decision.reason

    def over(self) -> None:
        """Note that the training is over, whoever ended it."""
        if self.status is None and self.last > self.task.first_epoch:
            self.status = Status.COMPLETED
            self.reason = f"its own training ended after epoch {self.last} of {self.task.epochs}"
        elif self.status is None:
            self.fails("it was trained for no epoch: fit must hand on its callbacks to model.fit")

    def fails(self, reason: str) -> None:
        """Note that the trial failed."""
        self.status, self.reason = Status.FAILED, reason


class Start:
    """Tells where trials of one space begin: one that adds to a linear forecast begins at the loss of that.

    It is told as epoch 0, before anything was trained: the readout is zero then, so this takes no network.

    Args:
        space: what builds the models.
        windows: the data.
    """

    def __init__(self, space: Space, windows: Windows) -> None:
        self._space, self._windows = cast("StackedLSTM", space), windows

    def epoch(self, trial: Proposal) -> Epoch | None:
        """Return epoch 0 of a trial; None where it begins with weights that were drawn, or goes on."""
        if trial.first_epoch or not self._space.is_stack or self._space.linear_of(trial.values) is None:
            return None
        loss, val_loss = self._losses
        return Epoch(trial.number, 0, loss, val_loss, float(trial.values["learning_rate"]), secs=0.0)

    @cached_property
    def _losses(self) -> tuple[float, float]:
        return linear_losses(cast("Linear", self._space.linear), self._windows, self._space.loss)


def reason_of(error: BaseException) -> str:
    """Return why a trial failed, in one line; memory that ran out is told as such."""
    logger.info("a trial fails", exc_info=error)
    name, line = type(error).__name__, line_of(error)
    # By name: TensorFlow's error class would have to be imported.
    return (
        f"out of memory: {line}" if name in ("ResourceExhaustedError", "MemoryError") else f"{name}: {line}"
    )
