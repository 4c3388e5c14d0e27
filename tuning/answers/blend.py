"""Whether the best trial's networks are better together, and how much of them should be believed.

The mean of the networks of several seeds errs less than they do on average, as their errors are partly their
own. How far it is to be blended with a linear forecast is fitted to the validation windows. A blend that
helps there may hurt later (on a series like a random walk it was seen to), so it needs more than one word:
the share fitted on the first half of the validation windows must help on the second, and the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..models.ensemble import Ensemble, Members, blended, linear_of
from ..series.losses import mean_loss
from ..series.metrics import scores

if TYPE_CHECKING:
    from ...search_spaces.trial import Trial
    from ..engines.base import Engine
    from ..runs.folder import RunFolder

SHARES = tuple(number / 20 for number in range(21))


@dataclass(frozen=True)
class Together:
    """The best trial's networks together.

    Args:
        members: how many.
        share: of their mean; the rest is a linear forecast.
        scores: on the test part, by target, as of any forecast.
    """

    members: int
    share: float
    scores: dict[str, dict[str, float]]

    @property
    def plain(self) -> dict[str, Any]:
        """The same, JSON-able."""
        return {"members": self.members, "share": self.share, "scores": self.scores}


def together(run: RunFolder, engine: Engine, best: Trial) -> Together | None:
    """Return what the networks of the best trial are together; None where there is one alone.

    Args:
        run: with the weights.
        engine: forecasts.
        best: the trial.
    """
    members, windows = Members.of(run, best), engine.windows
    if members is None:
        return None
    validation, test = windows.parts["validation"], windows.parts["test"]
    mean, linear = Ensemble(members, 1.0).forecast(engine, validation), linear_of(windows, validation)
    share = share_of(run.job["identity"]["loss"], mean, linear, windows.targets(validation))
    z = Ensemble(members, share).forecast(engine, test)
    forecast = windows.scaler.raw_targets(z, windows.output_shape[1])
    return Together(len(members.weights), share, scores(windows.raw_targets(test), forecast, windows))


def share_of(loss: str, mean: np.ndarray, linear: np.ndarray, targets: np.ndarray) -> float:
    """Return the share of the networks' mean in a blend with a linear forecast, of `SHARES`.

    1 where a share fitted on either half of the windows does not help on the other half.

    Args:
        loss: `mse`, `mae` or `huber`.
        mean: forecasts of the networks, (windows, horizon, targets), in the order of time.
        linear: likewise.
        targets: what came.
    """

    def of(part: slice, share: float) -> float:
        return mean_loss(loss, blended(mean[part], linear[part], share) - targets[part])

    def best(part: slice) -> float:
        return min(SHARES[::-1], key=lambda share: of(part, share))

    half = len(targets) // 2
    first, second = slice(0, half), slice(half, None)
    helps = half > 0 and all(
        of(there, best(here)) < of(there, 1.0) for here, there in ((first, second), (second, first))
    )
    return best(slice(None)) if helps else 1.0


def sentences(found: Together | None, metric: str) -> list[str]:
    """Return a sentence on the networks together, of a single target.

    Args:
        found: from `together`.
        metric: that decides.
    """
    if found is None or len(found.scores) > 1:
        return []
    (score,) = found.scores.values()
    what = f"The mean of its {found.members} seeds"
    if found.share < 1:
        what += f", {found.share:.0%} of it and {1 - found.share:.0%} of the linear forecast,"
    return [
        f"{what} has {metric} {score[metric]:.4g} on the test part; it is exported by "
        "narrows export RUN model --ensemble"
    ]
