"""A child process as the engine sees it: it takes a trial, says what came of it, and may die.

It is started without multiprocessing, which would import the user's script again in every child and,
in a script without a guard, search again there. A session of its own keeps Ctrl-C from it: the engine
ends it. What TensorFlow writes to standard error is kept only to tell why a child died.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from multiprocessing import Pipe
from typing import Any

from ..base import Task

START = (
    "import sys; descriptor, *sys.path = sys.argv[1:]; del sys.argv[1:]; "
    f"from {__package__}.child import main; main(int(descriptor))"
)
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
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `end`
        self.connection, theirs = Pipe()
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
        except OSError:
            raise EOFError from None
        except EOFError:
            if self._setup is not None and self._exit_code() > 0:
                raise RuntimeError(f"a process to train in did not start:\n{self._last_words()}") from None
            raise
        if said is None and self._setup is not None:
            # Sent only now: a child that is still starting would not read, and hold up this process.
            with contextlib.suppress(OSError):
                self.connection.send_bytes(self._setup)
            self._setup = None
            self.answer(self.task)
        return said

    def answer(self, what: Any) -> None:
        """Send `what`; that the child is dead is told by the next `hear`."""
        with contextlib.suppress(OSError):
            self.connection.send(what)

    def ended(self) -> None:
        """Note that its trial ended."""
        self.task = None
        self.trained += 1

    def why_dead(self) -> str:
        """Return how the process ended, in one line."""
        code, words = self._exit_code(), self._last_words().splitlines()[-1:]
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
