"""Address: which Ray cluster is to train, as it is typed, and whether Ray is there at all.

    auto                the cluster that this machine is in
    HOST:PORT           the head of one in the same network, 10.0.0.5:6379
    ray://HOST:PORT     the client server of one elsewhere, ray://localhost:10001

and after a comma `cores=4`: how many trials a worker process trains side by side, each on a core of its own.
Nothing here imports Ray, so that a job is checked at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from ipaddress import IPv6Address
from typing import Any, Self

from ...search_spaces.errors import UserError, did_you_mean

AUTO, CLIENT = "auto", "ray://"
SETTINGS = ("cores",)
MOST_CORES, MOST_PORT = 1024, 65535
EXPECTED = (
    "write auto (the cluster that this machine is in), HOST:PORT or ray://HOST:PORT (an IPv6 address in "
    "brackets), and after a comma cores=4 to have each worker process train four trials"
)
_PLACE = re.compile(rf"({CLIENT})?(?P<host>\[[^]]*]|[^][:/@]*)(:(?P<port>.*))?")
_HOST = re.compile(r"[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_NUMBER = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Address:
    """A cluster.

    Args:
        where: `auto`, `HOST:PORT` or `ray://HOST:PORT`, as Ray takes it.
        cores: trials that each worker process trains side by side.
    """

    where: str
    cores: int = 1

    @classmethod
    def parse(cls, text: Any) -> Self:
        """Return the address that a user wrote.

        Raises:
            UserError: for anything else than the module says.
        """
        if not isinstance(text, str) or not text.isprintable() or " " in text:
            raise UserError(f"cluster {text!r} is not understood: {EXPECTED}")
        where, *settings = text.split(",")
        if where != AUTO:
            _check_place(where)
        cores = [_cores(setting) for setting in settings]
        if len(cores) > 1:
            raise UserError(f"cluster {text!r} says cores {len(cores)} times: say it once")
        return cls(where, *cores)

    @property
    def host(self) -> str | None:
        """The host alone, an IPv6 address without its brackets; None where it is `auto`."""
        if self.where == AUTO:
            return None
        return self.where.removeprefix(CLIENT).rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port; 0 where it is `auto`."""
        return 0 if self.where == AUTO else int(self.where.rpartition(":")[2])


def require_ray() -> None:
    """See that Ray is installed, without importing it.

    Raises:
        UserError: where it is not.
    """
    found = find_spec("ray")
    # A folder of that name, which the process was started beside, is found as a package without a file.
    if found is None or found.origin is None:
        raise UserError("a cluster needs Ray: pip install 'narrows[ray]'")


def checks(cluster: Any) -> tuple[Callable[[], object], ...]:
    """Return what raises a `UserError` for each mistake in what was said of a cluster; None is none."""
    return () if cluster is None else (partial(Address.parse, cluster), require_ray)


def _check_place(where: str) -> None:
    found = _PLACE.fullmatch(where)
    host, port = (found["host"], found["port"]) if found else ("", "")
    if port is None and _is_host(host):
        raise UserError(f"cluster {where!r} has no port: {EXPECTED}")
    if not (_is_host(host) and _NUMBER.fullmatch(port or "")):
        raise UserError(f"cluster {where!r} is not understood: {EXPECTED}")
    if not 1 <= int(port) <= MOST_PORT:
        raise UserError(f"cluster {where!r}: a port is from 1 to {MOST_PORT}, not {port}")


def _is_host(host: str) -> bool:
    if not (host.startswith("[") and host.endswith("]")):
        return _HOST.fullmatch(host) is not None
    try:
        return bool(IPv6Address(host[1:-1]))
    except ValueError:
        return False


def _cores(setting: str) -> int:
    name, _, value = setting.partition("=")
    if name not in SETTINGS:
        raise UserError(f"a cluster has no setting {name!r}{did_you_mean(name, SETTINGS)}")
    if not _NUMBER.fullmatch(value) or not 1 <= int(value) <= MOST_CORES:
        raise UserError(f"cluster: cores must be a whole number from 1 to {MOST_CORES:,}, not {value!r}")
    return int(value)
