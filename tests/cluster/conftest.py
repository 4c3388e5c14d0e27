"""Workers without Ray: threads of this process, which may be lost at any moment."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import numpy as np
import pytest

from narrows.search_spaces import StackedLSTM
from narrows.tuning.cluster.member import Gone, Member
from narrows.tuning.cluster.nodes import Node
from narrows.tuning.cluster.worker import Fault, Worker
from narrows.tuning.engines._setup import Setup
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows


class Threads:
    """What the engine sees of a `Pool`, with workers that are threads.

    Args:
        workers: how many there are.
        cores: of each, and so its places.
        lose: called with each event of a worker; what it answers is whether the worker is lost with it.
    """

    told = "threads"

    def __init__(self, workers: int = 2, lose=lambda event: False, cores: int = 1, patience: float = 0.05):
        self.lose, self.lost, self.cores, self.patience = lose, 0, cores, patience
        self._calls = ThreadPoolExecutor(64)
        self.members: list[Member] = []
        for _ in range(workers):
            self._start()

    @property
    def places(self):
        return self.cores * len(self.members)

    def _start(self):
        node = Node(f"node {self.lost + len(self.members)}", "host", self.cores, 0)
        self.members.append(Member(node, Worker(self.cores, lambda at: at), self.cores, begun=True))

    def has(self, id):
        return True

    def put(self, setup):
        return setup

    def speak(self):
        for member in self.members:
            letters, member.letters = member.letters, []
            if member.call is None:
                member.call = self._calls.submit(member.handle.hear, letters, self.patience)
            elif letters:
                member.handle.tell(letters)

    def hear(self, secs):
        there = {member.call: member for member in self.members}
        for call in wait(there, secs, FIRST_COMPLETED).done:
            member, member.call = there[call], None
            told = call.result()
            if any(self.lose(event) for event in told):
                self.members.remove(member)
                self.lost += 1
                self._start()
                yield member, Gone("it was lost")
            else:
                yield member, told

    def faulty(self, member, fault: Fault):
        import pickle

        raise pickle.loads(fault.error)

    def close(self):
        self._calls.shutdown(wait=False, cancel_futures=True)


@pytest.fixture
def threads():
    """Makes `Threads`; all are closed at the end."""
    made = []

    def make(*args, **named):
        made.append(Threads(*args, **named))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


@pytest.fixture(scope="session")
def small_windows():
    t = np.arange(300)
    noise = np.random.default_rng(0).normal(size=t.size)
    values = np.stack([np.sin(t / 5) * 3 + 10 + 0.1 * noise, np.cos(t / 7)], axis=1)
    return Windows(Series("waves", ("a",), values, features=("b",)), 8, 2, "0.7,0.15,0.15")


@pytest.fixture(scope="session")
def setup_of(small_windows):
    """Makes the setup of an engine by name, on so many folds."""

    def make(name="fused", folds=1, patience=0):
        from narrows.tuning.series.folds import older_folds

        of_all = (small_windows, *older_folds(small_windows, folds))
        moments = [part.tolist() for part in small_windows.input_moments]
        space = StackedLSTM().shaped(small_windows.input_shape, small_windows.output_shape, *moments)
        return Setup(name, tuple((space, one) for one in of_all), "mse", patience)

    return make
