"""From a job to the space that builds its models, shaped for its windows. Imports Keras."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..search_spaces.errors import UserError
from ..search_spaces.space import Space, as_space
from ..search_spaces.stack_parts import specs_of
from ..search_spaces.stacked_lstm import StackedLSTM
from .series.windows import Windows


def space_of(space: Any, identity: Mapping[str, Any], windows: Windows) -> Space:
    """Return the space a job asks for.

    Args:
        space: `Job.space`: a mapping of parts, a `StackedLSTM`, or any other HyperModel.
        identity: `Prepared.identity` of the job.
        windows: what the models must fit.
    """
    if isinstance(space, Mapping | StackedLSTM):
        return stacked_lstm_of(identity, windows)
    return as_space(space)


def stacked_lstm_of(identity: Mapping[str, Any], windows: Windows) -> StackedLSTM:
    """Return the `StackedLSTM` that `identity` describes.

    Raises:
        UserError: when the run searched a space of the user's own.
    """
    texts = identity["space"]
    if not isinstance(texts, Mapping):
        raise UserError(
            f"this run searched a space of your own, {texts}: use it from Python and say what builds the "
            "models with run.use_space(...)"
        )
    space = StackedLSTM(loss=identity["loss"], clipnorm=identity["clipnorm"], **specs_of(texts))
    scaler = windows.scaler
    return space.shaped(windows.input_shape, windows.output_shape, scaler.mean.tolist(), scaler.std.tolist())
