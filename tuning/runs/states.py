"""States: where trainings stand that go on later, and which of them are kept.

A state is a file of its own for each epoch that one is kept of, and it is one once the store has its digest:
wherever the process dies, the newest state of a trial is whole, and its epochs are in the store.
"""

from __future__ import annotations

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
        self._held = paths.with_state()

    def newest(self, number: int) -> int | None:
        """Return the last epoch of a trial that a state is kept of, None where there is none."""
        epochs = [epoch for one, epoch in self._held if one == number and self._is_kept(number, epoch)]
        return max(epochs, default=None)

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
        self._held.add((number, epoch))

    def keep(self, numbers: set[int]) -> None:
        """Remove all but the newest states of these trials."""
        for number, epoch in sorted(self._held):
            if number not in numbers or epoch != self.newest(number):
                self._files.remove(self._paths.state(number, epoch))
                self._held.discard((number, epoch))

    def _is_kept(self, number: int, epoch: int) -> bool:
        return self._files.has(self._paths.state(number, epoch))
