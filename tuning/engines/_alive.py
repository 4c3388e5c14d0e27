"""Signs of life of a child process, by which one that hangs is told from one that trains a long epoch.

Importing this imports no TensorFlow: a child gives signs of life while it loads that.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from multiprocessing.connection import Connection
from typing import Any

BEAT = "alive"
"""Said between all else; it asks for nothing."""
BEAT_SECS = 2.0


class Voice:
    """A child's end of its connection, over which it says that it lives, from a thread of its own.

    Where nobody hears that any more the child ends, whatever it is training: it has nothing to lose. Signals
    that end a command are left to the engine, for they may reach all processes of a service or a batch job,
    and a trial whose process dies has failed.

    Args:
        descriptor: of a connected socket.
    """

    def __init__(self, descriptor: int) -> None:
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
        self._connection = Connection(descriptor)
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self._beat, daemon=True).start()

    def send(self, what: Any) -> None:
        """Say something that can be pickled."""
        with self._one_at_a_time:
            self._connection.send(what)

    def send_bytes(self, said: bytes) -> None:
        """Say what was pickled before."""
        with self._one_at_a_time:
            self._connection.send_bytes(said)

    def recv(self) -> Any:
        """Return what the engine says next.

        Raises:
            EOFError: when it let go, or its process ended.
        """
        return self._connection.recv()

    def recv_bytes(self) -> bytes:
        """Return the bytes that the engine sends next; raises as `recv`."""
        return self._connection.recv_bytes()

    def _beat(self) -> None:
        try:
            while True:
                self.send(BEAT)
                time.sleep(BEAT_SECS)
        except OSError:
            os._exit(0)
