"""Telling: the store and the watchers, in a thread of their own.

The engine's thread only puts down what happened and goes on. Events are told in the order in which they
happened, so that whenever the process dies the store holds a prefix of the search. What fails there is
raised in the engine's thread at its next event; nothing is told after it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from queue import Queue
from typing import Any

from ...search_spaces.trial import Epoch, Outcome, Trial
from ..runs.store import Store
from .base import Watcher

MOST_WAITING = 256
"""Events; beyond them the engine waits, so that weights to be measured do not fill the memory."""


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
        self._events: Queue[Callable[[], None] | None] = Queue(MOST_WAITING)
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

        def tell() -> None:
            self._store.epoch(epoch)
            for watcher in (*self._with_store, *self._after_store):
                watcher.epoch(epoch)

        self.later(tell)

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
        self._raise_fault()
        self._events.put(what)

    def wait(self) -> None:
        """Return when everything was told."""
        self._events.join()
        self._raise_fault()

    def close(self) -> None:
        """End the thread when everything was told; a fault that nobody heard of is raised."""
        self._events.put(None)
        self._thread.join()
        self._raise_fault()

    def _tell(self) -> None:
        while (event := self._events.get()) is not None:
            try:
                if self._fault is None:
                    event()
            except BaseException as fault:
                self._fault = fault
            finally:
                self._events.task_done()

    def _raise_fault(self) -> None:
        if self._fault is not None and not self._heard:
            self._heard = True
            raise self._fault
