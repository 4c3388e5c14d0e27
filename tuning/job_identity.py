"""What two jobs have in common exactly if one may go on with the run of the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..search_spaces.space import Space
    from .job import Job
    from .series.series import Series
    from .series.windows import Windows


def own_space(given: Any, windows: Windows) -> Space | None:
    """Return the space of a job where its models are not those of a `StackedLSTM`; imports Keras for it.

    Raises:
        UserError: when what was given is no space.
    """
    if isinstance(given, Mapping):
        return None
    from ..search_spaces.own_space import as_space

    space = as_space(given)
    return None if space.is_stack else windows.shape(space)


def identity_of(job: Job, series: Series, windows: Windows, own: Space | None) -> dict[str, Any]:
    """Return the identity of a job, JSON-able.

    Args:
        job: checked.
        series: its data.
        windows: cut as it says.
        own: from `own_space`.
    """
    return {
        "data": series.digest(),
        "targets": list(series.targets),
        "features": [*series.features, *series.categorical],
        "lookback": windows.lookback,
        "horizon": windows.horizon,
        "split": job.split,
        "space": _space(job, own),
        "callbacks": _callbacks(job.callbacks),
        "loss": getattr(job.space, "loss", job.loss),
        "clipnorm": getattr(job.space, "clipnorm", job.clipnorm),
        "algorithm": job.algorithm,
        "seed": job.seed,
        "max_parameters": job.max_parameters,
    }


def _space(job: Job, own: Space | None) -> dict[str, Any]:
    if own is None:
        return {name: str(part) for name, part in (job.parts() or {}).items()}
    from ..search_spaces import identity

    return identity.identity_of(own)


def _callbacks(given: Any) -> str | None:
    if not given:
        return None
    from ..search_spaces.identity import source_digest

    return f"code {source_digest(given)}"
