"""The engine of a search: that of its windows or, where trials are trained on several folds, one for each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from . import engines
from .cluster.joined import engine_for, pool_of
from .engines._setup import Setup
from .models.rebuilt import space_of

if TYPE_CHECKING:
    from ..search_spaces.space import Space
    from .engines.base import Engine
    from .job import Job
    from .prepared import Prepared


def engine_of(job: Job, prepared: Prepared, space: Space, note: Callable[[str], None]) -> tuple[str, Engine]:
    """Return the name and the engine of a job; on each fold scaling and linear forecast are its own.

    Args:
        job: says which engine, the callbacks, the cache and the cluster.
        prepared: has the windows.
        space: of the job, shaped for its windows.
        note: tells the user a sentence.
    """
    refusal = engines.refusal(job.engine, space, job.callbacks)
    if refusal:
        note(f"{refusal}; this search is trained by the keras engine")
    name = "keras" if refusal else job.engine
    older = ((space_of(prepared.space, prepared.identity, one), one) for one in prepared.older)
    folds = ((space, prepared.windows), *older)
    setup = Setup(name, folds, prepared.identity["loss"], prepared.patience, job.callbacks, job.cache)
    engine = engine_for(setup, pool_of(job.cluster, name, note))
    if engine.remark:
        note(engine.remark)
    return name, engine
