"""Spaces of the user's own: any HyperModel, or a function from `keras_tuner.HyperParameters` to a model."""

from __future__ import annotations

from typing import Any

from .backend import keras_tuner
from .errors import UserError
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
