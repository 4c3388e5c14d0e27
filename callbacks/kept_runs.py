"""Which trials keep a run of their own in TensorBoard, when a search has more than it can show.

TensorBoard selects no run at all once there are more than 500, and lists 500 in some three seconds. So
beyond `most` trials the best half and the newest half keep theirs; all trials stay in the Narrowing tab.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import deque

from ..search_spaces.best import best_of, counts_from_the_last_value
from ..search_spaces.trial import Trial

MOST = 400


class KeptRuns:
    """Says after each trial which one loses its run.

    Args:
        most: runs that may stay, 2 or more.
    """

    def __init__(self, most: int = MOST) -> None:
        self._newest_few = most - most // 2
        self._best_few = most // 2
        self._newest: deque[Trial] = deque()
        self._best: list[Trial] = []

    def add(self, trial: Trial) -> int | None:
        """Take a trial that ended; return the number of the trial whose run goes, or None."""
        self._newest.append(trial)
        if len(self._newest) <= self._newest_few:
            return None
        # What is no longer among the newest stays while it is among the best of those that are not.
        insort(self._best, self._newest.popleft(), key=_by_loss)
        if len(self._best) <= self._best_few:
            return None
        *others, worst = self._best
        # It is the best in spite of its loss where it alone needs no margin, or other seeds say so.
        alone = counts_from_the_last_value(worst) and not any(map(counts_from_the_last_value, others))
        if (alone or worst.again) and best_of(self._best) is worst:
            return self._best.pop(-2).number
        return self._best.pop().number


def _by_loss(trial: Trial) -> tuple[bool, float, int]:
    """What trials are ordered by: their losses, and those without one last."""
    score = math.nan if trial.score is None else trial.score
    return (True, 0.0, trial.number) if math.isnan(score) else (False, score, trial.number)
