"""Conduct one study: plan -> trainer -> plan ... -> measures -> `RecordedStudy`."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from ...callbacks.narrowing import Narrowing
from ...callbacks.narrowing.measures.fill import Fill
from ...callbacks.narrowing.measures.memory import Memory
from ...callbacks.narrowing.measures.target import TargetProbe
from ..algorithms.base import trial_seed
from ..models.measuring import Samples, narrowing_of, one_thread
from .plan import wanted as wanted_by
from .question import Contender, Question
from .rates import GRID
from .seen import Losses, Seen, Terms, Wanted
from .trainer import Trainer, mean_loss

if TYPE_CHECKING:
    from ..series.windows import Windows

logger = logging.getLogger(__name__)


class Shows(Protocol):
    """What is told of a study while it goes on."""

    def counted(self, done: int, wanted: int) -> None:
        """Called after each training: how many are done, of how many that are wanted so far."""


@dataclass(frozen=True)
class Conducted:
    """A study as far as it came.

    Args:
        seen: what it showed.
        measures: by contender, see `callbacks.studied.Arm`.
        stopped: why it is not complete; empty when it is.
    """

    seen: Seen
    measures: Mapping[int, Mapping[str, Any]]
    stopped: str = ""


class Study:
    """One study in the making.

    Args:
        terms: how it is done.
        values: hyperparameters that all its networks share.
        trainers: by the feature that is left out; empty for none.
        seed: of everything random.
    """

    def __init__(
        self, terms: Terms, values: Mapping[str, Any], trainers: Callable[[str], Trainer], seed: int
    ) -> None:
        self.terms, self.values, self.trainers, self.seed = terms, values, trainers, seed
        self.question: Question = terms.question

    def conduct(self, shows: Shows, until: float = math.inf) -> Conducted:
        """Train until the plan wants nothing more, or the time is up.

        Args:
            shows: is told how far it is.
            until: of `time.monotonic`.
        """
        while True:
            done = self.done()
            wanted = wanted_by(self.terms, done)
            shows.counted(sum(one in done for one in wanted), len(wanted))
            missing = any(one not in done for one in wanted)
            # Also what is done goes to the engine, which chooses by what came before (`Trainer.train`).
            self._train(wanted, shows, until)
            if not missing:
                return self._conducted(done)
            if time.monotonic() >= until:
                return self._conducted(self.done(), "the time was up")

    def done(self) -> dict[Wanted, Losses]:
        """Return what is known of everything that the plan may want, from this study or another."""
        done: dict[Wanted, Losses] = {}
        while True:
            found = {
                one: Losses(known.val_loss, known.test_loss)
                for one in wanted_by(self.terms, done)
                if one not in done and (known := self._trainer(one).known(*self._training(one)))
            }
            if not found:
                return done
            done |= found

    def _train(self, wanted: list[Wanted], shows: Shows, until: float) -> None:
        for without in dict.fromkeys(self._contender(one).without for one in wanted):
            own = [one for one in wanted if self._contender(one).without == without]
            before = sum(self._trainer(one).known(*self._training(one)) is not None for one in wanted)
            counter = count(before + 1)

            def told(counter: Iterator[int] = counter) -> None:
                shows.counted(next(counter), len(wanted))

            trained = [(*self._training(one), one.seed == 0) for one in own]
            self.trainers(without).train(trained, told, until)

    def _conducted(self, done: Mapping[Wanted, Losses], stopped: str = "") -> Conducted:
        seen = Seen(self.terms, done)
        return Conducted(seen, self._measured(seen), stopped)

    def _measured(self, seen: Seen) -> dict[int, dict[str, Any]]:
        """Measure the first seed's network of each contender that has a layer in question."""
        found = {}
        samples: dict[str, Samples] = {}
        with one_thread():
            for number, contender in enumerate(self.question.contenders):
                seeds = seen.reached(number)
                place = seen.place(number, seeds) if seeds else None
                if contender.layer is None or place is None:
                    continue
                one = Wanted(number, place, 0)
                trainer = self._trainer(one)
                weights = trainer.weights(*self._training(one))
                if weights is None:
                    continue
                sample = samples.setdefault(contender.without, Samples(trainer.windows))
                try:
                    values = self._training(one)[0]
                    narrowing = narrowing_of(values, weights, sample, full=True)
                except Exception:
                    # Any class: a fault in a measure must not cost its owner a study.
                    logger.warning("a network of a study could not be measured", exc_info=True)
                else:
                    found[number] = measures_of(narrowing, contender.layer)
        return found

    def _training(self, one: Wanted) -> tuple[dict[str, Any], int]:
        profile = self._contender(one).profile
        units = {f"units_{layer}": units for layer, units in enumerate(profile.units, start=1)}
        values = {**self.values, "num_layers": profile.num_layers, **units, "bottleneck": 0}
        return values | {"learning_rate": GRID[one.rate]}, trial_seed(self.seed, one.seed)

    def _contender(self, one: Wanted) -> Contender:
        return self.question.contenders[one.contender]

    def _trainer(self, one: Wanted) -> Trainer:
        return self.trainers(self._contender(one).without)


def measures_of(narrowing: Narrowing, layer: int) -> dict[str, Any]:
    """Return what is shown beside the loss of a network, of one of its layers, from 0; see `Arm.measures`."""
    measured = narrowing.layers[layer]
    before = narrowing.boundaries[layer - 1] if layer else narrowing.entry
    # What is read on of the last layer is its present state alone.
    read = "instant" if layer == len(narrowing.layers) - 1 else "trajectory"
    memory, fill = measured.get(Memory), measured[Fill]
    return {
        "units": _rounded(fill.effective_rank),
        "fill": _rounded(fill.effective_rank / measured.units),
        "kept": None if before is None else _rounded(before.kept.shown),
        "target": _rounded(getattr(measured[TargetProbe], read).shown),
        "lags": None if memory is None else list(memory.lags),
        "memory": None if memory is None else [_rounded(value) for value in getattr(memory, read)],
    }


def spread_of(loss: str, windows: Windows, part: str) -> tuple[float, float]:
    """Return the mean loss of two constant forecasts on the windows of a part, in training deviations.

    Args:
        loss: `mse`, `mae` or `huber`.
        windows: the data.
        part: `validation` or `test`.

    Returns:
        Of the training mean, and of the last value of each window.
    """
    rows = windows.parts[part]
    targets = windows.targets(rows).astype(float)
    last = windows.data[rows - 1][:, None, : targets.shape[2]]
    return mean_loss(loss, targets), mean_loss(loss, targets - last)


def _rounded(value: float) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None
