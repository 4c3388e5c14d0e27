"""The end of a search: its best trials are trained again and measured, and the answer is found."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..models.measuring import measure_best
from ..models.samples import Samples
from ..runs.log import timed
from . import seeds
from .answer import answer
from .beyond_linear import beyond_linear
from .lost import train_lost
from .widening import confirm

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..runs.folder import RunFolder


def conclude(
    run: RunFolder,
    engine: Engine,
    note: Callable[[str], None],
    *,
    again: bool = True,
    until: float = math.inf,
) -> None:
    """Train the best trials again, take all their measures, try wider layers, keep the answer in the run.

    Args:
        run: held for writing, with every trial ended.
        engine: see `answer`.
        note: tells the user a sentence.
        again: whether the best trials are trained again with other seeds.
        until: of `time.monotonic`; nothing is trained after it that was not begun before.
    """
    train_lost(run, engine, note, until)
    if again:
        with timed("other seeds of the best trials"):
            seeds.train_again(run, engine, note, until)
    with timed("measures of the best trials"):
        measure_best(run, engine.space, Samples(engine.windows, run.job["identity"]["loss"]))
    with timed("blend and linear forecast"):
        both = seeds.together(run, engine)
        beyond = beyond_linear(run, engine, shown=both is not None and both.adds)
    if beyond is None or not beyond.nothing:
        with timed("wider layers"):
            confirm(run, engine, note, until)
    with timed("floors, intervals and answer"):
        run.store.set_meta("answer", answer(run, engine, beyond, both))
