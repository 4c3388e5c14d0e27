"""Spaces of the user's own: any HyperModel, or a function from `keras_tuner.HyperParameters` to a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .backend import keras, keras_tuner
from .errors import UserError, line_of
from .space import Space


class OwnSpace(Space):
    """A space around what the user wrote.

    Args:
        given: a HyperModel, or a function of `hp`.
    """

    def __init__(self, given: Any) -> None:
        super().__init__()
        self.given = given

    @property
    def fits_itself(self) -> bool:
        return self._is_hypermodel and type(self.given).fit is not keras_tuner.HyperModel.fit

    def build(self, hp: keras_tuner.HyperParameters) -> Any:
        return self.given.build(hp) if self._is_hypermodel else self.given(hp)

    def declare_hyperparameters(self, hp: keras_tuner.HyperParameters) -> None:
        if self._is_hypermodel:
            self.given.declare_hyperparameters(hp)

    def fit(self, hp: keras_tuner.HyperParameters, model: Any, *args: Any, **kwargs: Any) -> Any:
        return self.given.fit(hp, model, *args, **kwargs)

    @property
    def _is_hypermodel(self) -> bool:
        return isinstance(self.given, keras_tuner.HyperModel)


def as_space(given: Any) -> Space:
    """Return `given` itself when it is a `Space`, else a `Space` around it.

    Raises:
        UserError: when it is neither a HyperModel nor a function of `hp`.
    """
    if isinstance(given, Space):
        return given
    if isinstance(given, keras_tuner.HyperModel) or (callable(given) and not isinstance(given, type)):
        return OwnSpace(given)
    raise UserError(
        f"space must be a StackedLSTM, a keras_tuner.HyperModel or a function of hp, not {given!r}"
    )


def check_shapes(space: Space, inputs: Sequence[str], output_shape: tuple[int, int]) -> None:
    """See that a model of a space reads the windows of the data and forecasts what they forecast.

    A forecast of another shape would be compared with the targets all the same, stretched to fit, and every
    loss would be wrong without a word.

    Args:
        space: shaped.
        inputs: names of the columns of a window, in their order.
        output_shape: (horizon, targets).

    Raises:
        UserError: when it does not, for a model with all defaults.
    """
    assert space.input_shape is not None, "a space is shaped before"
    shape, named = space.input_shape, ", ".join(inputs[:10]) + (", ..." if len(inputs) > 10 else "")
    try:
        model = space.build(space.hyperparameters())
        takes = tuple(getattr(model, "input_shape", None) or ())[1:]
        if any(one not in (None, other) for one, other in zip(takes, shape, strict=False)):
            raise UserError(
                f"a model of the space takes windows of {takes}, (rows, inputs), and those of these data are "
                f"{shape} ({named}): write keras.Input({shape})"
            )
        forecast = model(keras.ops.zeros((1, *shape)), training=False)
    except UserError:
        raise
    except keras_tuner.errors.FailedTrialError:
        return  # its defaults are not to be tried
    except Exception as error:
        raise UserError(
            f"a model of the space cannot read the windows of these data, {shape[0]} rows of {shape[1]} "
            f"inputs ({named}): {line_of(error)}"
        ) from error
    made = tuple(getattr(forecast, "shape", ()))[1:]
    if made != tuple(output_shape):
        raise UserError(
            f"a model of the space forecasts {made} for each window, and {tuple(output_shape)}, (horizon, "
            f"targets), is expected: end it with a Dense of as many units and a Reshape({output_shape})"
        )
