"""A child process as the engine sees it: it takes a trial, says what came of it, and may die.

It is started without multiprocessing, which would import the user's script again in every child and,
in a script without a guard, search again there. A session of its own keeps Ctrl-C from it: the engine
ends it. What TensorFlow writes to standard error is kept only to tell why a child died. One that gives no
sign of life (`_alive`), such as one that was stopped by SIGSTOP, is ended too.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

from .._alive import BEAT
from ..base import Task

START = (
    "import sys; descriptor, *sys.path = sys.argv[1:]; del sys.argv[1:]; "
    f"from {__package__.rpartition('.')[0]}._alive import Voice; voice = Voice(int(descriptor)); "
    f"from {__package__}.child import main; main(voice)"
)
SILENT_SECS = 120
"""A child that gave no sign of life for so long is ended. It gives one every two seconds, however long an
epoch is; only code that holds Python's lock all the time would keep it from that."""
DEATH_SECS = 10
LAST_BYTES = 4000


class ChildProcess:
    """One child, starting when this is made; it is given its first trial while it starts.

    Args:
        setup: from `child.packed`.

    Attributes:
        connection: becomes readable when the child says something or is dead.
        pid: of the process.
        task: in training, or None.
        trained: how many trials it ended.
    """

    def __init__(self, setup: bytes) -> None:
        self.task: Task | None = None
        self.trained = 0
        self._setup: bytes | None = setup
        self._unheard_secs, self._silent = 0.0, False
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self.connection, theirs = Pipe()
        _bound(self.connection, SILENT_SECS)
        with theirs:
            # The path goes along: what this process can import, a child must be able to.
            self._process = subprocess.Popen(
                [sys.executable, "-c", START, str(theirs.fileno()), *map(str, sys.path)],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stderr=self._errors,
                env={"TF_CPP_MIN_LOG_LEVEL": "2", **os.environ},
                start_new_session=True,
            )
        self.pid = self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self._process.poll() is None

    def take(self, task: Task) -> None:
        """Begin `task`, as soon as the child has started."""
        self.task = task
        if self._setup is None:
            self.answer(task)

    def hear(self) -> Any:
        """Return what the child says next; None when that concerns the engine in no way.

        Raises:
            EOFError: when it is dead.
            RuntimeError: when it never started, with what it wrote about that.
        """
        try:
            said = self.connection.recv()
            self._unheard_secs = 0.0
        except BlockingIOError:
            self.unheard(SILENT_SECS)  # it said a part, and nothing more
            raise EOFError from None
        except OSError:
            raise EOFError from None
        except EOFError:
            if self._setup is not None and self._exit_code() > 0:
                raise RuntimeError(f"a process to train in did not start:\n{self._last_words()}") from None
            raise
        if said is None and self._setup is not None:
            # Sent only now: a child that is still starting would not read, and hold up this process.
            setup, self._setup = self._setup, None
            self._send(lambda: self.connection.send_bytes(setup))
            self.answer(self.task)
        return None if said == BEAT else said

    def unheard(self, secs: float) -> None:
        """Note that nothing was heard from it for `secs` more; after `SILENT_SECS` it is ended."""
        self._unheard_secs += secs
        if self._unheard_secs >= SILENT_SECS:
            self._silent = True
            self._process.kill()  # which the next `hear` tells

    def answer(self, what: Any) -> None:
        """Send `what`; that the child is dead is told by the next `hear`."""
        self._send(lambda: self.connection.send(what))

    def ended(self) -> None:
        """Note that its trial ended."""
        self.task = None
        self.trained += 1

    def why_dead(self) -> str:
        """Return how the process ended, in one line."""
        code, words = self._exit_code(), self._last_words().splitlines()[-1:]
        if self._silent:
            return f"the process that trained it gave no sign of life for {SILENT_SECS} s and was ended"
        if code == -signal.SIGKILL:
            return "the process that trained it was killed by signal 9; memory may have run out"
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        return ": ".join([f"the process that trained it {how}", *words])

    def end(self) -> None:
        """End the process, whatever it is doing; it has nothing to lose."""
        self.connection.close()
        self._process.kill()
        self._process.wait()
        self._errors.close()

    def _send(self, sending: Callable[[], None]) -> None:
        try:
            sending()
        except BlockingIOError:
            self.unheard(SILENT_SECS)  # it took a part, and nothing more
        except OSError:
            pass

    def _exit_code(self) -> int:
        try:
            return self._process.wait(DEATH_SECS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _last_words(self) -> str:
        """What it wrote to standard error last; read after its death, since both share one offset."""
        self._errors.seek(max(0, self._errors.seek(0, os.SEEK_END) - LAST_BYTES))
        return self._errors.read().decode(errors="replace").strip()


def _bound(connection: Connection, secs: int) -> None:
    """Have a read or a write without progress for `secs` fail: half a message would hold it for good."""
    with socket.socket(fileno=os.dup(connection.fileno())) as same:
        for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            same.setsockopt(socket.SOL_SOCKET, way, struct.pack("@ll", secs, 0))
