"""The workers of a cluster, as nodes come and go: started, listened to, given up.

A node that joins is asked what it has (`nodes`) and, where it can train, gets as many workers as its cores
hold. Each worker has one call of the driver's before it at any time, which returns when it has something to
say; what cannot wait for that is told beside it. A worker that is lost is started anew while its node is
there.
"""

from __future__ import annotations

import logging
import pickle
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ...search_spaces.errors import UserError, line_of
from ..engines.base import reason_of
from .address import Address
from .joining import join, leave
from .nodes import Node, alive, asking, refusal, versions
from .worker import Event, Fault, Message, Worker

if TYPE_CHECKING:
    from ..engines._setup import Setup

logger = logging.getLogger(__name__)

LOOK_SECS = 2.0
"""How often is looked which nodes there are."""
BEGIN_SECS = 120.0
"""For the first worker to begin, and for another one where all are gone."""
SILENT_SECS = 120.0
"""A worker of which nothing was heard for so long is given up: it says something six times in that."""
MOST_FAILED = 3
"""Workers of a node that ended before they had begun, or questions without an answer: then it is left."""
TOLD_A_SEC = 50
"""Times a second that all workers together tell of epochs that nobody waits for."""


@dataclass(eq=False)
class Member:
    """A worker, as the driver knows it.

    Args:
        node: where it is.
        handle: the Ray actor.
        places: trials it trains at once.
        heard: `time.monotonic` when it was heard last.
        call: what it is to answer next; None where it was answered and not called again.
        begun: whether it was ever heard.
        numbers: of the trials that it trains.
        letters: what it is told next.
    """

    node: Node
    handle: Any
    places: int
    heard: float = field(default_factory=time.monotonic)
    call: Any = None
    begun: bool = False
    numbers: set[int] = field(default_factory=set)
    letters: list[Message] = field(default_factory=list)


@dataclass(frozen=True)
class Gone:
    """That a worker is lost; `why` is one line."""

    why: str


class Pool:
    """The workers of a cluster, which this process joins.

    Args:
        address: of the cluster, with the cores of each worker.
        gpus: whether a worker is for a GPU, where a node has some.
        note: tells the user a sentence.

    Attributes:
        members: the workers that have begun, and those that may.

    Raises:
        UserError: when no node of the cluster can train.
    """

    def __init__(self, address: Address, gpus: bool, note: Callable[[str], None]) -> None:
        self._entered = join(address)
        self._cores, self._gpus, self._note = address.cores, gpus, note
        self.members: list[Member] = []
        self._nodes: dict[str, Node] = {}
        self._asked: dict[str, tuple[Node, Any]] = {}
        self._refused: dict[str, str] = {}
        self._failed: Counter[str] = Counter()
        self._lost: list[tuple[Member, Gone]] = []
        self._looked, self._alone_since = -LOOK_SECS, time.monotonic()
        self._ask_node = ray.remote(num_cpus=0)(asking())
        self._actor = ray.remote(Worker)
        ends = time.monotonic() + BEGIN_SECS
        self._ready = False
        self._look()
        while self._asked and time.monotonic() < ends:
            ray.wait([call for _, call in self._asked.values()], timeout=0.2)
            self._hear_nodes()
        self._start()
        self._ready = True
        if not self.members:
            self.close()
            raise UserError(self._none())

    @property
    def places(self) -> int:
        """Trials that the workers there are train at once."""
        return sum(member.places for member in self.members)

    @property
    def told(self) -> str:
        """What there is, for the user: `2 nodes, 6 places: anna (4), bert (2)`."""
        places: Counter[str] = Counter()
        for member in self.members:
            places[member.node.host] += member.places
        nodes = len({member.node.id for member in self.members})
        each = ", ".join(f"{host} ({count})" for host, count in sorted(places.items()))
        return f"{nodes} node{'s' * (nodes != 1)}, {self.places} place{'s' * (self.places != 1)}: {each}"

    def has(self, id: str) -> bool:
        """Return whether a node is there and can train, as far as Ray knows."""
        return id in self._nodes

    def put(self, setup: Setup) -> Any:
        """Return where a setup lies for all workers, which each node fetches once."""
        return [ray.put(setup)]

    def hear(self, secs: float) -> Iterator[tuple[Member, list[Event] | Gone]]:
        """Yield what workers say, as soon as one does, and which are lost.

        Args:
            secs: after which nothing was said.

        Raises:
            UserError: when there was no worker for `BEGIN_SECS`.
        """
        self._keep_up()
        yield from self._taken_lost()
        calls = {member.call: member for member in self.members if member.call is not None}
        if not calls:
            time.sleep(secs)
            return
        ready, _ = ray.wait(list(calls), timeout=secs)
        if ready and len(calls) > 1:
            ready, _ = ray.wait(list(calls), num_returns=len(calls), timeout=0)
        now = time.monotonic()
        for call in ready:
            member = calls[call]
            member.call = None
            try:
                said: list[Event] = ray.get(call)
            except RayTaskError:
                raise
            except RayError as error:
                self._lose(member, line_of(error))
                continue
            member.heard, member.begun, self._alone_since = now, True, now
            self._failed.pop(member.node.id, None)
            yield member, said
        yield from self._taken_lost()

    def speak(self) -> None:
        """Tell workers what they are to hear; call those that answered again."""
        patience = max(1.0, len(self.members) / TOLD_A_SEC)
        for member in self.members:
            letters, member.letters = member.letters, []
            if member.call is None:
                member.call = member.handle.hear.remote(letters, patience)
            elif letters:
                member.handle.tell.remote(letters)

    def faulty(self, member: Member, fault: Fault) -> None:
        """Give up the node of a worker that could not make its engine.

        Raises:
            Exception: that ended the worker's engine, where it had made it.
        """
        error = pickle.loads(fault.error)
        if not fault.unmade:
            raise error
        self._nodes.pop(member.node.id, None)
        self._refuse(member.node, f"{member.node.host} cannot make the models: {reason_of(error)}")
        for one in [one for one in self.members if one.node.id == member.node.id]:
            self._lose(one, "its node cannot make the models")
        if not self.members:
            raise UserError(self._none()) from error

    def close(self) -> None:
        """End all workers, and leave the cluster where it was entered for this pool."""
        for member in self.members:
            _end(member)
        self.members = []
        if self._entered:
            leave()
        self._entered = False

    def _keep_up(self) -> None:
        """See who came and who went, now and then."""
        now = time.monotonic()
        if now - self._looked < LOOK_SECS:
            return
        for member in [one for one in self.members if now - one.heard > SILENT_SECS and one.begun]:
            self._lose(member, f"it gave no sign of life for {SILENT_SECS:.0f} s")
        self._look()
        self._hear_nodes()
        self._start()
        if any(member.begun for member in self.members):
            self._alone_since = now
        elif now - self._alone_since > BEGIN_SECS:
            raise UserError(self._none())

    def _look(self) -> None:
        self._looked = time.monotonic()
        there = {one.id: one for one in alive()}
        for id in self._nodes.keys() - there.keys():
            left = self._nodes.pop(id)
            self._note(f"{left.host} left the cluster: what it trained goes on elsewhere")
            for member in [one for one in self.members if one.node.id == id]:
                self._lose(member, f"{left.host} left the cluster")
        for id in there.keys() - self._nodes.keys() - self._asked.keys() - self._refused.keys():
            where = NodeAffinitySchedulingStrategy(id, soft=False)
            self._asked[id] = there[id], self._ask_node.options(scheduling_strategy=where).remote()

    def _hear_nodes(self) -> None:
        """Take what nodes that joined have installed."""
        calls = {call: node for node, call in self._asked.values()}
        for call in ray.wait(list(calls), num_returns=len(calls), timeout=0)[0] if calls else ():
            node = calls[call]
            del self._asked[node.id]
            try:
                why = refusal(node, ray.get(call), versions())
            except RayError as error:
                # It left meanwhile, or is asked again.
                self._failed[node.id] += 1
                if self._failed[node.id] < MOST_FAILED:
                    continue
                why = f"{node.host} cannot run Python tasks of this cluster: {line_of(error)}"
            if why:
                self._refuse(node, why)
            else:
                self._nodes[node.id] = node
                if self._ready:
                    self._note(f"{node.host} joined the cluster")

    def _refuse(self, node: Node, why: str) -> None:
        self._refused[node.id] = why
        if node.cores:
            self._note(f"nothing is trained on a node: {why}")

    def _start(self) -> None:
        """Start the workers that nodes have cores for."""
        there = Counter(member.node.id for member in self.members)
        for node in self._nodes.values():
            gpus = self._gpus and node.gpus > 0
            wanted = node.gpus if gpus else node.cores // self._cores
            if not wanted and not there[node.id]:
                self._refuse(node, f"{node.host} has {node.cores} cores, fewer than a worker's {self._cores}")
            for _ in range(wanted - there[node.id]):
                actor = self._actor.options(
                    max_concurrency=4,
                    num_cpus=1 if gpus else self._cores,
                    num_gpus=1 if gpus else 0,
                    scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False),
                )
                places = 1 if gpus else self._cores
                self.members.append(Member(node, actor.remote(places, _found), places))
        self._nodes = {id: node for id, node in self._nodes.items() if id not in self._refused}
        self.speak()

    def _lose(self, member: Member, why: str) -> None:
        if member not in self.members:
            return
        self.members.remove(member)
        _end(member)
        logger.info("a worker on %s is lost: %s", member.node.host, why)
        self._lost.append((member, Gone(why)))
        if not member.begun and self.has(member.node.id):
            self._failed[member.node.id] += 1
            if self._failed[member.node.id] >= MOST_FAILED and member.node.id in self._nodes:
                self._refuse(self._nodes.pop(member.node.id), f"{member.node.host} starts no worker: {why}")

    def _taken_lost(self) -> Iterator[tuple[Member, Gone]]:
        while self._lost:
            yield self._lost.pop(0)

    def _none(self) -> str:
        reasons = "".join(f"\n  - {why}" for why in self._refused.values())
        if self.members:
            return (
                f"no worker of the cluster has begun within {BEGIN_SECS:.0f} s: its cores may be taken by "
                f"other jobs (look with `ray status`){reasons}"
            )
        return f"no node of the cluster can train{':' + reasons if reasons else ': it has none'}"


def _found(at: Any) -> Setup:
    """Return what `Pool.put` put, in a worker."""
    setup: Setup = ray.get(at[0])
    return setup


def _end(member: Member) -> None:
    ray.kill(member.handle, no_restart=True)
