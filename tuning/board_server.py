"""The process in which `board` runs TensorBoard: `python -m narrows.tuning.board_server`.

It writes one line of JSON, where it answers or why it cannot, and ends when its standard input does,
which is also when the process that started it was killed.
"""

from __future__ import annotations

import argparse
import errno
import json
import signal
import sys
from collections.abc import Sequence
from typing import Any

from tensorboard import default, program

from .board_hosts import Hosts

PORTS_TRIED = 100
LAST_PORT = 65535
RELOAD_SECS = 5
LEFT_OUT = "ProjectorPlugin"
"""It loads whatever checkpoint a file in the log directory names, wherever that lies; a run has none."""


def main() -> None:
    """Start TensorBoard, tell where, and serve until standard input ends."""
    # Ctrl-C reaches every process of a terminal; the one that started this one decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parser = argparse.ArgumentParser()
    for name in ("--logdir", "--host", "--title"):
        parser.add_argument(name, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--allow-host", action="append", default=[])
    asked = parser.parse_args()
    try:
        answer: dict[str, Any] = {"url": launch(**vars(asked))}
    except OSError as error:
        answer = {"error": error.strerror}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    if "url" in answer:
        sys.stdin.read()


def launch(logdir: str, host: str, port: int, title: str, allow_host: Sequence[str]) -> str:
    """Serve from a thread of this process, for `host` and the names of `allow_host`; return the address.

    Raises:
        OSError: when no port can be had at this host.
    """
    tensorboard = program.TensorBoard(
        plugins=[one for one in default.get_plugins() if getattr(one, "__name__", "") != LEFT_OUT],
        server_class=lambda app, flags: _listen(Hosts(app, host, allow_host), flags, port),
    )
    tensorboard.configure(
        argv=("",), logdir=logdir, host=host, window_title=title, reload_interval=RELOAD_SECS
    )
    url: str = tensorboard.launch()
    return url


def _listen(app: Any, flags: Any, port: int) -> program.WerkzeugServer:
    """Return a server at the first free port from `port` on; 0 is any free one."""
    last = min(port + PORTS_TRIED - 1, LAST_PORT) if port else 0
    for flags.port in range(port, last + 1):
        try:
            return program.WerkzeugServer(app, flags)
        except program.TensorBoardPortInUseError:
            continue
        except SystemExit as leaving:
            # Werkzeug exits when it cannot bind; the reason is what it was handling.
            reason = leaving.__context__
            if not isinstance(reason, OSError):
                raise
            if reason.errno != errno.EADDRINUSE:
                raise reason from None
    raise OSError(errno.EADDRINUSE, f"all ports from {port} to {last} are in use")


if __name__ == "__main__":
    main()
