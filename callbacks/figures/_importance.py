"""The hyperparameters of a search by importance, for all pictures that ask which one matters.

Losses are compared by ratio, as logarithms, where all are positive. A few failed trainings would outweigh all
else, so that losses further than 3 standard deviations from the median (by the median absolute deviation)
count as so far. Of Hyperband, which trains most trials for a few epochs only, losses are compared among
trials of as many epochs: their medians are put on each other. Trials that ended early take part with the
least loss that they had: they ended because of it, and without them the bad values would look untried.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ._axes import axis_of
from ._base import NothingToShow
from ._columns import Column, columns
from ._loss import on_log_scale, scores_of, with_score
from ._variance import Effect, effects

if TYPE_CHECKING:
    from ..recorded import RecordedSearch, RecordedTrial

LEAST = 10
"""Trials below which nothing is said of importance."""
FAR = 3 * 1.4826
"""Median absolute deviations, which are 3 standard deviations of a normal distribution."""
SHOWN = 0.01
"""Where the interval of a share ends above it, the hyperparameter is shown to matter."""


@dataclass(frozen=True)
class Judged:
    """One hyperparameter and what it does; not to be told of fewer than `LEAST` trials."""

    column: Column
    effect: Effect

    @property
    def name(self) -> str:
        """As the user knows it."""
        return self.column.declared.name

    @property
    def certain(self) -> bool:
        """Whether it is shown to matter."""
        return self.effect.between[0] > SHOWN

    def curve(self) -> tuple[np.ndarray, np.ndarray]:
        """Return where its values stand on their axis, rising, and of each a trial that has it."""
        axis = axis_of(self.column)
        heights, trials = np.unique(axis.heights, return_index=True)
        had = ~np.isnan(self.effect.change[trials])
        return heights[had], trials[had]


@dataclass(frozen=True)
class Ranking:
    """What matters among the trials of a search.

    Args:
        trials: with a score, by number.
        losses: float (trials,), how they are compared; logarithms where `log`.
        log: whether they are.
        judged: hyperparameters that differ between them, the most important one first; in the order of the
            space where there are fewer than `LEAST` trials.
    """

    trials: Sequence[RecordedTrial]
    losses: np.ndarray
    log: bool
    judged: Sequence[Judged]

    @classmethod
    def of(cls, search: RecordedSearch, wanted: str, least: int = 2) -> Ranking:
        """Return what matters in a search.

        Args:
            search: of any number of trials.
            wanted: what so many trials are needed for, for the sentence that says so.
            least: how many trials with a score are needed.

        Raises:
            NothingToShow: where there are fewer, or nothing differs between them.
        """
        scored = with_score(search)
        if len(scored) < least:
            few = f"{counted(len(scored))} with a score so far" if scored else "No trial has a score yet"
            raise NothingToShow(f"{few}: {least} are needed to {wanted}.")
        # Kept where a cached_property of the search would be: three pictures of a page ask for it.
        kept = vars(search)
        if "_ranking" not in kept:
            kept["_ranking"] = cls._of(search, scored)
        ranking: Ranking = kept["_ranking"]
        if not ranking.judged:
            raise NothingToShow("No hyperparameter differs between the trials.")
        return ranking

    @classmethod
    def _of(cls, search: RecordedSearch, scored: Sequence[RecordedTrial]) -> Ranking:
        searched = [column for column in columns(search, scored) if len(column.distinct) > 1]
        log = on_log_scale(scores_of(scored))
        losses = compared(scored, log=log)
        found = effects(searched, losses) if searched else []
        judged = [Judged(*pair) for pair in zip(searched, found, strict=True)]
        if len(scored) >= LEAST:
            judged.sort(key=lambda one: -one.effect.share)
        return cls(scored, losses, log, judged)

    @property
    def told(self) -> bool:
        """Whether there are enough trials to tell what matters."""
        return len(self.trials) >= LEAST


def compared(trials: Sequence[RecordedTrial], *, log: bool) -> np.ndarray:
    """Return the losses of trials as they are compared, float (trials,)."""
    losses = np.array(scores_of(trials))
    losses = np.log(losses) if log else losses
    middle = np.median(losses)
    epochs = np.array([one.epochs for one in trials])
    for some in np.unique(epochs):
        losses[epochs == some] += middle - np.median(losses[epochs == some])
    far = FAR * np.median(np.abs(losses - middle))
    return np.clip(losses, middle - far, middle + far) if far > 0 else losses


def counted(count: int) -> str:
    """Return `1 trial`, `2 trials`."""
    return f"{count:,} trial" if count == 1 else f"{count:,} trials"
