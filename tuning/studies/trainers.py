"""The trainers of a study: one for the windows of the run, one for those without each feature in question."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..cluster.joined import pool_of
from .asked import windows_without
from .trainer import Budget, Trainer

if TYPE_CHECKING:
    from ..runs.folder import RunFolder


class Trainers:
    """Makes a trainer when it is first asked for.

    Args:
        run: held for writing.
        given: arguments of the space that all networks share.
        batch_size: of all of them.
        steps: of each training; all networks get as many, also those that are not given a feature.
        cache: see `Engine`.
        cluster: that trains; None trains here.
        note: tells the user a sentence.

    Attributes:
        budget: of each training.
    """

    def __init__(
        self,
        run: RunFolder,
        given: Mapping[str, Any],
        batch_size: int,
        steps: int,
        *,
        cache: bool,
        cluster: str | None,
        note: Callable[[str], None],
    ) -> None:
        self._run, self._given, self._cache = run, given, cache
        self.budget = Budget.of(steps, run.windows, batch_size)
        self._pool = pool_of(cluster, "fused", note)
        if self._pool is not None:
            note(f"networks are trained on a cluster of {self._pool.told}")
        self._made: dict[str, Trainer] = {}

    def __call__(self, without: str) -> Trainer:
        """Return the trainer without a feature; an empty name is with all of them."""
        if without not in self._made:
            windows = windows_without(self._run, without)
            apart = f"without {without}" if without else ""
            self._made[without] = Trainer(
                self._run, windows, self._given, self.budget, apart, self._cache, self._pool
            )
        return self._made[without]

    def close(self) -> None:
        """Let go of what the engines keep, and of the workers."""
        for one in self._made.values():
            one.close()
        if self._pool is not None:
            self._pool.close()
