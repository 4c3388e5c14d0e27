"""The workers of a cluster, as nodes come and go: started, listened to, given up.

A node that can train (`roster`) gets as many workers as its cores hold. Each worker has one call of the
driver's before it at any time, which returns when it has something to say; what cannot wait for that is told
beside it. A worker that is lost is started anew while its node is there.
"""

from __future__ import annotations

import logging
import os
import pickle
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from ...search_spaces.errors import UserError, line_of
from .address import Address
from .joining import join, leave
from .member import Gone, Member
from .roster import Roster
from .worker import Event, Fault, Worker

if TYPE_CHECKING:
    from ..engines._setup import Setup

logger = logging.getLogger(__name__)

LOOK_SECS = 2.0
"""How often is looked which nodes there are."""
BEGIN_SECS = 120.0
"""For the first worker to begin, and for another one where all are gone."""
SILENT_SECS = 120.0
"""A worker of which nothing was heard for so long is given up: it says something six times in that."""
FEW = 8
"""Workers: where there are more, all that have something to say are heard at once, as to ask takes longer."""
TOLD_A_SEC = 50
"""Times a second that all workers together tell of epochs that nobody waits for."""


class Process(Worker):
    """A worker with a process of its own, where a trial computes in the one thread that trains it.

    More threads gain a little where the other cores are idle, and take it from the node's other workers where
    they are not: two workers of one core would be 1.56 times as fast as one. No number depends on them.
    """

    def __init__(self, cores: int, find: Callable[[Any], Setup]) -> None:
        os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
        super().__init__(cores, find)


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
        self._cores, self._gpus = address.cores, gpus
        self.members: list[Member] = []
        self._lost: list[tuple[Member, Gone]] = []
        self._looked = self._alone_since = self._listened = time.monotonic()
        self._listening = 0.0
        self._actor = ray.remote(Process)
        self._roster = Roster(note)
        self._roster.begin(BEGIN_SECS)
        self._start()
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
        return id in self._roster.nodes

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
        now = time.monotonic()
        # While this process was stopped nothing could be heard.
        self._listening += min(now - self._listened, LOOK_SECS)
        self._listened = now
        self._keep_up(now)
        yield from self._taken_lost()
        calls = {member.call: member for member in self.members if member.call is not None}
        if not calls:
            time.sleep(secs)
            return
        ready, _ = ray.wait(list(calls), timeout=secs)
        if ready and len(calls) > FEW:
            ready, _ = ray.wait(list(calls), num_returns=len(calls), timeout=0)
        for call in ready:
            member = calls[call]
            member.call = None
            try:
                said: list[Event] = ray.get(call)
            except RayTaskError:
                raise
            except RayError as error:
                self._lose(member, _why(error))
                continue
            member.heard, member.begun = self._listening, True
            self._roster.works(member.node)
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
        why = (
            f"{member.node.host} cannot make the models ({line_of(error)}): what they import must be "
            "installed there, too"
        )
        self._roster.refuse(member.node, why)
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

    def _keep_up(self, now: float) -> None:
        """See who came and who went, now and then."""
        if now - self._looked < LOOK_SECS:
            return
        for member in [
            one for one in self.members if one.begun and self._listening - one.heard > SILENT_SECS
        ]:
            self._lose(member, f"it gave no sign of life for {SILENT_SECS:.0f} s")
        self._looked = now
        for node in self._roster.look():
            for member in [one for one in self.members if one.node.id == node.id]:
                self._lose(member, f"{node.host} left the cluster")
        self._start()
        if any(member.begun for member in self.members):
            self._alone_since = now
        elif now - self._alone_since > BEGIN_SECS:
            raise UserError(self._none())

    def _start(self) -> None:
        """Start the workers that nodes have cores for."""
        there = Counter(member.node.id for member in self.members)
        for node in list(self._roster.nodes.values()):
            gpus = self._gpus and node.gpus > 0
            wanted = node.gpus if gpus else node.cores // self._cores
            if not wanted and not there[node.id]:
                why = f"{node.host} has {node.cores} cores, fewer than a worker's {self._cores}"
                self._roster.refuse(node, why)
            for _ in range(wanted - there[node.id]):
                actor = self._actor.options(
                    max_concurrency=4,
                    num_cpus=1 if gpus else self._cores,
                    num_gpus=1 if gpus else 0,
                    scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False),
                )
                places = 1 if gpus else self._cores
                self.members.append(Member(node, actor.remote(places, _found), places, self._listening))
        self.speak()

    def _lose(self, member: Member, why: str) -> None:
        if member not in self.members:
            return
        self.members.remove(member)
        _end(member)
        logger.info("a worker on %s is lost: %s", member.node.host, why)
        self._lost.append((member, Gone(why)))
        if not member.begun and self.has(member.node.id):
            self._roster.fails(member.node, f"{member.node.host} starts no worker: {why}")

    def _taken_lost(self) -> Iterator[tuple[Member, Gone]]:
        while self._lost:
            yield self._lost.pop(0)

    def _none(self) -> str:
        reasons = self._roster.reasons
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


def _why(error: RayError) -> str:
    """Return in one line why a worker is lost: of one that could not be made, what went wrong there."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines and "creation task" in lines[0] else line_of(error)
