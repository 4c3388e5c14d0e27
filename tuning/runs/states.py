"""States: where trainings stand that go on later, and which of them are kept.

A state is a file of its own for each epoch that one is kept of, and it is one once the store has its digest:
wherever the process dies, the newest state of a trial is whole, and its epochs are in the store.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from ...search_spaces.trial import Standing
from .digests import KeptFiles
from .paths import RunPaths


class States:
    """The states of a search.

    Args:
        paths: where.
        files: of the run.
    """

    def __init__(self, paths: RunPaths, files: KeptFiles) -> None:
        self._paths, self._files = paths, files
        # Listed once: to look for each trial would cost the more, the more trials there are.
        self._held: defaultdict[int, set[int]] = defaultdict(set)
        self._unkept: set[tuple[int, int]] = set()
        for number, epoch in paths.with_state():
            if files.has(paths.state(number, epoch)):
                self._held[number].add(epoch)
            else:
                self._unkept.add((number, epoch))

    def newest(self, number: int) -> int | None:
        """Return the last epoch of a trial that a state is kept of, None where there is none."""
        held = sorted(self._held.get(number, ()), reverse=True)
        return next((epoch for epoch in held if self._files.has(self._paths.state(number, epoch))), None)

    def load(self, number: int) -> tuple[int, Standing]:
        """Return that epoch, and where the trial stood after it.

        Raises:
            UserError: when the file is not there, or not what the run wrote.
        """
        epoch = self.newest(number) or 0
        (best_epoch, best_val_loss, count), *arrays = self._files.load(self._paths.state(number, epoch))
        weights, state = arrays[: int(count)], arrays[int(count) :]
        return epoch, Standing(int(best_epoch), float(best_val_loss), weights, state)

    def save(self, number: int, epoch: int, standing: Standing) -> None:
        """Write where a trial stands after an epoch; what was kept of it before stays until `keep`."""
        best = np.array([standing.best_epoch, standing.best_val_loss, len(standing.weights)], np.float64)
        self._files.save(self._paths.state(number, epoch), [best, *standing.weights, *standing.state])
        self._unkept.discard((number, epoch))
        self._held[number].add(epoch)

    def keep(self, numbers: set[int]) -> None:
        """Remove all but the newest states of these trials."""
        for number, epoch in sorted(self._unkept):
            self._remove(number, epoch)
        self._unkept.clear()
        for number in [one for one, epochs in self._held.items() if one not in numbers or len(epochs) > 1]:
            newest = max(self._held[number]) if number in numbers else None
            for epoch in sorted(self._held[number] - {newest}):
                self._remove(number, epoch)
                self._held[number].discard(epoch)
            if not self._held[number]:
                del self._held[number]

    def _remove(self, number: int, epoch: int) -> None:
        self._files.remove(self._paths.state(number, epoch))
