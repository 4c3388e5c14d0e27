"""Which nodes of a cluster train: who came, who went, who cannot, as it goes on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import ray
from ray.exceptions import RayError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ...search_spaces.errors import line_of
from .nodes import Node, alive, asking, refusal, versions

MOST_FAILED = 3
"""Workers of a node that ended before they had begun, or questions without an answer: then it is left."""


class Roster:
    """The nodes of the cluster that this process has joined; a new one is asked what it has installed.

    Args:
        note: tells the user a sentence.

    Attributes:
        nodes: those that can train, by their ids.
    """

    def __init__(self, note: Callable[[str], None]) -> None:
        self._note, self._begun = note, False
        self.nodes: dict[str, Node] = {}
        self._asked: dict[str, tuple[Node, Any]] = {}
        self._refused: dict[str, str] = {}
        self._failed: Counter[str] = Counter()
        self._ask = ray.remote(num_cpus=0)(asking())

    def begin(self, secs: float) -> None:
        """Ask all nodes that are there, and wait for their answers for at most so many seconds."""
        ends = time.monotonic() + secs
        self.look()
        while self._asked and time.monotonic() < ends:
            ray.wait([call for _, call in self._asked.values()], timeout=0.2)
            self._hear()
        self._begun = True

    def look(self) -> list[Node]:
        """See which nodes came, and which went; return these."""
        there = {one.id: one for one in alive()}
        gone = [self.nodes.pop(id) for id in self.nodes.keys() - there.keys()]
        for left in gone:
            self._note(f"{left.host} left the cluster: what it trained goes on elsewhere")
        for id in self._asked.keys() - there.keys():
            del self._asked[id]
        for id in there.keys() - self.nodes.keys() - self._asked.keys() - self._refused.keys():
            where = NodeAffinitySchedulingStrategy(id, soft=False)
            self._asked[id] = there[id], self._ask.options(scheduling_strategy=where).remote()
        self._hear()
        return gone

    def refuse(self, node: Node, why: str) -> None:
        """Give nothing to a node any more."""
        self.nodes.pop(node.id, None)
        self._refused[node.id] = why
        if node.cores:
            self._note(f"nothing is trained on a node: {why}")

    def fails(self, node: Node, why: str) -> None:
        """Note that something failed on a node that is there; after some of that it is refused."""
        self._failed[node.id] += 1
        if self._failed[node.id] >= MOST_FAILED:
            self.refuse(node, why)

    def works(self, node: Node) -> None:
        """Note that a worker of a node has begun."""
        self._failed.pop(node.id, None)

    @property
    def reasons(self) -> str:
        """Why nodes are refused, a line each."""
        return "".join(f"\n  - {why}" for why in dict.fromkeys(self._refused.values()))

    def _hear(self) -> None:
        """Take what nodes that were asked have installed."""
        calls = {call: node for node, call in self._asked.values()}
        for call in ray.wait(list(calls), num_returns=len(calls), timeout=0)[0] if calls else ():
            node = calls[call]
            del self._asked[node.id]
            try:
                why = refusal(node, ray.get(call), versions())
            except RayError as error:
                # It left meanwhile, or is asked again.
                self.fails(node, f"{node.host} cannot run Python tasks of this cluster: {line_of(error)}")
                continue
            if why:
                self.refuse(node, why)
                continue
            self.nodes[node.id] = node
            if self._begun:
                self._note(f"{node.host} joined the cluster")
