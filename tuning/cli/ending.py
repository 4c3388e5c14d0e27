"""Signals that end a command: Ctrl-C, SIGTERM (`kill`, batch systems), SIGHUP (a terminal that was closed).

Each is raised as a `KeyboardInterrupt` where the command is, so that everything open is closed on the way
out. What runs compiled code, such as the import of TensorFlow or a program that is being compiled, hears of a
signal only when that returns. So a thread waits too, and ends the process `LAST_SECS` after a signal, as
`kill -9` would; what finished is on disk by then, and the next start goes on from it.

Only the command line does this: who calls the package from Python keeps the handlers they have.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn

logger = logging.getLogger(__name__)

LAST_SECS = 3.0
"""From a signal to the end of the process by force: with all else within the 5 seconds that are promised."""
CUT_SHORT = "narrows: cut short, since it took too long to end; nothing that finished is lost"
GO_ON = "the same command goes on where it stopped"
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
def heeded(goes_on: bool = False) -> Iterator[Heard]:
    """Have each of `SIGNALS` end the body; the handlers of before are put back.

    A signal that is ignored, as SIGHUP is below `nohup`, stays so.

    Args:
        goes_on: whether a command that is cut short goes on where it stopped when it is given again.
    """
    heard = Heard()
    if threading.current_thread() is not threading.main_thread():
        yield heard  # where Python takes no handlers
        return

    def obey(number: int, frame: Any) -> NoReturn:
        heard.number = heard.number or number
        raise KeyboardInterrupt(signal.Signals(number).name)

    before = {number: signal.getsignal(number) for number in SIGNALS}
    mouth, ear = socket.socketpair()
    over = threading.Event()
    with mouth, ear, os.fdopen(os.dup(2), "wb", 0) as errors:
        mouth.setblocking(False)

        def last_words() -> None:
            errors.write(f"{CUT_SHORT}{f'; {GO_ON}' if goes_on else ''}\n".encode())

        waking = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
        watching = threading.Thread(target=_watch, args=(ear, over, last_words), daemon=True)
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


def _watch(ear: socket.socket, over: threading.Event, last_words: Callable[[], None]) -> None:
    """End the process by force where a signal did not in time; returns once it is `over`."""
    number = b"\0"
    while number and number[0] not in SIGNALS:
        number = ear.recv(1)  # which Python writes when a signal arrives, whatever the main thread is doing
    if number:
        # In a thread of its own: whether the log can be written must hold up nobody.
        told = (f"heard the signal {signal.Signals(number[0]).name}",)
        threading.Thread(target=logger.info, args=told, daemon=True).start()
    if number and not over.wait(LAST_SECS):
        with suppress(OSError):
            last_words()
        os._exit(128 + number[0])


def leave(code: int | str | None) -> NoReturn:
    """End the process now that everything is closed, whatever its libraries still do in threads of their own.

    What can no longer be written, as to a terminal that was closed, is forgotten.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else bool(code))
