"""Weights of the best trial that are gone, as damaged ones are after `narrows check`.

All of an answer rests on them. A training is a function of its trial, so it is done once more, and counts
where it comes to the same loss.
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
    """Train the best trial once more where its weights are gone, and keep them if its loss is the same.

    Args:
        run: held for writing, with every trial ended.
        engine: of the search; nothing is in training.
        note: tells the user a sentence.
        until: of `time.monotonic`; nothing is begun after it.
    """
    best = run.best
    if best is None or run.has_best_weights or time.monotonic() >= until:
        return
    note(f"the weights of {best.name} are gone: training it once more")
    proposal = replace(as_long(run, best).proposal, number=len(run.trials), first_epoch=0, parent=None)
    waiting = [Task(**vars(proposal))]
    trial = Trial(**vars(proposal), units=best.units)
    rules = Rules(Limits(int(run.job["identity"]["patience"])))

    def report(epoch: Epoch) -> Decision:
        nonlocal trial
        trial = trial.after(epoch)
        return rules.judge(trial, epoch, {}) if epoch.finite and epoch.epoch < trial.epochs else Decision()

    def end(outcome: Outcome) -> None:
        now, before = outcome.best_val_loss, math.nan if best.own_loss is None else best.own_loss
        if outcome.status != Status.FAILED and is_same_loss(now, before):
            run.files.save(run.paths.weights(best.number), outcome.weights)
        else:
            note(f"its validation loss is {now:.5g} now and was {before:.5g}: these weights are not kept")

    engine.train(lambda: waiting.pop() if waiting else None, report, end)
