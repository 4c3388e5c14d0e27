"""What the recurrent layers of a Keras model read and hold.

It is read through a second functional model that shares the layers of the trained one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..search_spaces.backend import keras
from ..search_spaces.errors import UserError
from .model_graph import goes_around, refused, stack_of
from .narrowing import STEPS, States

ROWS_AT_ONCE = 512


class ModelStates:
    """A model from the input of another one to what its recurrent layers read and hold.

    Args:
        model: built; its weights are read anew each time.

    Attributes:
        units: of its recurrent layers, input to output.

    Raises:
        UserError: "NarrowingProbe needs ..." for a model without recurrent layers in a row, "NarrowingProbe
            cannot measure ..." for one with layers that it cannot read; see `model_graph`.
    """

    def __init__(self, model: keras.Model) -> None:
        if why := refused(model):
            raise UserError(f"NarrowingProbe cannot measure {model.name!r}: {why}")
        layers = stack_of(model)
        if not layers:
            raise UserError(
                f"NarrowingProbe needs a model with LSTM or GRU layers, {model.name!r} has none "
                f"among its layers: {', '.join(layer.name for layer in model.layers) or 'no layers'}"
            )
        try:
            read = [_first(layer.input) for layer in layers]
            _check_row(model, layers, read)
            self._around = goes_around(model, layers)
        except (AttributeError, ValueError) as error:
            raise UserError(
                "NarrowingProbe needs a Sequential or functional model with its LSTM or GRU layers in a row; "
                f"of {model.name!r}: {error}"
            ) from error
        self.units = tuple(int(_first(layer.output).shape[-1]) for layer in layers)
        self._twins: list[tuple[Any, Any]] = []
        held = [self._sequence(layer, tensor)[:, -STEPS:] for layer, tensor in zip(layers, read, strict=True)]
        self._model = keras.Model(model.inputs[0], [read[0], model.outputs[0], *held])
        self._sequences = tuple(bool(layer.return_sequences) for layer in layers)
        self._linear_readout = _is_linear(model.layers[model.layers.index(layers[-1]) + 1 :])

    def states(self, x: np.ndarray) -> States:
        """Return the states for windows x (rows, lookback, channels)."""
        for layer, twin in self._twins:
            twin.set_weights(layer.get_weights())
        # Called as it is: `predict` would compile a program for it first.
        parts = [
            [np.asarray(tensor) for tensor in self._model(x[start : start + ROWS_AT_ONCE], training=False)]
            for start in range(0, len(x), ROWS_AT_ONCE)
        ]
        inputs, outputs, *held = (np.concatenate(part) for part in zip(*parts, strict=True))
        return States(
            inputs,
            tuple(held),
            sequences=self._sequences,
            linear_readout=self._linear_readout,
            outputs=outputs,
            around=self._around,
        )

    def _sequence(self, layer: Any, read: Any) -> Any:
        """Return all states of a layer; one that hands on the last alone gets a twin that tells all."""
        if layer.return_sequences and not layer.return_state:
            return layer.output
        told = {"return_sequences": True, "return_state": False, "name": f"{layer.name}_states"}
        twin = type(layer).from_config(layer.get_config() | told)
        self._twins.append((layer, twin))
        return twin(read)


def _check_row(model: keras.Model, layers: Sequence[Any], read: Sequence[Any]) -> None:
    """Raise unless each layer reads, directly or not, from the one before it."""
    for before, after, tensor in zip(layers, layers[1:], read[1:], strict=False):
        if before not in keras.Model(model.inputs, tensor).layers:
            raise ValueError(f"{after.name!r} does not read from {before.name!r}; they are not a stack")


def _is_linear(layers: Sequence[Any]) -> bool:
    """Whether what follows a stack is known to be linear."""
    harmless = (keras.layers.Dropout, keras.layers.Reshape, keras.layers.Flatten)
    return all(
        isinstance(layer, harmless)
        or (isinstance(layer, keras.layers.Dense) and layer.activation is keras.activations.linear)
        for layer in layers
    )


def _first(tensors: Any) -> Any:
    """The sequence among the inputs of a layer that is also given initial states."""
    return tensors[0] if isinstance(tensors, list | tuple) else tensors
