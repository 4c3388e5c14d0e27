"""Whether the best trial of a search is better than a linear forecast of the same windows.

A stack that adds to a linear forecast begins at its loss, so a search may end where it began. Its widths say
nothing then: any of them is as good as none. The test part judges: on validation the best epoch of the best
trial was chosen, so that it is below the linear forecast also where there is nothing to learn. Where the test
part is too short to be sure, validation is believed if it is (`blend`) and the test part does not object.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import numpy as np

from ..series.epoch_rows import evaluation_rows
from ..series.losses import each_loss
from .chance import surely_above

if TYPE_CHECKING:
    from ...search_spaces.stacked_lstm import StackedLSTM
    from ..engines.base import Engine
    from ..runs.folder import RunFolder

MARGIN = 0.01
"""What the LSTM must take off the loss of the linear forecast; less than that another seed takes, too."""


@dataclass(frozen=True)
class BeyondLinear:
    """Two losses on the test part.

    Args:
        linear: of the linear forecast.
        best: of the best trial.
        windows: they are means over.
        sure: whether the 95 % interval of their difference lies above zero, here or on validation.
    """

    linear: float
    best: float
    windows: int
    sure: bool

    @property
    def gain(self) -> float:
        """Share of the linear forecast's loss that the best trial is without."""
        return 1 - self.best / self.linear if self.linear else 0.0

    @property
    def nothing(self) -> bool:
        """Whether the LSTM adds nothing that counts, or that could be shown."""
        return self.gain < MARGIN or not self.sure

    @property
    def sentence(self) -> str:
        """What that means, for the user; empty where it adds something."""
        if not self.nothing:
            return ""
        if not math.isfinite(self.linear + self.best):
            return "Losses on the test part are no numbers or beyond all bounds, so no width is recommended."
        shown = f" as far as {self.windows:,} test windows can show" if self.gain >= MARGIN else ""
        return (
            f"The LSTM alone is no better than a linear forecast here{shown}, so no width is recommended: "
            "any would do. More data, features or a longer lookback may give it something to find."
        )


def beyond_linear(run: RunFolder, engine: Engine, *, shown: bool = False) -> BeyondLinear | None:
    """Return how the best trial of a run compares; None where the search had no linear forecast.

    Args:
        run: with its best trial's weights, if there is one.
        engine: of the search.
        shown: whether validation shows that the LSTM adds something.
    """
    space, best, windows = engine.space, run.best, engine.windows
    if best is None or not (space.is_stack and space.wants_linear):
        return None
    stack = cast("StackedLSTM", space)
    assert stack.linear is not None
    rows = evaluation_rows(windows, "test")
    targets = windows.targets(rows)
    forecasts = stack.linear(windows.inputs(rows)), engine.predict(best.values, run.weights(best), rows)
    # What is beyond all bounds is no reason for a warning: the sentence says it.
    with np.errstate(over="ignore", invalid="ignore"):
        linear, own = (each_loss(stack.loss, one - targets).mean(axis=(1, 2)) for one in forecasts)
        sure = shown or surely_above(linear - own, windows.moments[rows], windows.horizon)
    return BeyondLinear(float(linear.mean()), float(own.mean()), len(rows), sure)
