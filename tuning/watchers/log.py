"""Tells the logger when a trial begins and how it ended; the log of the run is one that hears of it."""

from __future__ import annotations

import logging

from ...search_spaces.trial import Outcome, Trial
from .base import Watcher

logger = logging.getLogger(__name__)


class Log(Watcher):
    """Two lines a trial, once the store knows of it."""

    place = 0

    def began(self, trial: Trial) -> None:
        logger.info(
            "%s begins: %s, seed %d, %d parameters",
            trial.name,
            dict(trial.values),
            trial.seed,
            trial.parameters,
        )

    def ended(self, trial: Trial, outcome: Outcome) -> None:
        score = "no score" if trial.score is None else f"loss {trial.score:.6g} of epoch {trial.best_epoch}"
        why = f": {trial.reason}" if trial.reason else ""
        on = f" on {trial.node}" if trial.node else ""
        logger.info("%s is %s, %s, %.3f s%s%s", trial.name, trial.status, score, trial.secs, on, why)
