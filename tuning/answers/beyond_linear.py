"""Whether the best trial of a search is better than a linear forecast of the same windows.

A stack that adds to a linear forecast begins at its loss, so a search may end where it began. Its widths say
nothing then: any of them is as good as none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from ..engines.base import Engine
from ..series.losses import linear_losses

if TYPE_CHECKING:
    from ...search_spaces.stacked_lstm import StackedLSTM
    from ...search_spaces.trial import Trial

MARGIN = 0.01
"""What the LSTM must take off the loss of the linear forecast; less than that another seed takes, too."""


@dataclass(frozen=True)
class BeyondLinear:
    """Two validation losses.

    Args:
        linear: of the linear forecast.
        best: of the best trial.
    """

    linear: float
    best: float

    @property
    def gain(self) -> float:
        """Share of the linear forecast's loss that the best trial is without."""
        return 1 - self.best / self.linear if self.linear else 0.0

    @property
    def nothing(self) -> bool:
        """Whether the LSTM adds nothing that counts."""
        return self.gain < MARGIN

    @property
    def sentence(self) -> str:
        """What that means, for the user."""
        if not self.nothing:
            return (
                f"On validation windows its loss, {self.best:.4g}, is {self.gain:.0%} below that of a linear "
                f"forecast, {self.linear:.4g}."
            )
        return (
            "The LSTM adds nothing to a linear forecast here: its best validation loss is "
            f"{self.best:.4g}, that of the linear forecast alone {self.linear:.4g}. So no width is "
            "recommended; any would do. More data, features or a longer lookback may give the LSTM something "
            "to find."
        )


def beyond_linear(engine: Engine, best: Trial) -> BeyondLinear | None:
    """Return how the best trial compares; None where the search had no linear forecast.

    Args:
        engine: of the search.
        best: with a score.
    """
    space = engine.space
    if not (space.is_stack and space.wants_linear):
        return None
    stack = cast("StackedLSTM", space)
    assert stack.linear is not None and best.best_val_loss is not None
    _, loss = linear_losses(stack.linear, engine.windows, stack.loss)
    return BeyondLinear(loss, best.best_val_loss)
