"""The engine of a study: for stacks whose learning rate falls to zero over a fixed number of steps."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ...search_spaces.studied_lstm import StudiedLSTM
from .. import engines
from ..engines.base import Engine
from ..series.shaped import shaped
from ..series.windows import Windows

logger = logging.getLogger(__name__)


def engine_of(windows: Windows, given: Mapping[str, Any], steps: int, *, cache: bool) -> Engine:
    """Return the fused engine, or where it refuses the space, as under float64, plain Keras.

    Args:
        windows: what networks are trained on.
        given: arguments of the space that all networks share: loss, clipnorm, linear and the like.
        steps: of a whole training.
        cache: see `Engine`.
    """
    space = shaped(StudiedLSTM(decay_steps=steps, **given), windows)
    name = "keras" if engines.refusal("fused", space) else "fused"
    engine = engines.make(name, space, windows, cache=cache)
    logger.info("engine %s on %s, places: %d; cache: %s", name, engine.device, engine.places, cache)
    return engine
