"""Weights of the best trial that are gone, as damaged ones are after `narrows check`.

All of an answer rests on them, so the training is done once more. Nothing but rounding differs between two
programs, numbers of threads or machines; where it comes to another loss all the same, its result depends on
rounding. Then both losses count: the trial is ranked by their mean, and the next best may go before it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...search_spaces.trial import Decision, Epoch, Outcome, Status, Trial
from ..engines.base import Task
from ..models.check import is_same_loss
from ..stopping import Limits, Rules
from .retraining import as_long

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..runs.folder import RunFolder


def train_lost(run: RunFolder, engine: Engine, note: Callable[[str], None], until: float = math.inf) -> None:
    """Train the best trial once more where its weights are gone, until the best one has weights.

    Args:
        run: held for writing, with every trial ended.
        engine: of the search; nothing is in training.
        note: tells the user a sentence.
        until: of `time.monotonic`; nothing is begun after it.
    """
    while (best := run.best) is not None and not run.has_best_weights and time.monotonic() < until:
        note(f"the weights of {best.name} are gone: training it once more")
        outcome, diverged = _repeated(run, engine, best)
        if outcome.status == Status.FAILED and not diverged:
            note(f"that failed: {outcome.reason}")
            return
        now = (math.nan,) if diverged else outcome.folds or (outcome.best_val_loss,)
        with run.store.transaction():
            if best.own_loss is None or not is_same_loss(now[0], best.own_loss):
                run.store.set_repeated(best.number, now)
                note(f"its validation loss is {now[0]:.5g} now and was {best.own_loss:.5g}")
            if not diverged:
                run.files.save(run.paths.weights(best.number), outcome.weights)


def _repeated(run: RunFolder, engine: Engine, best: Trial) -> tuple[Outcome, bool]:
    """Train a trial once more; return how that ended, and whether it diverged."""
    proposal = replace(as_long(run, best).proposal, number=len(run.trials), first_epoch=0, parent=None)
    waiting, ended = [Task(**vars(proposal))], list[Outcome]()
    trial, diverged = Trial(**vars(proposal), units=best.units), False
    rules = Rules(Limits(int(run.job["identity"]["patience"])))

    def report(epoch: Epoch) -> Decision:
        nonlocal trial, diverged
        trial, diverged = trial.after(epoch), not epoch.finite
        return rules.judge(trial, epoch, {}) if epoch.finite and epoch.epoch < trial.epochs else Decision()

    engine.train(lambda: waiting.pop() if waiting else None, report, ended.append)
    return ended[0], diverged
