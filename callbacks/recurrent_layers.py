"""Which recurrent layers are measured, and how all their states are told.

    LSTM, GRU, SimpleRNN, RNN(cell)    what the layer hands on, step by step
    RNN(StackedRNNCells)               a layer for each cell: that is what they compute
    Bidirectional                      both directions side by side, each in the order in which it reads

The last step is what a layer hands on that hands on its last state alone. So a Bidirectional ends with the
newest state of the forward direction beside the oldest in time of the backward one: each has read all.

A layer that hands on its last state alone gets a twin that tells all; the two share their cell.
"""

from __future__ import annotations

from typing import Any

from ..search_spaces.backend import keras
from .model_calls import Call, lifted

RECURRENT = (keras.layers.RNN, keras.layers.Bidirectional)
"""RNN is the class of LSTM, GRU, SimpleRNN and ConvLSTM too."""
CELLS = (
    keras.layers.LSTMCell,
    keras.layers.GRUCell,
    keras.layers.SimpleRNNCell,
    keras.layers.StackedRNNCells,
)
PLAIN = (keras.layers.RNN, keras.layers.LSTM, keras.layers.GRU, keras.layers.SimpleRNN)
"""What these do is known to be what their cell does, step by step."""


def why_not(call: Call, used: set[int]) -> str:
    """Return why a recurrent layer, or a layer with one inside, is not measured; empty where it is.

    Args:
        call: of any layer.
        used: the numbers of its outputs that are read.
    """
    layer = call.layer
    if not isinstance(layer, RECURRENT):
        inside = _inside(layer)
        return (
            f"{_named(layer)} holds {_named(inside)} inside, where it cannot be read; it would have to be a "
            "layer of the model itself"
            if inside is not None
            else ""
        )
    reason = _why_not(call, used)
    return f"{_named(layer)} {reason}" if reason else ""


def sequences(call: Call) -> list[Any]:
    """Return the states of a recurrent layer as tensors of the outermost model, one for each of its cells.

    Each is (batch, steps, units) in the order in which the layer reads.
    """
    layer, arguments = call.layer, call.node.arguments
    if not isinstance(layer, keras.layers.Bidirectional) and not _stacked(layer) and layer.return_sequences:
        return lifted(call, call.node.outputs[:1])
    mask = arguments.kwargs.get("mask")
    read, *masks = lifted(call, [call.read[0], *([] if mask is None else [mask])])
    told = {"mask": masks[0]} if masks else {}
    if isinstance(layer, keras.layers.Bidirectional):
        ways = [_twin(way, way.cell, 0)(read, **told) for way in (layer.forward_layer, layer.backward_layer)]
        return [keras.layers.Concatenate(dtype=layer.dtype_policy, name=f"states_of_{layer.name}")(ways)]
    found = []
    for place, cell in enumerate(_cells(layer)):
        read = _twin(layer, cell, place)(read, **told)
        found.append(read)
    return found


def reads(call: Call) -> Any:
    """Return the sequence that a recurrent layer reads, as a tensor of the outermost model."""
    return lifted(call, call.read[:1])[0]


def _why_not(call: Call, used: set[int]) -> str:
    """Go on with "'lstm' (LSTM) ..."."""
    layer, arguments = call.layer, call.node.arguments
    both = isinstance(layer, keras.layers.Bidirectional)
    ways = (layer.forward_layer, layer.backward_layer) if both else (layer,)
    if not all(isinstance(way, keras.layers.RNN) for way in ways):
        return "runs layers of another kind than LSTM, GRU, SimpleRNN and RNN"
    if layer.stateful:
        return "is stateful: it goes on from the windows before, where each window must begin from zeros"
    if len(arguments.args) > 1 or arguments.kwargs.get("initial_state") is not None:
        return "is given initial states, which are not measured"
    if len(call.read[0].shape) != 3:
        return "reads pictures, not one row of numbers a step"
    if both and layer.merge_mode != "concat":
        return f"merges its directions by {layer.merge_mode!r}; they are measured side by side, by 'concat'"
    # Masks would have to be turned round for all cells but the first.
    if any(_stacked(way) and way.go_backwards for way in ways):
        return "runs a stack of cells backwards; give the model a layer for each cell"
    # The first state of a layer with one cell is its last output; all others stay inside of it.
    if not used <= ({0} if both or _stacked(layer) or type(layer) not in PLAIN[1:] else {0, 1}):
        return "hands on states of its cell besides its output, and these are not measured"
    if any(type(way).call not in [kind.call for kind in PLAIN] for way in ways) and (
        both or not layer.return_sequences
    ):
        return (
            "computes in a way of its own and hands on its last state alone, so the states before it are not "
            "known; let it return sequences"
        )
    return ""


def _inside(layer: Any) -> Any:
    """Return a recurrent layer or cell somewhere inside a layer; None where there is none."""
    if not isinstance(layer, keras.Layer):
        return None
    found = (
        one for one in layer._flatten_layers(include_self=False) if isinstance(one, (*RECURRENT, *CELLS))
    )
    return next(found, None)


def _twin(layer: Any, cell: Any, place: int) -> Any:
    """Return a layer with the same cell, and so with the same weights, that hands on all its states."""
    return keras.layers.RNN(
        cell,
        return_sequences=True,
        go_backwards=layer.go_backwards,
        zero_output_for_mask=layer.zero_output_for_mask,
        dtype=layer.dtype_policy,
        name=f"states_of_{layer.name}_{place}",
    )


def _cells(layer: Any) -> list[Any]:
    return list(layer.cell.cells) if _stacked(layer) else [layer.cell]


def _stacked(layer: Any) -> bool:
    return isinstance(getattr(layer, "cell", None), keras.layers.StackedRNNCells)


def _named(layer: Any) -> str:
    return f"{layer.name!r} ({type(layer).__name__})"
