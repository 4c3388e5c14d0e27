"""Evidence: what all measures of one stack look at, computed once and shared.

Layers are numbered from 1; number 0 is the input of the stack. A layer is read in two ways:

    instant     its present state h_t
    trajectory  its last states [h_t, h_{t-1} .. h_{t-L}]

A layer that another layer follows usually hands on its trajectory. Of the last layer a forecast reads the
present state alone, so its trajectory would count what the readout never sees.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np

from .ridge_probe import Probe, leading_directions
from .sample import Own, Sample, principal
from .score import Score
from .states import States

Path = Literal["instant", "trajectory"]

MOVES = 1e-6
"""A column of a smaller standard deviation is rounding, and is left out of every probe."""
PAST_VARIANCE, LEAST_DIRECTIONS, MOST_DIRECTIONS = 0.999, 16, 64
"""The past enters a trajectory in the principal directions that hold this share of the variance of the
standardised units, within these numbers. It moved no R^2 of trained 64-unit layers by more than 0.001, and
saves most of the time of wide layers."""


class Evidence:
    """The states of one stack for the windows of a sample, and the probes on them."""

    def __init__(self, states: States, sample: Sample) -> None:
        self.states, self.sample, self.split = states, sample, sample.split
        steps = states.layers[0].shape[1]
        self.layers = (states.inputs[:, -steps:], *states.layers)
        self._probes: dict[tuple[int, Path], Probe] = {}
        self._scores: dict[tuple[int, Path, int | None], Score] = {}
        self._principal: dict[int, np.ndarray] = {}

    @cached_property
    def own(self) -> Own | None:
        """What the forecasts of the network itself are worth; None where they are not known."""
        outputs = self.states.outputs
        return None if outputs is None else self.sample.own(outputs)

    @property
    def reaches(self) -> Score:
        """How well the network does: by its own forecasts, or by what is read from its last layer."""
        return self.own.score if self.own else self.of_target(self.last, self.handed_on(self.last))

    @property
    def learned(self) -> float:
        """R^2 of the network's forecasts as they are, which tells whether it has learned anything."""
        return self.own.learned if self.own else self.reaches.estimate.value

    @property
    def rows(self) -> int:
        """Rows in all."""
        return len(self.layers[0])

    @property
    def last(self) -> int:
        """Number of the last layer."""
        return len(self.layers) - 1

    def units(self, layer: int) -> int:
        """Units of a layer; channels for the input."""
        return int(self.layers[layer].shape[2])

    def present(self, layer: int) -> np.ndarray:
        """Return (rows, units), the present state of a layer."""
        return self.layers[layer][:, -1]

    def handed_on(self, layer: int) -> Path:
        """Return what the next reader of a layer sees of it."""
        sequences = self.states.sequences or (True,) * (self.last - 1) + (False,)
        return "trajectory" if layer == 0 or sequences[layer - 1] else "instant"

    def probe(self, layer: int, path: Path) -> Probe:
        """Return the probe that reads a layer."""
        key = layer, path
        if key not in self._probes:
            columns = np.empty((self.rows, 0)) if self.split.few else self._columns(layer, path)
            self._probes[key] = Probe(columns, self.split)
        return self._probes[key]

    def of_target(self, layer: int, path: Path) -> Score:
        """Return how well the target can be read from a layer."""
        return self._score(layer, path, None)

    def of_state(self, layer: int, path: Path, told: int) -> Score:
        """Return how well the present state of the layer `told` can be read from a layer.

        The targets are its principal components: their squared errors add up to those of the units.
        """
        return self._score(layer, path, told)

    def _score(self, layer: int, path: Path, told: int | None) -> Score:
        key = layer, path, told
        if key not in self._scores:
            y = self.sample.targets if told is None else self._components(told)
            self._scores[key] = self.probe(layer, path).score(y)
        return self._scores[key]

    def _components(self, layer: int) -> np.ndarray:
        if layer not in self._principal:
            self._principal[layer] = principal(self.present(layer), self.split)
        return self._principal[layer]

    def _columns(self, layer: int, path: Path) -> np.ndarray:
        """Return float64 (rows, columns), in standard deviations of the present states, newest first."""
        states = self.layers[layer][:, ::-1] if path == "trajectory" else self.layers[layer][:, -1:]
        deviation = states[self.split.train, 0].std(axis=0, dtype=float)
        moves = deviation > MOVES
        states = (states if moves.all() else states[:, :, moves]) * (1 / deviation[moves])
        now, past = states[:, 0], states[:, 1:]
        if now.shape[1] > LEAST_DIRECTIONS:
            past = past @ _leading(now[self.split.train])
        return np.concatenate([now, past.reshape(len(now), -1)], axis=1)


def _leading(y: np.ndarray) -> np.ndarray:
    """Return the leading principal directions of y (rows, units), as many as a trajectory keeps."""
    variances, found = leading_directions(y)
    enough = int(np.searchsorted(np.cumsum(variances), PAST_VARIANCE * variances.sum())) + 1
    return found[:, : int(np.clip(enough, LEAST_DIRECTIONS, MOST_DIRECTIONS))]
