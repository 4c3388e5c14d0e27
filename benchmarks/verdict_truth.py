"""Truth about a boundary, by retraining: does a wider layer after it lower the loss on fresh windows?

Stacks and their wider stacks are trained by the fused engine with six seeds, in pairs of the same seed, hence
of the same batches. Seed 0 is the trial whose verdict is judged; two more are what a search may train to be
surer of it (`JUDGING`). The other three decide what is true (`SEEDS`) and judge nothing:

    d_s = ln(loss_s / wider loss_s)      a_s = (loss_s - wider loss_s) / variance of the target

Widening helps when the mean of d is above -ln(1 - 0.05) and the mean of a above 0.005. It is clear when both
means are further than two standard errors from these bounds.

Trainings are kept in a folder, one `.npz` each, named by all they depend on: only what is new is trained.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from verdict_stacks import Stack, stacks

JUDGED, SEEDS = 0, (1, 2, 3)
JUDGING = JUDGED, 4, 5
EVERY = *JUDGING, *SEEDS
LESS, SHARE = 0.05, 0.005
"""What a wider layer must take off the loss: this share of it, and this share of the target's variance."""
NUMBERS = ("val_loss", "test_loss", "variance")


@dataclass(frozen=True)
class Trained:
    """What one training gave.

    Args:
        val_loss: mean squared error on the validation windows, in training deviations of the target.
        test_loss: on the test windows.
        variance: of the targets of the test windows, in the same unit.
        weights: in Keras' order.
    """

    val_loss: float
    test_loss: float
    variance: float
    weights: list[np.ndarray]


@dataclass(frozen=True)
class Truth:
    """What retraining says of a boundary.

    Args:
        helps: whether a wider layer after it lowers the loss.
        clear: whether that is beyond the chance of the seeds.
        fell: mean of d, above 0 where the wider loss is smaller.
        gained: mean of a.
    """

    helps: bool
    clear: bool
    fell: float
    gained: float


def lowers(fell: float, gained: float) -> bool:
    """Whether a loss that fell by a log ratio and by a share of the variance is lower to speak of."""
    return fell > -np.log(1 - LESS) and gained > SHARE


def truth(own: Sequence[Trained], wider: Sequence[Trained]) -> Truth:
    """Return what trainings of a stack and of a wider one, in pairs of a seed, say of the boundary."""
    losses, wide = (np.array([one.test_loss for one in each]) for each in (own, wider))
    d, a = np.log(losses / wide), (losses - wide) / own[0].variance
    clear = all(
        abs(each.mean() - bound) > 2 * each.std(ddof=1) / np.sqrt(len(each))
        for each, bound in ((d, -np.log(1 - LESS)), (a, SHARE))
    )
    return Truth(bool(lowers(d.mean(), a.mean())), clear, float(d.mean()), float(a.mean()))


class Trainings:
    """Trainings by stack and seed, kept in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def path(self, stack: Stack, seed: int) -> Path:
        """Return where a training is kept."""
        whole = asdict(stack) | {"seed": seed}
        whole.pop("state")
        return self.folder / f"{hashlib.sha256(json.dumps(whole).encode()).hexdigest()[:24]}.npz"

    def of(self, stack: Stack, seed: int) -> Trained:
        """Return a training.

        Raises:
            FileNotFoundError: before `train`.
        """
        with np.load(self.path(stack, seed), allow_pickle=False) as kept:
            val_loss, test_loss, variance = (float(kept[name]) for name in NUMBERS)
            weights = [kept[f"weight_{k}"] for k in range(len(kept.files) - len(NUMBERS))]
            return Trained(val_loss, test_loss, variance, weights)

    def truth(self, stack: Stack, before: int) -> Truth:
        """Return the truth about a boundary, by the layer before it."""
        wider = stack.wider(before)
        return truth(*([self.of(one, seed) for seed in SEEDS] for one in (stack, wider)))

    def missing(self, stacks: Sequence[Stack]) -> list[tuple[Stack, int]]:
        """Return what is not there yet of some stacks and their wider stacks, with all seeds."""
        every = [one for stack in stacks for one in (stack, *map(stack.wider, range(len(stack.units))))]
        wanted = {self.path(one, seed): (one, seed) for one in every for seed in EVERY}
        return [task for path, task in wanted.items() if not path.exists()]

    def train(self, missing: Sequence[tuple[Stack, int]]) -> None:
        """Train and keep stacks of one source, each with its seed."""
        from narrows.search_spaces import StackedLSTM
        from narrows.search_spaces.trial import GO_ON, Outcome
        from narrows.tuning import engines
        from narrows.tuning.engines.base import Task
        from narrows.tuning.series.shaped import shaped

        data = missing[0][0].source.data()
        space = StackedLSTM()
        # What is kept in the folder was trained before there were averaged weights; nothing else differs.
        space.averages = False
        engine = engines.make("fused", shaped(space, data), data)
        waiting = [
            Task(number, stack.values, stack.epochs, seed=seed, keep_state=stack.last)
            for number, (stack, seed) in enumerate(missing)
        ]
        weights: dict[int, Sequence[np.ndarray]] = {}

        def end(outcome: Outcome) -> None:
            count = len(outcome.weights)
            weights[outcome.number] = outcome.state[:count] if outcome.state else outcome.weights

        engine.train(lambda: waiting.pop(0) if waiting else None, lambda epoch: GO_ON, end)
        for number, (stack, seed) in enumerate(missing):
            self._keep(self.path(stack, seed), engine, stack, weights[number])

    def _keep(self, path: Path, engine: Any, stack: Stack, weights: Sequence[np.ndarray]) -> None:
        losses = {}
        for part in ("validation", "test"):
            rows = engine.windows.parts[part]
            targets = engine.windows.targets(rows).astype(float)
            losses[part] = np.square(engine.predict(stack.values, weights, rows) - targets).mean()
        numbers = (losses["validation"], losses["test"], np.square(targets).mean())
        kept = dict(zip(NUMBERS, map(np.asarray, numbers), strict=True))
        partial = path.with_suffix(f".{os.getpid()}.partial")
        with partial.open("wb") as file:
            np.savez(
                file, allow_pickle=False, **kept, **{f"weight_{k}": one for k, one in enumerate(weights)}
            )
        os.replace(partial, path)  # a training is there whole or not at all


def train_some(folder: str, first: int, last: int) -> None:
    """Train what is missing in `folder` for the sources `first` to `last`, the last one not included."""
    trainings, every = Trainings(Path(folder)), stacks()
    for source in list(dict.fromkeys(stack.source for stack in every))[first:last]:
        if missing := trainings.missing([stack for stack in every if stack.source == source]):
            trainings.train(missing)
