"""Whether the best trial's networks are better together, and how much of them should be believed.

The mean of the networks of several seeds errs less than they do on average, as their errors are partly their
own. Where the search knows a linear forecast it is blended with that, by a share that the validation windows
do not show to be worse than the best one (95 %, blocks of windows). Of these it is

- the one nearest to one half, where the networks look better than the linear forecast and the newest fold has
  enough blocks. The mean of two forecasts of different kinds is hard to beat: shares that are fitted to some
  windows are fitted to chance, too (the forecast combination puzzle: Bates and Granger 1969; Claeskens et
  al. 2016);
- else the smallest. A linear forecast is the simplest network of all, and the best of many trials is the best
  partly by luck: on few windows, where any difference may be luck, the LSTM has to show what it adds.

Where there are several folds, the validation windows of all count, those of older folds by the networks of
other seeds that were trained there. That half is better than the smallest share, except on few windows, was
found on rows before the test parts, as `benchmarks/shares.py` searches them; that it might be, on the test
part of ETTh1, a week ahead, which is no clean test of it therefore.

Networks of other trials are not taken in. Beside a linear path they are too much alike: on fifteen cuts of
such rows the best trial's seeds so blended had .995 of the linear forecast's RMSE, the three best trials
.997, those of the ten best that lowered the validation loss .995.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..models.ensemble import Ensemble, Members, blended, linear_of
from ..series.by_series import scored
from ..series.losses import each_loss
from ..series.overlap import FEWEST_BLOCKS
from .chance import count_blocks, surely_above

if TYPE_CHECKING:
    from ...search_spaces.trial import Trial
    from ..engines.base import Engine
    from ..runs.folder import RunFolder
    from ..series.windows import Windows

SHARES = tuple(number / 20 for number in range(21))


@dataclass(frozen=True)
class Together:
    """The best trial's networks together.

    Args:
        members: how many.
        share: of their mean; the rest is a linear forecast.
        scores: on the test part, by target, as of any forecast.
        adds: whether validation shows that the networks add to a linear forecast, if there is one.
    """

    members: int
    share: float
    scores: dict[str, dict[str, float]]
    adds: bool = True

    @property
    def is_one_network(self) -> bool:
        """Whether it is the trial's network and nothing else."""
        return self.members == 1 and self.share == 1

    @property
    def plain(self) -> dict[str, Any]:
        """The same, JSON-able."""
        return {"members": self.members, "share": self.share, "scores": self.scores}


@dataclass(frozen=True, eq=False)
class Seen:
    """Forecasts of the validation windows of a fold.

    Args:
        windows: of the fold.
        rows: int64 (windows,), first-target rows.
        mean: forecasts of the networks, (windows, horizon, targets), z.
        linear: likewise.
    """

    windows: Windows
    rows: np.ndarray
    mean: np.ndarray
    linear: np.ndarray

    def losses(self, loss: str, share: float) -> np.ndarray:
        """Return the loss of the blend in each window, float64 (windows,)."""
        errors = blended(self.mean, self.linear, share) - self.windows.targets(self.rows)
        return each_loss(loss, errors).mean(axis=(1, 2))


def together(run: RunFolder, engine: Engine, best: Trial) -> Together | None:
    """Return what the networks of a trial are together; None where there is none but a linear forecast.

    Args:
        run: with the weights.
        engine: forecasts.
        best: the trial.
    """
    members, windows = Members.of(run, best), engine.windows
    if members is None:
        return None
    share, adds = 1.0, True
    if engine.space.is_stack and engine.space.wants_linear:
        share, adds = share_of(run.job["identity"]["loss"], [*_seen(run, engine, members)])
    test = windows.parts["test"]
    z = Ensemble(members, share).forecast(engine, test)
    forecast = windows.raw(z, test)
    return Together(len(members.weights), share, scored({"": forecast}, windows, test)[""], adds)


def _seen(run: RunFolder, engine: Engine, members: Members) -> Iterator[Seen]:
    """Yield the forecasts of the validation windows of each fold whose networks were kept."""
    number = members.trial.number
    for fold, own in enumerate(engine.folds):
        rows, networks = own.windows.parts["validation"], members
        if fold:
            seeds = range(1, len(members.weights))
            paths = [run.paths.seed_weights(number, seed, fold) for seed in seeds]
            if not paths or not all(path.exists() for path in paths):
                return
            networks = Members(members.trial, tuple(map(run.files.load, paths)))
        yield Seen(
            own.windows, rows, Ensemble(networks, 1.0).forecast(own, rows), linear_of(own.windows, rows)
        )


def share_of(loss: str, seen: Sequence[Seen]) -> tuple[float, bool]:
    """Return the share of the networks' mean in a blend with a linear forecast, and whether they surely add.

    Args:
        loss: `mse`, `mae` or `huber`.
        seen: forecasts of the validation windows of each fold, the newest one first.

    Returns:
        One of `SHARES`; whether each share that may be the best one is above 0.
    """
    losses = {share: np.concatenate([one.losses(loss, share) for one in seen]) for share in SHARES}
    moments = np.concatenate([one.windows.moments[one.rows] for one in seen])
    best = min(losses.values(), key=lambda each: float(each.mean()))
    horizon = seen[0].windows.horizon
    possible = [share for share, each in losses.items() if not surely_above(each - best, moments, horizon)]
    smallest = possible[0]
    looks_better = float(losses[1.0].mean()) < float(losses[0.0].mean())
    newest = seen[0].windows.moments[seen[0].rows]
    if looks_better and count_blocks(newest, horizon) >= FEWEST_BLOCKS:
        return min(possible, key=lambda share: abs(share - 0.5)), smallest > 0
    return smallest, smallest > 0


def sentences(found: Together | None, metric: str, *, nothing: bool = False) -> list[str]:
    """Return a sentence on the networks together, of a single target.

    Args:
        found: from `together`.
        metric: that decides.
        nothing: whether the LSTM adds nothing to a linear forecast on the test part either.
    """
    if found is None or found.is_one_network or len(found.scores) > 1:
        return []
    (score,) = found.scores.values()
    count = f"the mean forecast of its {found.members} seeds" if found.members > 1 else "the LSTM"
    if found.share == 0 and not nothing:
        what = (
            "On the test windows the LSTM is better than a linear forecast, on the validation windows it is "
            "not surely so. The careful choice is that forecast alone: it"
        )
    elif found.share == 0:
        what = (
            "The validation windows do not show that the LSTM adds to a linear forecast. That forecast alone"
        )
    elif found.share < 1:
        what = (
            "Two forecasts of different kinds together usually err less than either: "
            f"{found.share:.0%} of {count} and {1 - found.share:.0%} of a linear forecast"
        )
    else:
        what = f"T{count[1:]}"
    return [
        f"{what} has {metric} {score[metric]:.4g} on the test part; it is exported by "
        "narrows export RUN model --ensemble"
    ]
