"""Telling: the store and the watchers, in a thread of their own.

The engine's thread only puts down what happened and goes on. Events are told in the order in which they
happened, so that whenever the process dies the store holds a prefix of the search. Epochs that follow one
another while this thread is busy are one transaction: it costs most of what the store takes for an epoch.
What fails there is raised in the engine's thread at its next event; nothing is told after it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from queue import Queue
from typing import Any, TypeAlias

from ...search_spaces.trial import Epoch, Outcome, Trial
from ..runs.store import Store
from .base import Watcher

MOST_WAITING = 256
"""Events; beyond them the engine waits, so that weights to be measured do not fill the memory."""
GATHER_SECS = 0.005
"""Where nothing else waits, more may come for so long: threads that take turns at each event of short trials
cost a tenth of the processor time of such a search (measured)."""
Event: TypeAlias = Callable[[], None] | Epoch | None
"""What is to be done, an epoch that is to be told, or the end."""


class Telling:
    """Tells `store`, then `watchers`; the thread begins with this.

    Args:
        store: written by nobody else until `close`.
        watchers: in their order.
    """

    def __init__(self, store: Store, watchers: Sequence[Watcher]) -> None:
        self._store = store
        self._with_store = [one for one in watchers if one.with_store]
        self._after_store = [one for one in watchers if not one.with_store]
        self._events: Queue[Event] = Queue(MOST_WAITING)
        self._fault: BaseException | None = None
        self._heard = False
        self._thread = threading.Thread(target=self._tell, daemon=True)
        self._thread.start()

    def began(self, trial: Trial, algorithm: Mapping[str, Any]) -> None:
        """Tell that a trial begins, with the algorithm's state after it was proposed."""

        def tell() -> None:
            self._store.begin(trial, algorithm)
            for watcher in (*self._with_store, *self._after_store):
                watcher.began(trial)

        self.later(tell)

    def epoch(self, epoch: Epoch) -> None:
        """Tell of an epoch."""
        self._put(epoch)

    def ended(self, trial: Trial, outcome: Outcome, algorithm: Mapping[str, Any]) -> None:
        """Tell how a trial ended, with the algorithm's state after that."""

        def tell() -> None:
            with self._store.transaction():
                self._store.end(trial, algorithm)
                for watcher in self._with_store:
                    watcher.ended(trial, outcome)
            for watcher in self._after_store:
                watcher.ended(trial, outcome)

        self.later(tell)

    def later(self, what: Callable[[], None]) -> None:
        """Have `what` done after all that was told so far."""
        self._put(what)

    def wait(self) -> None:
        """Return when everything was told."""
        self._events.join()
        self._raise_fault()

    def close(self) -> None:
        """End the thread when everything was told; a fault that nobody heard of is raised."""
        self._events.put(None)
        self._thread.join()
        self._raise_fault()

    def _put(self, event: Event) -> None:
        self._raise_fault()
        self._events.put(event)

    def _tell(self) -> None:
        while (event := self._events.get()) is not None:
            if self._events.empty():
                time.sleep(GATHER_SECS)
            told: list[Event] = [event]
            if isinstance(event, Epoch):
                epochs = [event, *self._next_epochs()]
                told, event = [*epochs], partial(self._tell_epochs, epochs)
            try:
                if self._fault is None:
                    event()
            except BaseException as fault:
                self._fault = fault
            finally:
                for _ in told:
                    self._events.task_done()

    def _next_epochs(self) -> Iterator[Epoch]:
        """Take the epochs that are next in the queue by now; nobody else takes of it."""
        waiting = self._events.queue
        while waiting and isinstance(epoch := waiting[0], Epoch):
            self._events.get()
            yield epoch

    def _tell_epochs(self, epochs: Sequence[Epoch]) -> None:
        self._store.epoch(*epochs)
        for epoch in epochs:
            for watcher in (*self._with_store, *self._after_store):
                watcher.epoch(epoch)

    def _raise_fault(self) -> None:
        if self._fault is not None and not self._heard:
            self._heard = True
            raise self._fault
