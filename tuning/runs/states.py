"""States: which trials' states are kept, so that later trials can go on from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from .digests import KeptFiles
from .paths import RunPaths


class States:
    """The states of a search, last-epoch weights and optimizer variables.

    Args:
        paths: where.
        files: of the run.
    """

    def __init__(self, paths: RunPaths, files: KeptFiles) -> None:
        self._paths, self._files = paths, files
        self._held = paths.with_state()

    def load(self, number: int) -> list[np.ndarray]:
        """Return the state of a trial."""
        return self._files.load(self._paths.state(number))

    def save(self, number: int, state: Sequence[np.ndarray]) -> None:
        """Write the state of a trial."""
        self._files.save(self._paths.state(number), state)

    def gone(self, number: int | None, needed: set[int]) -> Callable[[], None] | None:
        """Return what removes the states that are held and not needed, None when there is nothing to remove.

        Args:
            number: of a trial whose state is held from now on.
            needed: trials whose states must stay.
        """
        self._held |= set() if number is None else {number}
        gone = self._held - needed
        self._held -= gone
        return partial(self._remove, gone) if gone else None

    def clear(self) -> None:
        """Remove all."""
        self._remove(self._paths.with_state())

    def _remove(self, numbers: set[int]) -> None:
        for number in numbers:
            self._files.remove(self._paths.state(number))
