"""Which trials keep a run of their own in TensorBoard, when a search has more than it can show.

TensorBoard selects no run at all once there are more than 500, and lists 500 in some three seconds. So
beyond `most` trials the best half and the newest half keep theirs; all trials stay in the Narrowing tab.
"""

from __future__ import annotations

import math
from bisect import insort
from collections import deque

MOST = 400


class KeptRuns:
    """Says after each trial which one loses its run.

    Args:
        most: runs that may stay, 2 or more.
    """

    def __init__(self, most: int = MOST) -> None:
        self._newest_few = most - most // 2
        self._best_few = most // 2
        self._newest: deque[tuple[float, int]] = deque()
        self._best: list[tuple[float, int]] = []

    def add(self, number: int, loss: float | None) -> int | None:
        """Take a trial that ended; return the number of the trial whose run goes, or None.

        Args:
            number: of the trial.
            loss: its validation loss; None or NaN for a failed one.
        """
        self._newest.append((math.inf if loss is None or math.isnan(loss) else loss, number))
        if len(self._newest) <= self._newest_few:
            return None
        # What is no longer among the newest stays while it is among the best of those that are not.
        insort(self._best, self._newest.popleft())
        return self._best.pop()[1] if len(self._best) > self._best_few else None
