"""What a build of a space of the user's own tells: what it asked for, how wide and large the model is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from .backend import keras, keras_tuner
from .errors import UserError

if TYPE_CHECKING:
    from keras_tuner.engine.hyperparameters import HyperParameter

Register = Callable[[keras_tuner.HyperParameters], keras.Model | None]

BUILDS_BEFORE_CLEANING = 16
"""A build of three GRU layers leaves 0.8 MB with Keras: 242 MB after 300 of them, and 22 so (measured)."""

_builds = 0


@dataclass(frozen=True)
class Sketch:
    """What a build of some values tells.

    Args:
        asked: hyperparameters that were asked for and have a value, in the order in which they were.
        values: theirs.
        units: of the recurrent layers of the model, input to output; empty where none can be seen.
        parameters: number of trainable parameters; None where the model could not be built, or has
            weights only once it is called.
        loss: what the model was compiled with, `mse`, `mae`, `huber` or another name; empty if unknown.
    """

    asked: list[HyperParameter] = field(repr=False)
    values: dict[str, Any]
    units: tuple[int, ...] = ()
    parameters: int | None = None
    loss: str = ""


def sketch_of(register: Register, values: Mapping[str, Any]) -> Sketch:
    """Return what a build of `values` tells; where it fails, what it had asked for until then.

    Raises:
        UserError: from the space itself.
        keras_tuner.errors.FatalError: likewise; it ends a search in KerasTuner too.
    """
    hp = keras_tuner.HyperParameters()
    hp.values = dict(values)
    try:
        model = register(hp)
    except (UserError, keras_tuner.errors.FatalError):
        raise
    except Exception:
        # Any class: it is the user's code. The training of the trial fails likewise and tells why.
        return Sketch(*_asked(hp, dict(values)))
    asked, found = _asked(hp, {})
    sketch = Sketch(asked, found)
    if model is not None and model.built:
        sketch = Sketch(asked, found, recurrent_units(model), trainable_parameters(model), loss_name(model))
        del model
        _clean()
    return sketch


def recurrent_units(model: keras.Model) -> tuple[int, ...]:
    """Return the units of the recurrent layers of a built model, from input to output."""
    found = []
    for layer in model.layers:
        inner = layer.forward_layer if isinstance(layer, keras.layers.Bidirectional) else layer
        if isinstance(inner, keras.layers.RNN) and isinstance(getattr(inner, "units", None), int):
            found.append(inner.units)
    return tuple(found)


def trainable_parameters(model: keras.Model) -> int:
    """Return the number of trainable parameters of a built model."""
    return sum(int(np.prod(variable.shape)) for variable in model.trainable_weights)


def loss_name(model: keras.Model) -> str:
    """Return what a model was compiled with: `mse`, `mae`, `huber` or another name; empty if unknown."""
    loss = getattr(model, "loss", None)
    name = loss if isinstance(loss, str) else getattr(loss, "name", None) or getattr(loss, "__name__", "")
    long = {"mean_squared_error": "mse", "mean_absolute_error": "mae", "huber_loss": "huber"}
    lower = str(name).lower()
    return long.get(lower, lower if lower in long.values() else str(name))


def _asked(
    hp: keras_tuner.HyperParameters, values: dict[str, Any]
) -> tuple[list[HyperParameter], dict[str, Any]]:
    """Return the active hyperparameters that were registered, and `values` with theirs."""
    asked = [one for one in hp.space if hp.is_active(one)]
    return asked, values | {one.name: hp.values[one.name] for one in asked}


def _clean() -> None:
    """Give back now and then what Keras keeps of models that are gone."""
    global _builds
    _builds += 1
    if _builds % BUILDS_BEFORE_CLEANING == 0:
        keras.backend.clear_session()


class _Reached(BaseException):
    """The point from which a rehearsed `fit` would train. No `except Exception` may swallow it."""


class _Untouched:
    """Stands for the data in a rehearsal: whoever looks at it has begun to train."""

    def _reached(self, *_: Any) -> NoReturn:
        raise _Reached

    __getattr__ = __len__ = __iter__ = __getitem__ = __array__ = _reached


def rehearse_fit(space: keras_tuner.HyperModel, hp: keras_tuner.HyperParameters, model: keras.Model) -> None:
    """Register in `hp` what a `fit` of the user's own asks for until it trains; nothing is trained."""

    def reached(*_: Any, **__: Any) -> NoReturn:
        raise _Reached

    model.fit = reached
    data = _Untouched()
    try:
        space.fit(hp, model, data, data, **fit_arguments((data, data), 0, 1, []))
    except _Reached:
        pass
    except (UserError, keras_tuner.errors.FatalError):
        raise
    except Exception:
        # Any class: it is the user's code. The training fails likewise and tells why.
        return


def fit_arguments(validation: Any, first_epoch: int, epochs: int, callbacks: list[Any]) -> dict[str, Any]:
    """Return what `HyperModel.fit` is given beside hyperparameters, model, inputs and targets."""
    return {
        "validation_data": validation,
        "initial_epoch": first_epoch,
        "epochs": epochs,
        "callbacks": callbacks,
        "verbose": 0,
    }
