"""Which layers of a Keras model are a stack that can be measured, what goes around them, and what cannot be.

Measured are LSTM, GRU, SimpleRNN and RNN layers of one cell that walk forward in time. What else holds a
state is refused by its name before anything is trained: left out silently, the layers around it would be
judged as if they followed each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..search_spaces.backend import keras


def stack_of(model: keras.Model) -> list[Any]:
    """Return the recurrent layers of a model, in its order."""
    return [layer for layer in model.layers if isinstance(layer, keras.layers.RNN)]


def refused(model: keras.Model) -> str:
    """Return why a model with recurrent layers cannot be measured; empty when it can, or has none.

    Args:
        model: Sequential or functional; of one of another kind nothing is known here.
    """
    for layer in model.layers:
        if why := _refused(layer):
            return f"{layer.name!r} {why}"
    if stack_of(model) and len(getattr(model, "inputs", None) or [0]) > 1:
        names = ", ".join(one.name for one in model.inputs)
        return f"it has {len(model.inputs)} inputs ({names}), and the windows are the one input of a model"
    return ""


def goes_around(model: keras.Model, layers: Sequence[Any]) -> tuple[bool, ...]:
    """Return for each layer of a stack whether the output sees what it reads also by another way.

    That is a skip from the input or from an earlier layer, such as `Add` or `Concatenate` make, and a
    parallel branch. What such a layer does not hold need not be lost.
    """
    return tuple(_reaches(model, [*layers[:number]], layers[number]) for number in range(len(layers)))


def _reaches(model: keras.Model, sources: Sequence[Any], without: Any) -> bool:
    """Whether the model's output depends on its input, or on one of `sources`, other than through a layer."""
    seen, open_ = set(), list(model.outputs)
    while open_:
        tensor = open_.pop()
        # A mask says which rows there are, and nothing of what is in them.
        if id(tensor) in seen or tensor.dtype == "bool":
            continue
        seen.add(id(tensor))
        made_by, node, _ = tensor._keras_history
        if made_by is without:
            continue
        if made_by in sources or isinstance(made_by, keras.layers.InputLayer):
            return True
        open_ += made_by._inbound_nodes[node].input_tensors
    return False


def _refused(layer: Any) -> str:
    """Return why a layer that holds a state cannot be measured; empty for all others."""
    if isinstance(layer, keras.Model):
        inner = [one.name for one in layer.layers if isinstance(one, keras.layers.RNN) or _refused(one)]
        return (
            f"is a model of its own with {', '.join(inner)} inside: give that model a probe" if inner else ""
        )
    kind = type(layer).__name__
    if isinstance(layer, keras.layers.Bidirectional):
        return "is Bidirectional: half of its units walk backwards, and have seen one row at the last step"
    if isinstance(layer, keras.layers.TimeDistributed):
        held = isinstance(layer.layer, keras.layers.RNN | keras.layers.Bidirectional | keras.Model)
        return f"applies {layer.layer.name!r} to each step, which is not measured" if held else ""
    if "ConvLSTM" in kind:
        return f"is a {kind}, whose states have more than one axis"
    if not isinstance(layer, keras.layers.RNN):
        return f"is a {kind}, which is not measured" if "LSTM" in kind or "GRU" in kind else ""
    if layer.stateful:
        return "is stateful: its windows go on from each other, so none can be read by itself"
    if layer.go_backwards:
        return "goes backwards: its last state has seen the oldest row last"
    if isinstance(layer.cell, keras.layers.StackedRNNCells):
        return "holds several cells in one layer; make each a layer, RNN(cell), to see what it holds"
    return ""
