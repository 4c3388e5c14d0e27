"""Setup: everything an engine is made of, so that the same one can be made in another process."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import keras

from .. import engines
from ._folds import Folds

if TYPE_CHECKING:
    from ...search_spaces.space import Space
    from ..series.windows import Windows
    from .base import Engine


@dataclass(frozen=True)
class Setup:
    """What trials are trained on, and how.

    Args:
        name: of the engine.
        folds: space and windows of each fold, the newest, which is the search's own, first.
        loss: of the job.
        patience: epochs without a better validation loss that end a training on an older fold; 0 is never.
        callbacks: the user's own, see `Engine`.
        cache: see `Engine`; of the machine that trains.
        numbers: in which Keras computes: its float type and its policy.
    """

    name: str
    folds: tuple[tuple[Space, Windows], ...]
    loss: str
    patience: int = 0
    callbacks: Any = None
    cache: bool = False
    numbers: tuple[str, Any] = field(
        default_factory=lambda: (keras.config.floatx(), keras.config.dtype_policy())
    )

    def engine(self) -> Engine:
        """Return the engine. Keras computes in this process as it did where the setup was made."""
        floatx, policy = self.numbers
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)
        (newest, *older) = (
            partial(engines.make, self.name, space, windows, self.callbacks, self.cache)
            for space, windows in self.folds
        )
        return Folds(newest(), older, self.patience) if older else newest()
