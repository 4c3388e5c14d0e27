"""Signals that end a command: Ctrl-C, SIGTERM (`kill`, batch systems), SIGHUP (a terminal that was closed).

Each is raised as a `KeyboardInterrupt` where the command is, so that everything open is closed on the way
out. What runs compiled code, such as the import of TensorFlow or a program that is being compiled, hears of a
signal only when that returns. So a thread waits too, and ends the process `LAST_SECS` after a signal, as
`kill -9` would; what finished is on disk by then, and the next start goes on from it.

Only the command line does this: who calls the package from Python keeps the handlers they have.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn

LAST_SECS = 4.0
"""From a signal to the end of the process by force."""
CUT_SHORT = b"narrows: cut short, since it took too long to end; nothing that finished is lost\n"
SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


@dataclass
class Heard:
    """What was heard.

    Args:
        number: of the signal that ends the command; 0 while there was none.
    """

    number: int = 0

    @property
    def exit_code(self) -> int:
        """128 and the number of the signal, as a shell tells it."""
        return 128 + self.number


@contextmanager
def heeded() -> Iterator[Heard]:
    """Have each of `SIGNALS` end the body; the handlers of before are put back.

    A signal that is ignored, as SIGHUP is below `nohup`, stays so.
    """
    heard = Heard()
    if threading.current_thread() is not threading.main_thread():
        yield heard  # where Python takes no handlers
        return

    def obey(number: int, frame: Any) -> NoReturn:
        heard.number = heard.number or number
        raise KeyboardInterrupt

    before = {number: signal.getsignal(number) for number in SIGNALS}
    mouth, ear = socket.socketpair()
    over = threading.Event()
    with mouth, ear, os.fdopen(os.dup(2), "wb", 0) as errors:
        mouth.setblocking(False)
        waking = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
        watching = threading.Thread(target=_watch, args=(ear, over, errors.fileno()), daemon=True)
        watching.start()
        try:
            for number, handler in before.items():
                if handler not in (signal.SIG_IGN, None):
                    signal.signal(number, obey)
            yield heard
        finally:
            for number, handler in before.items():
                if handler is not None:
                    signal.signal(number, handler)
            signal.set_wakeup_fd(waking)
            over.set()
            mouth.shutdown(socket.SHUT_RDWR)
            watching.join()


def _watch(ear: socket.socket, over: threading.Event, errors: int) -> None:
    """End the process by force where a signal did not in time; returns once it is `over`."""
    number = b"\0"
    while number and number[0] not in SIGNALS:
        number = ear.recv(1)  # which Python writes when a signal arrives, whatever the main thread is doing
    if number and not over.wait(LAST_SECS):
        with suppress(OSError):
            os.write(errors, CUT_SHORT)
        os._exit(128 + number[0])


def drop_output() -> None:
    """Forget what can no longer be written, as to a terminal that was closed."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
