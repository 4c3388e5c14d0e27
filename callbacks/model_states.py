"""What the recurrent layers of a Keras model read and hold.

It is read through a second functional model that shares the layers of the trained one.
`model_calls` finds the layers and the ways around them, `recurrent_layers` says which can be measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from ..search_spaces.backend import keras
from ..search_spaces.errors import UserError
from .model_calls import Call, Calls, is_graph
from .narrowing import STEPS, States
from .recurrent_layers import RECURRENT, reads, sequences, why_not

ROWS_AT_ONCE = 512
LINEAR = (keras.layers.Dropout, keras.layers.Reshape, keras.layers.Flatten, keras.layers.Rescaling)


class ModelStates:
    """A model from the input of another one to what its recurrent layers read and hold.

    Args:
        model: built; its weights are read anew each time.

    Attributes:
        units: of its recurrent layers, input to output; of both directions together where there are two.

    Raises:
        UserError: "NarrowingProbe needs ..." for a model whose recurrent layers are no stack, or cannot be
            measured; each of them is named.
    """

    def __init__(self, model: keras.Model) -> None:
        calls = Calls(_checked(model))
        stack = _stack(model, calls)
        held = [sequences(call) for call in stack]
        # A cell of a stack of cells hands on all its states to the next.
        whole = [call.layer.return_sequences and 0 in calls.used[call] for call in stack]
        self._sequences = tuple(
            cell < len(told) - 1 or all_read
            for told, all_read in zip(held, whole, strict=True)
            for cell in range(len(told))
        )
        ways = [" and ".join(calls.around(call)) for call in stack]
        names = tuple(name for name, told in zip(ways, held, strict=True) for _ in told)
        self._around = names if any(names) else ()
        layers = [tensor for told in held for tensor in told]
        self.units = tuple(int(tensor.shape[-1]) for tensor in layers)
        self._linear_readout = not ways[-1] and _is_linear(calls.after(stack[-1:]) - {stack[-1]})
        wanted = [reads(stack[0]), *(tensor[:, -STEPS:] for tensor in layers)]
        # Which of several outputs the targets belong to is not known.
        self._outputs = model.outputs if len(model.outputs) == 1 else []
        self._model = keras.Model(model.inputs[0], [*self._outputs, *wanted])

    def states(self, x: np.ndarray) -> States:
        """Return the states for windows x (rows, lookback, channels)."""
        # Called as it is: `predict` would compile a program for it first.
        parts = [
            [
                # Of a model of mixed precision they are float16, in which sums of squares overflow.
                np.asarray(keras.ops.cast(tensor, "float32"))
                for tensor in self._model(x[start : start + ROWS_AT_ONCE], training=False)
            ]
            for start in range(0, len(x), ROWS_AT_ONCE)
        ]
        found = [np.concatenate(part) for part in zip(*parts, strict=True)]
        outputs = found.pop(0) if self._outputs else None
        inputs, *held = found
        return States(
            inputs,
            tuple(held),
            sequences=self._sequences,
            linear_readout=self._linear_readout,
            outputs=outputs,
            around=self._around,
        )


def _checked(model: keras.Model) -> keras.Model:
    """Return a model whose calls can be followed from one input; raise for any other."""
    if not is_graph(model):
        raise UserError(
            "NarrowingProbe needs a Sequential or functional model with its LSTM or GRU layers in a row; "
            f"which layer of {model.name!r} ({type(model).__name__}) reads from which cannot be seen"
        )
    if len(model.inputs) > 1:
        names = ", ".join(tensor.name for tensor in model.inputs)
        raise UserError(
            f"NarrowingProbe needs a model with one input, {model.name!r} has {len(model.inputs)}: {names}; "
            "put all that it reads into the channels of one window"
        )
    return model


def _stack(model: keras.Model, calls: Calls) -> list[Call]:
    """Return the calls of the recurrent layers, each of which reads, directly or not, from the one before."""
    reasons = [reason for call in calls.order if (reason := why_not(call, calls.used[call]))]
    if reasons:
        raise UserError(
            f"NarrowingProbe needs recurrent layers that it can measure; in {model.name!r} "
            + "; ".join(reasons)
        )
    stack = [call for call in calls.order if isinstance(call.layer, RECURRENT)]
    if not stack:
        raise UserError(
            f"NarrowingProbe needs a model with LSTM or GRU layers, {model.name!r} has none "
            f"among its layers: {', '.join(layer.name for layer in model.layers) or 'no layers'}"
        )
    for before, after in pairwise(stack):
        if after not in calls.after([before]):
            raise UserError(
                f"NarrowingProbe needs a model with its LSTM or GRU layers in a row; in {model.name!r} "
                f"{before.layer.name!r} and {after.layer.name!r} stand side by side: neither reads from the "
                "other. Train a model with one of them to measure that one"
            )
    return stack


def _is_linear(calls: Iterable[Call]) -> bool:
    """Whether what follows a stack is known to be linear."""
    return all(
        isinstance(call.layer, LINEAR)
        or (isinstance(call.layer, keras.layers.Dense) and call.layer.activation is keras.activations.linear)
        for call in calls
    )
