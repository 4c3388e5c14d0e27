"""A TensorBoard that serves what the tests write."""

from __future__ import annotations

import gzip
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from narrows.callbacks.recorded import RecordedSearch
from narrows.callbacks.tab_record import TabRecord

WAIT_SECS = 60


@pytest.fixture(scope="session")
def write_search() -> Callable[[Path, RecordedSearch], None]:
    """Return the function that writes a search as a log directory."""

    def write(folder: Path, search: RecordedSearch) -> None:
        TabRecord(folder, search).close()

    return write


@pytest.fixture(scope="session")
def ask() -> Callable[..., tuple[int, Any]]:
    """Return the function that asks the tab's server: status and JSON of `ask(url, "page", run=...)`."""

    def asked(url: str, path: str, **query: Any) -> tuple[int, Any]:
        address = f"{url}data/plugin/narrowing/{path}?{urlencode(query)}"
        request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip"})
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECS) as answer:
                return answer.status, json.loads(gzip.decompress(answer.read()))
        except urllib.error.HTTPError as error:
            return error.code, json.loads(gzip.decompress(error.read()))

    return asked


@pytest.fixture(scope="session")
def eventually() -> Callable[[Callable[[], Any]], Any]:
    """Return the function that waits until another one returns something that is true."""

    def wait(holds: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + WAIT_SECS
        while not (found := holds()) and time.monotonic() < deadline:
            time.sleep(0.1)
        return found

    return wait
