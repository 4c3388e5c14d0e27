"""The engine of a search: that of its windows or, where trials are trained on several folds, one for each."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from . import engines
from .engines._folds import Folds
from .models.rebuilt import space_of

if TYPE_CHECKING:
    from ..search_spaces.space import Space
    from .engines.base import Engine
    from .job import Job
    from .prepared import Prepared
    from .series.windows import Windows


def engine_of(job: Job, prepared: Prepared, space: Space, note: Callable[[str], None]) -> tuple[str, Engine]:
    """Return the name and the engine of a job; on each fold scaling and linear forecast are its own.

    Args:
        job: says which engine, the callbacks and the cache.
        prepared: has the windows.
        space: of the job, shaped for its windows.
        note: tells the user a sentence.
    """
    refusal = engines.refusal(job.engine, space, job.callbacks)
    if refusal:
        note(f"{refusal}; this search is trained by the keras engine")
    name = "keras" if refusal else job.engine
    newest = engines.make(name, space, prepared.windows, job.callbacks, job.cache)

    def made(windows: Windows) -> Engine:
        own = space_of(prepared.space, prepared.identity, windows)
        return engines.make(name, own, windows, job.callbacks, job.cache)

    if newest.remark:
        note(newest.remark)
    older = [partial(made, windows) for windows in prepared.older]
    return name, Folds(newest, older, prepared.patience) if older else newest
