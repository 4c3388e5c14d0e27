"""The engine of a study: for stacks whose learning rate falls to zero over a fixed number of steps."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...search_spaces.studied_lstm import StudiedLSTM
from .. import engines
from ..cluster.joined import engine_for
from ..engines._setup import Setup
from ..engines.base import Engine
from ..series.shaped import shaped
from ..series.windows import Windows

if TYPE_CHECKING:
    from ..cluster.pool import Pool

logger = logging.getLogger(__name__)


def engine_of(
    windows: Windows, given: Mapping[str, Any], steps: int, *, cache: bool, pool: Pool | None = None
) -> Engine:
    """Return the fused engine, or where it refuses the space, as under float64, plain Keras.

    Args:
        windows: what networks are trained on.
        given: arguments of the space that all networks share: loss, clipnorm, linear and the like.
        steps: of a whole training.
        cache: see `Engine`.
        pool: workers of a cluster that train; None trains here.
    """
    space = shaped(StudiedLSTM(decay_steps=steps, **given), windows)
    name = "keras" if engines.refusal("fused", space) else "fused"
    engine = engine_for(Setup(name, ((space, windows),), str(given["loss"]), cache=cache), pool)
    logger.info("engine %s on %s, places: %d; cache: %s", name, engine.device, engine.places, cache)
    return engine
