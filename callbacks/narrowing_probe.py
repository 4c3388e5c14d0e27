"""NarrowingProbe: a Keras callback that measures what the widths of a stack do, in any `model.fit`.

    probe = NarrowingProbe(x_val, y_val)
    model.fit(x, y, callbacks=[probe])
    for boundary in probe.narrowing.boundaries:
        print(boundary.verdict.sentence)

A sentence that leaves something to a study names the command for a stacked LSTM of the model's widths,
`narrows study DATA --profile 16-4 --layer 2`, where DATA is the user's series: a model of one's own has no
run. How the states are read stands in `model_states`.
"""

from __future__ import annotations

import math
import warnings
from functools import partial
from typing import Any

import numpy as np

from ..search_spaces.backend import keras
from ..search_spaces.errors import UserError
from ..search_spaces.profile import Profile
from ..search_spaces.sketch import loss_name
from .model_states import ModelStates
from .narrowing import MOST_ROWS, Narrowing, Sample, measure
from .narrowing.budget import budget

BATCH = 32


class NarrowingProbe(keras.callbacks.Callback):
    """Measures the stacked recurrent layers of a Sequential or functional model, also of models inside it.

        probe = NarrowingProbe(x_val, y_val)
        model.fit(x, y, callbacks=[probe])
        print(probe.narrowing.boundaries[0].verdict.sentence)

    They are LSTM, GRU, SimpleRNN and RNN layers and Bidirectional ones; see `recurrent_layers`. A skip or
    branch around one is seen and told. A Sequential model whose shapes are not known yet is built for x.

    Measured is the end of the training, after the callbacks that stand before this one: put it behind an
    `EarlyStopping` that restores weights. The summary is put into `logs` too, for the callbacks behind it.

    Args:
        x: float (rows, lookback, channels), inputs of the model in the order of time; best none that it
            was trained on. At most `MOST_ROWS` of them, drawn once, are used.
        y: float (rows, ...), what the layers after the stack make of its state: the targets.
        span: rows of `x` that are less than this apart share time steps, as windows that move on by
            one do; 1 where rows share nothing. None is lookback + the length of `y`'s second axis.
        every: epochs between measures while the model trains; 0 is the end alone.

    Attributes:
        narrowing: the latest `Narrowing`; None before the first, and where a network diverged.

    Raises:
        UserError: "NarrowingProbe needs ..." when x and y do not fit, and as the training begins for a
            model whose recurrent layers are no stack, cannot be measured, or do not read x.
    """

    def __init__(self, x: Any, y: Any, *, span: int | None = None, every: int = 0) -> None:
        super().__init__()
        x, y = _array(x, "x"), _array(y, "y")
        if x.ndim != 3 or len(x) != len(y) or not len(x):
            raise UserError(
                "NarrowingProbe needs x of shape (rows, lookback, channels) and as many rows of y, "
                f"not {x.shape} and {y.shape}"
            )
        drawn = np.random.default_rng(0).choice(len(x), min(len(x), MOST_ROWS), replace=False)
        rows = np.sort(drawn)
        span = span or x.shape[1] + (y.shape[1] if y.ndim > 1 else 1)
        try:
            self._sample_of = partial(Sample, x[rows], y[rows], span=span, times=rows)
            self._sample = self._sample_of()
        except ValueError as error:
            raise UserError(f"NarrowingProbe needs finite x and y: {error}") from error
        self._every = every
        self.narrowing: Narrowing | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Find the layers, before anything is trained in vain."""
        self.narrowing = None
        if isinstance(self.model, keras.Sequential) and not self.model.built:
            self.model.build((None, *self._sample.inputs.shape[1:]))
        self._reader = ModelStates(self.model)
        try:
            first = self._reader.states(self._sample.inputs[:1])
        except Exception as error:
            # Any class: what a model makes of an input that it was not made for is its own affair.
            raise UserError(
                f"NarrowingProbe needs x as {self.model.name!r} reads it, {self.model.inputs[0].shape}; "
                f"a first row of shape {self._sample.inputs.shape[1:]} ended with: {error}"
            ) from error
        if len(first.inputs) != 1:
            raise UserError(
                f"NarrowingProbe needs a state a window, and {self.model.name!r} makes {len(first.inputs)} "
                "sequences of each, as of targets that are forecast apart: train it with one target to "
                "measure it"
            )
        segment = _segment(self._sample.inputs.shape[1], *first.inputs.shape[1:])
        self._sample = self._sample_of(loss=loss_name(self.model), segment=segment)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measure each `every` epochs."""
        if self._every and (epoch + 1) % self._every == 0:
            self._measure(logs, full=False)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Measure the trained model with all measures."""
        self._measure(logs, full=True)

    def _measure(self, logs: dict[str, Any] | None, full: bool) -> None:
        states = self._reader.states(self._sample.inputs)
        self.narrowing = None
        try:
            study = f"DATA --profile {Profile(self._reader.units)}"
            self.narrowing = measure(states, self._sample, full=full, study=study, budget=self._budget())
        except ValueError as error:
            # A network that diverged must not cost its owner the rest of the training script.
            warnings.warn(f"NarrowingProbe measured nothing: {error}", stacklevel=2)
        if self.narrowing and logs is not None:
            summary = self.narrowing.summary().items()
            logs.update({name: value for name, value in summary if not math.isnan(value)})

    def _budget(self) -> float:
        """Return how many operations the measures may take; a batch counts as Keras' usual one."""
        told = self.params or {}
        seen = BATCH * (told.get("steps") or 0) * (told.get("epochs") or 0)
        return budget(self.model.count_params(), self._sample.inputs.shape[1], seen)


def _segment(lookback: int, steps: int, width: int) -> int:
    """Return the rows that a step of the first layer reads: several where a model folds rows together."""
    rows = lookback // steps
    return rows if rows * steps == lookback and width % rows == 0 else 1


def _array(values: Any, name: str) -> np.ndarray:
    """Return one array; raise for what is several, as the inputs of a model with several inputs are."""
    if isinstance(values, dict):
        kind = f"a dict of {', '.join(map(repr, values)) or 'nothing'}"
    else:
        try:
            found = np.asarray(values)
        except ValueError:
            kind = f"a {type(values).__name__} of arrays of different shapes"
        else:
            if found.dtype.kind in "biuf":
                return found
            kind = f"a {type(values).__name__}"
    raise UserError(f"NarrowingProbe needs {name} as one array of numbers, not as {kind}")
