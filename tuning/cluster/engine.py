"""`ClusterEngine`: an engine whose trials are trained by workers on other machines.

It plans, judges and ends in the driver as any engine does, in the order in which it hears; the workers run
ahead where nothing is to be decided (`worker`). What a lost worker trained is given to another one, from
where it was last known to stand: what is told of it a second time is passed over, and what was answered is
answered again, so that those who asked never hear of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...search_spaces.trial import Decision, Epoch, Outcome, Proposal, Standing, Status
from ..engines._waiting import Waiting
from ..engines.base import Ask, End, Engine, Report, Task
from .member import Gone, Member
from .worker import Answer, Fault, Given

if TYPE_CHECKING:
    from ..engines._setup import Setup
    from .pool import Pool

LOOK_SECS = 0.2
"""How often a waiting search looks whether the user pressed Ctrl-C."""
STAND_SECS = 20.0
"""Of a trial's training: so often is told where it stands, so that a lost worker costs no more."""
MOST_LOST = 3
"""Workers that a trial may lose on nodes that stay: then it is likely to be what ended them."""
CERTAIN_SECS = 60.0
"""After that Ray knows whether a worker was lost with its node; until then nothing is blamed on a trial."""


@dataclass
class Sent:
    """A trial that a worker has.

    Args:
        task: as it was given last.
        member: the worker; None while no worker has it.
        seen: the last epoch that was heard.
        answer: to that epoch, or an earlier one.
        standing: where it stood, and after which epoch, from which it is sure to go on.
        newest: likewise, of the last epoch that was heard.
        lost: nodes of the workers it lost, and when.
        waits: whether it waits for its decision.
    """

    task: Task
    member: Member | None = None
    seen: int = -1
    answer: Answer | None = None
    standing: tuple[int, Standing] | None = None
    newest: tuple[int, Standing] | None = None
    lost: list[tuple[str, float]] = field(default_factory=list)
    waits: bool = False

    def again(self) -> Task:
        """Return what another worker is to train."""
        if self.standing is None:
            return self.task
        epoch, standing = self.standing
        return replace(self.task, first_epoch=epoch, state=standing.state, stood=standing)


class ClusterEngine(Engine):
    """Trains on the workers of a pool.

    Args:
        setup: what they train with.
        pool: the workers; several engines may share it, one of which trains at a time.
    """

    def __init__(self, setup: Setup, pool: Pool) -> None:
        self._local = setup.engine()
        newest = self._local
        super().__init__(newest.space, newest.windows, newest.callbacks, newest.cache)
        self.device, self.most_a_place = newest.device, newest.most_a_place
        self.places = pool.places
        self.remark = f"trials are trained on a cluster of {pool.told}"
        self._pool, self._name, self._at = pool, f"setup {id(self)}", pool.put(setup)
        self._several = len(setup.folds) > 1
        self._sent: dict[int, Sent] = {}
        self._left: list[int] = []
        self._waiting = Waiting[Sent]()
        self._answered: set[int] = set()

    def recall(self, begun: Sequence[Proposal]) -> None:
        """Learn of trials that were begun before; see `Engine.recall`."""
        self._local.recall(begun)

    def predict(
        self, values: Mapping[str, Any], weights: Sequence[np.ndarray], rows: np.ndarray
    ) -> np.ndarray:
        """Return scaled forecasts, made in this process; see `Engine.predict`."""
        return self._local.predict(values, weights, rows)

    @property
    def folds(self) -> Sequence[Engine]:
        """The engines of all folds, in this process; see `Engine.folds`."""
        return self._local.folds

    def close(self) -> None:
        """Let go of what the engine in this process keeps, and of the workers."""
        self._local.close()
        self._pool.close()

    def train(self, ask: Ask, report: Report, end: End) -> None:
        """Train what `ask` gives, one trial for each place of the pool; see `Engine.train`."""
        self._sent, self._left, self._waiting = {}, [], Waiting()
        self._answered.clear()
        while True:
            self._fill(ask)
            if not self._sent:
                # Also where no worker is there now: one may come.
                if (sent := self._asked(ask)) is None:
                    return
                self._left.append(sent.task.number)
            self._speak()
            for member, said in self._pool.hear(LOOK_SECS):
                if isinstance(said, Gone):
                    self._lose(member, said, end)
                    continue
                for event in said:
                    if isinstance(event, Fault):
                        self._pool.faulty(member, event)
                    else:
                        self._take(event, report, end)
                        self._answer()
            self._answer()

    def _speak(self) -> None:
        """Tell workers the newest answer to each of their trials, and what else they are to hear."""
        for number in sorted(self._answered & self._sent.keys()):
            sent = self._sent[number]
            if sent.member is not None and sent.answer is not None:
                sent.member.letters.append(sent.answer)
        self._answered.clear()
        self._pool.speak()

    def _fill(self, ask: Ask) -> None:
        """Give workers with free places trials: those that lost theirs first, then new ones."""
        free = [member for member in self._pool.members if member.begun and self._free(member)]
        while free:
            member = max(free, key=self._free)
            sent = self._sent[self._left.pop(0)] if self._left else self._asked(ask)
            if sent is None:
                return
            self._give(sent, member)
            if not self._free(member):
                free.remove(member)

    def _free(self, member: Member) -> int:
        waiting = sum(self._sent[number].waits for number in member.numbers)
        most = min(member.places + waiting, self.most_a_place * member.places)
        return most - len(member.numbers)

    def _asked(self, ask: Ask) -> Sent | None:
        task = ask()
        if task is None:
            return None
        task = self._local.planned(replace(task, keep_secs=min(task.keep_secs, STAND_SECS)))
        self._sent[task.number] = Sent(task)
        return self._sent[task.number]

    def _give(self, sent: Sent, member: Member) -> None:
        sent.member = member
        member.numbers.add(sent.task.number)
        member.letters.append(Given(sent.again(), self._name, self._at))
        if sent.answer is not None:
            member.letters.append(sent.answer)

    def _take(self, event: Epoch | Outcome, report: Report, end: End) -> None:
        sent = self._sent.get(event.number)
        if sent is None:
            return
        if isinstance(event, Outcome):
            self._end(sent, event, end)
        elif event.epoch > sent.seen:
            self._see(sent, event, report)

    def _see(self, sent: Sent, epoch: Epoch, report: Report) -> None:
        sent.seen = epoch.epoch
        sent.newest = None if epoch.standing is None else (epoch.epoch, epoch.standing)
        decision = report(epoch)
        if epoch.finite and epoch.epoch < sent.task.epochs:
            sent.waits = decision.again is not None
            self._waiting.add(epoch.number, sent, decision)
        else:
            self._held(sent)
            self._waiting.drop(epoch.number)

    def _answer(self) -> None:
        """Tell workers all that is decided by now."""
        for sent, decision in self._waiting.decided():
            self._decide(sent, decision)

    def _decide(self, sent: Sent, decision: Decision) -> None:
        """Take how a trial goes on, for its worker."""
        sent.waits = False
        sent.answer = Answer(sent.task.number, sent.seen, decision)
        self._answered.add(sent.task.number)
        if decision.ends is not None:
            self._held(sent)
        elif sent.newest is not None:
            # Only now: how a trial ends after an epoch is not to be decided after a later one.
            sent.standing = sent.newest

    def _held(self, sent: Sent) -> None:
        if self._several:
            self.held.add(sent.task.number)

    def _end(self, sent: Sent, outcome: Outcome, end: End) -> None:
        number = sent.task.number
        del self._sent[number]
        self._waiting.drop(number)
        if sent.member is not None:
            sent.member.numbers.discard(number)
            outcome = replace(outcome, node=sent.member.node.host)
        self.held.discard(number)
        end(outcome)

    def _lose(self, member: Member, gone: Gone, end: End) -> None:
        """Have what a lost worker trained trained by others, unless it is what ended it."""
        for number in sorted(member.numbers):
            sent = self._sent[number]
            sent.lost.append((member.node.id, time.monotonic()))
            if self._blamed(sent) < MOST_LOST:
                sent.member = None
                self._left = sorted([*self._left, number])
                continue
            why = f"{MOST_LOST} processes that trained it died, memory may have run out; the last: {gone.why}"
            self._end(sent, Outcome(number, Status.FAILED, why), end)
        member.numbers.clear()

    def _blamed(self, sent: Sent) -> int:
        """Return how many workers were surely not lost with their nodes while they trained a trial."""
        known = time.monotonic() - CERTAIN_SECS
        return sum(since <= known and self._pool.has(node) for node, since in sent.lost)
