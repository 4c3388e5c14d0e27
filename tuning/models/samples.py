"""The validation windows that stacks are measured on, scaled as each of them reads and emits them.

The measures want what the first LSTM layer reads and what the readout emits. Scaling, segments, channels
apart, and the linear forecast that a stack may add to, are inside the model, so they are done here once more,
in NumPy (`search_spaces.scaling`, `search_spaces.reading`). A window whose targets are apart is as many rows
of the sample, of one time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from ...callbacks.narrowing import TARGET, Sample, States, WindowForecast, rows_for
from ...callbacks.narrowing.budget import budget
from ...search_spaces.linear import Linear
from ...search_spaces.profile import Profile
from ...search_spaces.reading import Reading
from ...search_spaces.scaling import scaling_of
from ...search_spaces.trial import Trial
from ..series.epoch_rows import measured_rows, training_steps
from ..series.ridge import ridge
from ..series.windows import Windows

USUAL = {"segment": 1, "batch_size": 32}
"""What holds for a space that does not name these."""
MOST_SAMPLES = 32
MOST_LEARNED = 2000
"""Training windows from which is learned what a window tells by itself."""
BEYOND_LAST = "the target's changes from its last value"


@dataclass(frozen=True)
class Reads:
    """What a stack reads of a window, and what it is to emit.

    Args:
        scaling: `standard`, `last` or `none`.
        reading: the rest of it.
        linear: whether it adds to a linear forecast.
    """

    scaling: str
    reading: Reading
    linear: bool = False

    @classmethod
    def of(cls, values: Mapping[str, Any], windows: Windows) -> Reads:
        """Return that of a trial with these hyperparameters."""
        reading = Reading.of(values, windows.input_shape, windows.output_shape)
        return cls(str(values["scaling"]), reading, values.get("linear", "none") != "none")

    @property
    def what(self) -> str:
        """What the stack has to explain, as sentences call it."""
        if self.linear:
            return "what the linear forecast misses"
        return BEYOND_LAST if self.scaling == "last" else TARGET


class Samples:
    """Validation windows for the measures, always the same ones; cut once for all trials that read the same.

    Args:
        windows: the data.
        loss: that the trials are trained by.
    """

    def __init__(self, windows: Windows, loss: str) -> None:
        self.windows, self._loss = windows, loss
        self._sample = lru_cache(MOST_SAMPLES)(self._make)
        self._forecast = lru_cache(MOST_SAMPLES)(self._learn)

    def of(self, values: Mapping[str, Any], weights: Sequence[np.ndarray], *, full: bool = False) -> Sample:
        """Return the windows for a trial with these hyperparameters and weights.

        Args:
            values: hyperparameters.
            weights: as in its `Outcome`.
            full: whether all measures are taken, on `MOST_ROWS` windows, or the quick ones on fewer.
        """
        layers = Profile.from_values(values).num_layers
        widest = max(len(recurrent) for recurrent in weights[1 : 3 * layers : 3])
        return self._sample(Reads.of(values, self.windows), rows_for(widest, full=full))

    def read_by(self, states: States) -> Sample:
        """Return the windows, scaled, whose `states` an engine told; see `Outcome.states`."""
        whole = Reads.of({"scaling": "standard"}, self.windows)
        return self._sample(whole, len(states.inputs))

    def budget_of(self, trial: Trial) -> float:
        """Return how many operations the measures of a trial may take, by its epochs up to the best one."""
        segment, batch_size = (int(trial.values.get(name, usual)) for name, usual in USUAL.items())
        seen = training_steps(self.windows, batch_size) * batch_size * max(1, trial.best_epoch)
        return budget(trial.parameters, self.windows.lookback // segment, seen)

    def read_and_emitted(self, reads: Reads, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return what the first layer reads, (rows, steps, width), and what the readout should emit.

        Args:
            reads: of the trial.
            rows: first-target rows of the windows.
        """
        windows = self.windows
        inputs, targets = windows.inputs(rows), windows.targets(rows)
        shape = inputs.shape[2], targets.shape[2]
        numbers = scaling_of(reads.scaling, *shape, *windows.input_moments, linear=reads.linear)
        linear = self._linear(inputs) if reads.linear else 0.0
        read, emitted = numbers.read_and_emitted(inputs, targets, linear)
        return reads.reading.read(read), reads.reading.emitted(emitted)

    def _make(self, reads: Reads, wanted: int) -> Sample:
        rows = measured_rows(self.windows, -(-wanted // reads.reading.rows))
        inputs, targets = self.read_and_emitted(reads, rows)
        forecast, when = self._forecast(reads), self._when(rows, reads)
        segment = reads.reading.segment
        return Sample(
            inputs, targets, forecast=forecast, what=reads.what, loss=self._loss, segment=segment, **when
        )

    def _learn(self, reads: Reads) -> WindowForecast:
        """Return what windows tell by themselves, learned from at most `MOST_LEARNED` training windows."""
        rows = measured_rows(self.windows, -(-MOST_LEARNED // reads.reading.rows), part="train")
        read = self.read_and_emitted(reads, rows)
        return WindowForecast.of(*read, loss=self._loss, **self._when(rows, reads))

    @cached_property
    def _linear(self) -> Linear:
        return ridge(self.windows).linear

    def _when(self, rows: np.ndarray, reads: Reads) -> dict[str, Any]:
        times = np.repeat(self.windows.moments[rows], reads.reading.rows)
        return {"span": self.windows.reach(rows), "times": times}
