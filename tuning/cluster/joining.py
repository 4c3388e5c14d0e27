"""Getting into a Ray cluster, and out of it. Whoever is in one already, such as a notebook, stays in it."""

from __future__ import annotations

import logging
import socket
import threading
from typing import Any

from ...search_spaces.errors import UserError, line_of
from ...search_spaces.quiet import quietly
from .address import Address

logger = logging.getLogger(__name__)

REACH_SECS = 10.0
"""For the machine that was named to take a connection."""
JOIN_SECS = 60.0
"""For the cluster to let this process in."""


def join(address: Address) -> bool:
    """Enter the cluster; return whether this did it, so that it is `leave` that must be called.

    Raises:
        UserError: when nobody answers at the address in `REACH_SECS`, or the cluster does not in `JOIN_SECS`.
    """
    import ray

    if ray.is_initialized():
        return False
    if address.host is not None:
        _reach(address.host, address.port)
    failed: list[BaseException] = []

    def enter() -> None:
        try:
            ray.init(address.where, logging_level=logging.ERROR, log_to_driver=False)
        except BaseException as error:
            failed.append(error)

    # In a thread that ends with the process: where a cluster hangs, Ray waits for as long as it does.
    thread = threading.Thread(target=enter, daemon=True)
    with quietly():
        thread.start()
        thread.join(JOIN_SECS)
    if thread.is_alive():
        where = "of this machine" if address.host is None else f"at {address.where}"
        raise UserError(
            f"the Ray cluster {where} did not answer within {JOIN_SECS:.0f} s: it may have ended or hang; "
            "look at it with `ray status`, or start it anew (`ray stop`, then `ray start --head --port=6379`)"
        )
    if failed:
        raise UserError(_refused(address, failed[0])) from failed[0]
    return True


def leave() -> None:
    """Leave the cluster; what this process started there ends."""
    import ray

    ray.shutdown()


def _reach(host: str, port: int) -> None:
    try:
        socket.create_connection((host, port), timeout=REACH_SECS).close()
    except OSError as error:
        raise UserError(
            f"no Ray cluster answers at {host}:{port} ({line_of(error)}): start one with "
            "`ray start --head --port=6379`, which prints its address, or mend the address"
        ) from error


def _refused(address: Address, error: Any) -> str:
    if address.where == "auto" and isinstance(error, ConnectionError):
        return (
            "no Ray cluster was found on this machine: start one with `ray start --head --port=6379`, or "
            "name one, --cluster HOST:6379 or ray://HOST:10001"
        )
    return (
        f"the Ray cluster at {address.where} did not let this process in: {line_of(error)}. Ray and Python "
        "must be of the same versions there and here; a cluster with a token wants RAY_AUTH_MODE=token"
    )
