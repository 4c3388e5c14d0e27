"""A worker as the driver knows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .nodes import Node
    from .worker import Message


@dataclass(eq=False)
class Member:
    """A worker, as the driver knows it.

    Args:
        node: where it is.
        handle: the Ray actor.
        places: trials it trains at once.
        heard: when it was heard last, in seconds that the driver listened.
        call: what it is to answer next; None where it was answered and not called again.
        begun: whether it was ever heard.
        numbers: of the trials that it trains.
        letters: what it is told next.
    """

    node: Node
    handle: Any
    places: int
    heard: float = 0.0
    call: Any = None
    begun: bool = False
    numbers: set[int] = field(default_factory=set)
    letters: list[Message] = field(default_factory=list)


@dataclass(frozen=True)
class Gone:
    """That a worker is lost; `why` is one line."""

    why: str
