"""Hosts: which names TensorBoard answers to.

A page of a stranger can have its own name lead to this machine (DNS rebinding); the user's browser then asks
the local TensorBoard for it, and would hand the trials over. The browser says that name in the header `Host`,
so a request for a name that is not this TensorBoard's is refused. Beside names, addresses are answered to
where it listens at all addresses: an address cannot be led elsewhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

LOCAL = ("localhost", "127.0.0.1", "::1")
REFUSED = b"""TensorBoard does not answer to this name: it was started for localhost.
To have it answer to a name, start it with: narrows board RUN --allow-host NAME
"""

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Hosts:
    """A WSGI application that hands on what is asked of one of its names, and refuses all else with 403.

    Args:
        app: what is asked.
        host: name or address that it listens at.
        more: further names that it answers to.
    """

    def __init__(self, app: App, host: str, more: Sequence[str] = ()) -> None:
        self._app = app
        self._known = {*LOCAL, *(name.lower().rstrip(".") for name in (host, *more))}
        self._addresses = _is_all(host)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        if self.answers_to(environ.get("HTTP_HOST", "")):
            return self._app(environ, start_response)
        kind = [("Content-Type", "text/plain"), ("X-Content-Type-Options", "nosniff")]
        start_response("403 Forbidden", [*kind, ("Content-Length", str(len(REFUSED)))])
        return [REFUSED]

    def answers_to(self, header: str) -> bool:
        """Whether a `Host` header, `name` or `name:port`, is one of ours; the port is not looked at."""
        try:
            name = (urlsplit(f"//{header}").hostname or "").rstrip(".")
        except ValueError:
            return False
        if set(header) & set("@/\\?# "):
            return False
        return name in self._known or (self._addresses and _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_all(host: str) -> bool:
    return _is_address(host) and ipaddress.ip_address(host).is_unspecified
