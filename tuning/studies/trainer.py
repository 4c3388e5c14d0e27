"""Trainer: trains what a study wants, each thing once, and keeps what came out in the run.

A training is a function of the data, the values, the seed and the number of epochs alone. So it is kept
under these (`key`), and whichever study wants it again, or goes on after an interruption, finds it there.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.errors import UserError
from ...search_spaces.plain import from_json, to_json
from ...search_spaces.trial import TO_THE_END, Decision, Epoch, Outcome, Proposal, Status
from ..engines.base import Task
from ..series.epoch_rows import evaluation_rows, training_steps
from ..series.losses import mean_loss
from .engine import engine_of
from .measures import Measures

if TYPE_CHECKING:
    from ..cluster.pool import Pool
    from ..runs.folder import RunFolder
    from ..series.windows import Windows


@dataclass(frozen=True)
class Trained:
    """What came of a training.

    Args:
        val_loss: of its best epoch, on validation; None when it diverged.
        test_loss: of that epoch on all test windows; None likewise.
        best_epoch: 0 when it diverged, and where none was better than the linear forecast it began at.
        secs: that its epochs took.
    """

    val_loss: float | None
    test_loss: float | None
    best_epoch: int
    secs: float


@dataclass(frozen=True)
class Budget:
    """What every training of a study gets: the same number of steps.

    Args:
        epochs: of each training.
        steps: of an epoch.
    """

    epochs: int
    steps: int

    @classmethod
    def of(cls, steps: int, windows: Windows, batch_size: int) -> Budget:
        """Return the whole epochs that are nearest to `steps` training steps, at least one."""
        each = training_steps(windows, batch_size)
        return cls(max(1, round(steps / each)), each)


class Trainer:
    """Trains the networks of one run with a number of steps.

    Args:
        run: held for writing.
        windows: of the run, or of its series without a feature.
        given: arguments of the space that all networks share: loss, clipnorm, linear and the like.
        budget: of each training.
        apart: what tells trainings on these windows from those on the run's own; empty for those.
        cache: see `Engine`.
        pool: workers of a cluster that train; None trains here.
    """

    def __init__(
        self,
        run: RunFolder,
        windows: Windows,
        given: Mapping[str, Any],
        budget: Budget,
        apart: str = "",
        cache: bool = False,
        pool: Pool | None = None,
    ) -> None:
        self.run, self.windows, self.budget, self.apart = run, windows, budget, apart
        self.loss = str(given["loss"])
        self._engine = engine_of(windows, given, budget.epochs * budget.steps, cache=cache, pool=pool)
        self._numbers = 0
        self._planned: set[str] = set()
        self._rows = evaluation_rows(windows, "test")
        self.measures = Measures(windows, self.loss, budget.epochs * budget.steps)

    @property
    def judged(self) -> int:
        """Windows of the test part that networks are judged on."""
        return len(self._rows)

    def key(self, values: Mapping[str, Any], seed: int) -> str:
        """Return the name under which a training is kept."""
        whole = {
            "values": dict(sorted(values.items())),
            "seed": seed,
            "epochs": self.budget.epochs,
            "apart": self.apart,
        }
        return hashlib.sha256(to_json(whole).encode()).hexdigest()[:24]

    def known(self, values: Mapping[str, Any], seed: int) -> Trained | None:
        """Return what came of a training, None when it was not done."""
        text = self.run.store.training(self.key(values, seed))
        return None if text is None else from_json(Trained, text)

    def weights(self, values: Mapping[str, Any], seed: int) -> list[np.ndarray] | None:
        """Return the best-epoch weights of a training, None where they were not kept."""
        path = self.run.paths.studied(self.key(values, seed))
        return self.run.files.load(path) if path.exists() else None

    def train(
        self,
        wanted: Sequence[tuple[Mapping[str, Any], int, bool]],
        told: Callable[[], None],
        until: float = math.inf,
    ) -> None:
        """Train what of `wanted` is not known yet.

        Args:
            wanted: (values, seed, whether to keep its weights), in an order that is always the same.
            told: called after each training.
            until: of `time.monotonic`; nothing is begun after it.

        Raises:
            UserError: when a network could not be trained for another reason than that it diverged, which
                would be no finding; memory that ran out, for instance.
        """
        waiting, running = list(wanted), {}

        def ask() -> Task | None:
            while waiting and time.monotonic() < until:
                values, seed, keep = waiting.pop(0)
                key = self.key(values, seed)
                if key in self._planned:
                    continue
                self._planned.add(key)
                number, self._numbers = self._numbers, self._numbers + 1
                one = Proposal(number, values, self.budget.epochs, seed=seed)
                if self.run.store.training(key) is not None:
                    # The engine chooses by what came before how it trains what comes after.
                    self._engine.recall([one])
                    continue
                running[number] = one, key, keep
                return Task(**vars(one))
            return None

        def end(outcome: Outcome) -> None:
            one, key, keep = running.pop(outcome.number)
            if outcome.status == Status.FAILED and outcome.number not in diverged:
                raise UserError(
                    f"a network of the study could not be trained: {outcome.reason}; what was trained "
                    "before is kept, and the same command goes on"
                )
            trained = self._trained(one, outcome, secs.pop(outcome.number, 0.0))
            with self.run.store.transaction():
                if keep and trained.val_loss is not None:
                    self.run.files.save(self.run.paths.studied(key), outcome.weights)
                self.run.store.set_training(key, to_json(trained))
            told()

        secs: dict[int, float] = {}
        diverged: set[int] = set()

        def report(epoch: Epoch) -> Decision:
            secs[epoch.number] = secs.get(epoch.number, 0.0) + epoch.secs
            if not epoch.finite:
                diverged.add(epoch.number)
            return TO_THE_END

        self._engine.train(ask, report, end)

    def close(self) -> None:
        """Let go of what the engine keeps."""
        self._engine.close()

    def _trained(self, one: Proposal, outcome: Outcome, secs: float) -> Trained:
        if outcome.status == Status.FAILED:
            return Trained(None, None, 0, secs)
        forecast = self._engine.predict(one.values, outcome.weights, self._rows)
        loss = mean_loss(self.loss, forecast - self.windows.targets(self._rows))
        found = Trained(outcome.best_val_loss, loss, outcome.best_epoch, secs)
        return found if math.isfinite(loss) else replace(found, val_loss=None, test_loss=None, best_epoch=0)
