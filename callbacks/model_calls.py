"""Which call of which layer reads from which in a functional model, with the models inside it opened.

To Keras a model inside a model is one call; its layers are calls here like all others:

    Sequential([Sequential([lstm_1, lstm_2]), dense])      input -> lstm_1 -> lstm_2 -> dense

A layer that is called twice is two calls. Masks tell which steps count and carry none of the values, so that
they are no way from one call to another.

It reads what Keras keeps of each symbolic tensor: `_keras_history`, and the nodes it points to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..search_spaces.backend import keras


@dataclass(frozen=True)
class Call:
    """One call of a layer or operation.

    Args:
        within: nodes of the models around it, the outermost first; empty in the model itself.
        node: the node that Keras made of the call.
    """

    within: tuple[Any, ...]
    node: Any

    @property
    def layer(self) -> Any:
        """The layer or operation that is called."""
        return self.node.operation

    @property
    def read(self) -> list[Any]:
        """The symbolic tensors that it computes with, masks left out."""
        masks = {id(tensor) for tensor in keras.tree.flatten(self.node.arguments.kwargs.get("mask"))}
        return [tensor for tensor in self.node.input_tensors if id(tensor) not in masks]


class Calls:
    """The calls that the outputs of a model are made by.

    Args:
        model: functional, or Sequential and built.

    Attributes:
        order: all of them, each behind those it reads from.
        used: for each the numbers of its outputs that another call, or the user of the model, reads.
    """

    def __init__(self, model: keras.Model) -> None:
        self.used: dict[Call, set[int]] = {}
        self.ends = tuple(self._origin((), tensor) for tensor in model.outputs)
        self.order: list[Call] = []
        self._reads: dict[Call, tuple[Call, ...]] = {}
        waiting, done = list(reversed(self.ends)), set[Call]()
        while waiting:
            call = waiting[-1]
            if call not in self._reads:
                self._reads[call] = tuple(self._origin(call.within, tensor) for tensor in call.read)
                # Turned round, so that what is read first stands first.
                waiting.extend(one for one in reversed(self._reads[call]) if one not in self._reads)
                continue
            waiting.pop()
            if call not in done:
                done.add(call)
                self.order.append(call)

    def after(self, starts: Iterable[Call], *, without: Call | None = None) -> set[Call]:
        """Return `starts` and all that depends on one of them by ways that do not lead through `without`."""
        reached = set(starts) - {without}
        for call in self.order:
            if call != without and not reached.isdisjoint(self._reads[call]):
                reached.add(call)
        return reached

    def around(self, call: Call) -> tuple[str, ...]:
        """Return the names of the layers in which what went around a call meets what went through it.

        Empty where all that the outputs know of the input went through the call. Where the two never meet, as
        in a model of several outputs, the layers that make the outputs of what went around.
        """
        past = self.after([one for one in self.order if one.node.is_input], without=call)
        if past.isdisjoint(self.ends):
            return ()
        through = self.after([call])
        apart = past - through
        met = [
            one
            for one in self.order
            if one in past and one in through and not apart.isdisjoint(self._reads[one])
        ]
        return tuple(one.layer.name for one in met or self.ends if one in past)

    def _origin(self, within: tuple[Any, ...], tensor: Any) -> Call:
        """Return the call that made a tensor, through the walls of models inside of models."""
        layer, place, index = tensor._keras_history
        node = layer._inbound_nodes[place]
        if within and node.is_input:
            model = within[-1].operation
            entry = next(number for number, one in enumerate(model.inputs) if one is tensor)
            return self._origin(within[:-1], within[-1].input_tensors[entry])
        if is_graph(layer):
            return self._origin((*within, node), layer.outputs[index])
        call = Call(within, node)
        self.used.setdefault(call, set()).add(index)
        return call


def is_graph(layer: Any) -> bool:
    """Whether a layer is a functional model, or a Sequential one whose shapes are known."""
    # Asked for its inputs, a Sequential model without known shapes raises AttributeError.
    return isinstance(layer, keras.Function) or (
        isinstance(layer, keras.Sequential) and hasattr(layer, "inputs")
    )


def lifted(call: Call, tensors: list[Any]) -> list[Any]:
    """Return tensors of the model that a call stands in as tensors of the outermost one."""
    for node in reversed(call.within):
        inside = node.operation
        inputs = inside.inputs[0] if len(inside.inputs) == 1 else inside.inputs
        given = node.input_tensors[: len(inside.inputs)]
        tensors = keras.tree.flatten(keras.Model(inputs, tensors)(given[0] if len(given) == 1 else given))
    return tensors
