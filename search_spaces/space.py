"""Space: what a search needs to know of a `keras_tuner.HyperModel`, whoever wrote it.

`StackedLSTM` is the space of this package. Any other HyperModel, or function from
`keras_tuner.HyperParameters` to a compiled model, becomes one through `as_space`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import keras_tuner

from .errors import UserError
from .parts import Part
from .profile import Profile


class Space(keras_tuner.HyperModel):
    """A HyperModel with the questions a search asks of it. Only `build` has to be written.

    Attributes:
        is_stack: whether every model is what `network.build_network` makes of its values, so that its
            weights, its scaling and what it is trained on are known without building it.
        parts: what is searched, by name, where the space is made of parts.
    """

    is_stack: bool = False
    parts: Mapping[str, Part] = {}

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
        return self

    def declare(self, hp: keras_tuner.HyperParameters) -> dict[str, Any]:
        """Register every hyperparameter in `hp`; return the active values. Builds a model if it must."""
        self.build(hp)
        return dict(hp.values)

    def hyperparameters(self) -> keras_tuner.HyperParameters:
        """Return all hyperparameters with their defaults, conditional ones included.

        A conditional scope is seen only when the code under it ran, so `declare` is repeated with
        each scope switched on until no new scope appears.
        """
        hp = keras_tuner.HyperParameters()
        self.declare(hp)
        seen: list[Any] = []
        while waiting := [scope for scope in hp.inactive_scopes if scope not in seen]:
            seen.append(waiting[0])
            trial = hp.copy()
            # KerasTuner's `ensure_active_values` drops a value that another scope has under the same name.
            trial.values = {}
            wanted = {condition.name: condition.values[0] for condition in waiting[0]}
            for one in trial.space:
                if trial.is_active(one):
                    trial.values[one.name] = wanted.get(one.name, one.default)
            self.declare(trial)
            hp.merge(trial, overwrite=False)
            hp.inactive_scopes.extend(trial.inactive_scopes)
        clean = hp.copy()
        clean.active_scopes, clean.inactive_scopes = [], []
        return clean

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
        """Return the widths that `values` describe, or None when they are known only once built."""
        return None

    def parameters(self, values: Mapping[str, Any]) -> int | None:
        """Return the number of trainable parameters, or None when it is known only once built."""
        return None


class _Wrapped(Space):
    def __init__(self, build: Callable[[keras_tuner.HyperParameters], Any]) -> None:
        super().__init__()
        self._build_model = build

    def build(self, hp: keras_tuner.HyperParameters) -> Any:
        return self._build_model(hp)


def as_space(hypermodel: Any) -> Space:
    """Return `hypermodel` itself when it is a `Space`, else a `Space` around it.

    Raises:
        UserError: when it is neither a HyperModel nor a function of `hp`.
    """
    if isinstance(hypermodel, Space):
        return hypermodel
    if isinstance(hypermodel, keras_tuner.HyperModel):
        return _Wrapped(hypermodel.build)
    if callable(hypermodel):
        return _Wrapped(hypermodel)
    raise UserError(
        f"space must be a StackedLSTM, a keras_tuner.HyperModel or a function of hp, not {hypermodel!r}"
    )


def build_model(
    space: Space, values: Mapping[str, Any], seed: int, input_shape: tuple[int, int]
) -> keras.Model:
    """Return the compiled model of a trial, with its weights made.

    Args:
        space: what builds it.
        values: hyperparameters of the trial.
        seed: of the initial weights.
        input_shape: (lookback, inputs); a model without an input layer learns its shape from it.
    """
    model = space.build_seeded(hyperparameters_of(values), seed)
    if not model.built:
        model(keras.ops.zeros((1, *input_shape)))
    return model


def hyperparameters_of(values: Mapping[str, Any]) -> keras_tuner.HyperParameters:
    """Return `HyperParameters` that answer with `values`, to build the model of a given trial."""
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    return hp
