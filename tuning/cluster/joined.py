"""Whether trials are trained here or on a cluster. Importing it imports no Ray."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..engines._setup import Setup
    from ..engines.base import Engine
    from .pool import Pool


def pool_of(cluster: str | None, engine: str, note: Callable[[str], None]) -> Pool | None:
    """Return the workers of a cluster; None where none was asked for.

    Args:
        cluster: as `Address.parse` reads it.
        engine: name of the engine that trains there: `keras` uses GPUs where a node has some.
        note: tells the user a sentence.

    Raises:
        UserError: when the cluster does not answer, or no node of it can train.
    """
    if cluster is None:
        return None
    from .address import Address
    from .pool import Pool

    return Pool(Address.parse(cluster), engine == "keras", note)


def engine_for(setup: Setup, pool: Pool | None) -> Engine:
    """Return the engine of a setup, which trains in this process where there is no pool."""
    if pool is None:
        return setup.engine()
    from .engine import ClusterEngine

    return ClusterEngine(setup, pool)
