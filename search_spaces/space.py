"""Space: what a search needs to know of a `keras_tuner.HyperModel`, whoever wrote it.

`StackedLSTM` is the space of this package. Any other HyperModel, or function from
`keras_tuner.HyperParameters` to a compiled model, becomes one through `own_space.as_space`. What such a
space asks for is known only by building: `if hp.Boolean("deep"):` is Python, not a declaration. So its
values are completed by builds before a trial begins, and no value is kept that no build asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from .backend import keras, keras_tuner
from .errors import UserError
from .exploring import explored
from .parts import Part
from .profile import Profile
from .sketch import Sketch, rehearse_fit, sketch_of

if TYPE_CHECKING:
    import numpy as np
    from keras_tuner.engine.hyperparameters import HyperParameter

MOST_SKETCHES = 256
MOST_ROUNDS = 20
"""Builds after which values are taken as they are, should every build ask for a name that is new."""


class Space(keras_tuner.HyperModel):
    """A HyperModel with the questions a search asks of it. Only `build` has to be written.

    Attributes:
        parts: what is searched, by name, where the space is made of parts.
        averages: whether averaged weights are judged beside the weights themselves (`averaging`).
    """

    parts: Mapping[str, Part] = {}
    averages = False

    def __init__(self, name: str | None = None, tunable: bool = True) -> None:
        super().__init__(name=name, tunable=tunable)
        self.input_shape: tuple[int, int] | None = None
        self._explored: keras_tuner.HyperParameters | None = None
        self._sketches: dict[str, Sketch] = {}

    @property
    def is_stack(self) -> bool:
        """Whether every model is what `network.build_network` makes of its values, so that its weights, its
        scaling and what it is trained on are known without building it."""
        return False

    @property
    def wants_linear(self) -> bool:
        """Whether `shaped` must be given a linear forecast."""
        return False

    @property
    def fits_itself(self) -> bool:
        """Whether `fit` is the user's own."""
        return type(self).fit is not keras_tuner.HyperModel.fit

    def shaped(
        self,
        input_shape: tuple[int, int],
        output_shape: tuple[int, int],
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
    ) -> Space:
        """Return the space for data of these shapes; one of the user's own knows them already.

        Args:
            input_shape: (lookback, inputs).
            output_shape: (horizon, targets).
            mean: of each numeric input, which the inputs were standardised with, raw.
            std: standard deviations, likewise.
        """
        self.input_shape = input_shape
        # What builds told was of models for other data.
        self._explored, self._sketches = None, {}
        return self

    def register(self, hp: keras_tuner.HyperParameters) -> keras.Model | None:
        """Register in `hp` all that a trial of its values asks for; return the model built for that."""
        self.declare_hyperparameters(hp)
        model = self.build(hp)
        if self.input_shape is not None:
            make_weights(model, self.input_shape)
        if self.fits_itself:
            rehearse_fit(self, hp, model)
        return model

    def hyperparameters(self) -> keras_tuner.HyperParameters:
        """Return all hyperparameters that are known before a search, conditional ones included."""
        if self._explored is None:
            self._explored = explored(self.register)
        return self._explored.copy()

    def completed(
        self, values: Mapping[str, Any], draw: Callable[[HyperParameter], Any]
    ) -> tuple[dict[str, Any], list[HyperParameter]]:
        """Return exactly those values that a trial asks for, and the hyperparameters it asked for.

        Args:
            values: proposed; those that no build asks for are left out.
            draw: gives the value of a hyperparameter that is asked for and not among `values`.
        """
        found = dict(values)
        for _ in range(MOST_ROUNDS):
            sketch = self.sketch(found)
            new = [one for one in sketch.asked if one.name not in found]
            if not new:
                return {name: found[name] for name in sketch.values}, sketch.asked
            # One after the other: what is asked for later may depend on it.
            found[new[0].name] = draw(new[0])
        return found, sketch.asked

    def sketch(self, values: Mapping[str, Any]) -> Sketch:
        """Return what building a model of `values` tells; a build that fails tells what it asked for."""
        key = repr(sorted(values.items()))
        if key not in self._sketches:
            if len(self._sketches) >= MOST_SKETCHES:
                self._sketches.clear()
            self._sketches[key] = sketch_of(self.register, values)
        return self._sketches[key]

    def build_seeded(self, hp: keras_tuner.HyperParameters, seed: int) -> keras.Model:
        """Return the compiled model with its random draws from `seed`.

        An ordinary HyperModel can only be seeded through Keras' global seed; so that is set.
        """
        keras.utils.set_random_seed(seed)
        return self.build(hp)

    def canonical(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the part of `values` that changes the model: equal for values that mean the same."""
        return dict(values)

    def profile(self, values: Mapping[str, Any]) -> Profile | None:
        """Return the widths of the recurrent layers, or None when there are none to be seen."""
        units = self.sketch(values).units
        return Profile(units) if units else None

    def parameters(self, values: Mapping[str, Any]) -> int | None:
        """Return the number of trainable parameters, or None when the model cannot be built."""
        return self.sketch(values).parameters

    def loss_name(self) -> str:
        """Return what the models are compiled with: `mse`, `mae`, `huber` or another name."""
        return self.sketch(self.hyperparameters().values).loss or "a loss of its own"

    def __getstate__(self) -> dict[str, Any]:
        return vars(self) | {"_explored": None, "_sketches": {}}


def build_model(
    space: Space,
    values: Mapping[str, Any] | keras_tuner.HyperParameters,
    seed: int,
    input_shape: tuple[int, int],
) -> keras.Model:
    """Return the compiled model of a trial, with its weights made.

    Args:
        space: what builds it.
        values: hyperparameters of the trial.
        seed: of the initial weights.
        input_shape: (lookback, inputs); a model without an input layer learns its shape from it.
    """
    hp = values if isinstance(values, keras_tuner.HyperParameters) else hyperparameters_of(values)
    # A subclass of `StackedLSTM` may change `build` alone.
    build_seeded = space.build_seeded if space.is_stack else partial(Space.build_seeded, space)
    model = build_seeded(hp, seed)
    make_weights(model, input_shape)
    return model


def make_weights(model: keras.Model, input_shape: tuple[int, int]) -> None:
    """Make the weights of a model, where it knows its shape only from data, (lookback, inputs).

    Raises:
        TypeError: when what was built is no Keras model.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(f"the space built {model!r}, not a Keras model: does its function return the model?")
    if not model.built:
        model(keras.ops.zeros((1, *input_shape)))


def set_weights(model: keras.Model, weights: Sequence[np.ndarray]) -> None:
    """Put all `weights` of a model, trainable or not, in Keras' order, into it.

    Raises:
        UserError: when they are those of another network.
    """
    wanted, given = [tuple(one.shape) for one in model.weights], [one.shape for one in weights]
    if wanted != given or any(one.dtype.kind not in "fiub" for one in weights):
        raise UserError(
            f"the weights that were kept, of the shapes {given[:20]}, are not those of this network, "
            f"{wanted[:20]}"
        )
    for variable, weight in zip(model.weights, weights, strict=True):
        variable.assign(weight)


def hyperparameters_of(values: Mapping[str, Any]) -> keras_tuner.HyperParameters:
    """Return `HyperParameters` that answer with `values`, to build the model of a given trial."""
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return hp
