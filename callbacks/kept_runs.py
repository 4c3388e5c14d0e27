"""Which trials keep a run of their own in TensorBoard, when a search has more than it can show.

TensorBoard selects no run at all once there are more than 500, and lists 500 in some three seconds. So
beyond `most` trials the best half and the newest half keep theirs; all trials stay in the Narrowing tab.
"""

from __future__ import annotations

from collections import deque

from ..search_spaces.best import ranked
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
        self._best.append(self._newest.popleft())
        if len(self._best) <= self._best_few:
            return None
        scored = [one.number for one in ranked(self._best)]
        failed = sorted({one.number for one in self._best}.difference(scored))
        gone = [*scored, *failed][-1]
        self._best = [one for one in self._best if one.number != gone]
        return gone
