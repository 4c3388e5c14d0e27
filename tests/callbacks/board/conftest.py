"""A TensorBoard that serves what the tests write."""

from __future__ import annotations

import gzip
import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from tensorboard.data import provider as data
from werkzeug import Request, Response

from narrows.callbacks.recorded import RecordedSearch
from narrows.callbacks.tab_record import TabRecord

WAIT_SECS = 60
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)
ROOT = "/data/plugin/narrowing"


class Provider:
    """A data provider with one search."""

    def __init__(self, search: RecordedSearch) -> None:
        self.events = {
            "search": [search.head_json()],
            "trials": [trial.to_json() for trial in search.trials],
        }

    def list_tensors(self, *_: Any, **__: Any) -> dict[str, Any]:
        about = {"plugin_content": b"", "description": "", "display_name": ""}
        return {
            "search": {
                tag: data.TensorTimeSeries(max_step=len(texts), max_wall_time=1.0, **about)
                for tag, texts in self.events.items()
            }
        }

    def read_tensors(self, *_: Any, **__: Any) -> dict[str, Any]:
        def datum(step: int, text: str) -> data.TensorDatum:
            return data.TensorDatum(step, 1.0, np.array([text.encode()], object))

        return {
            "search": {
                tag: [datum(step, text) for step, text in enumerate(texts)]
                for tag, texts in self.events.items()
            }
        }


@pytest.fixture(scope="session")
def provider() -> type[Provider]:
    """Return the class of a data provider with one search."""
    return Provider


@pytest.fixture(scope="session")
def routed() -> Callable[[dict[str, Any]], Any]:
    """Return the function that makes one application of those of a plugin, routed as TensorBoard does."""

    def made(apps: dict[str, Any]) -> Any:
        @Request.application
        def application(request: Request) -> Response:
            path = request.path.removeprefix(ROOT)
            prefixes = (
                app for route, app in apps.items() if route[-1] == "*" and path.startswith(route[:-1])
            )
            app = apps.get(path) or next(prefixes, None)
            return app or Response("no route", status=404, headers={"No-Route": "1"})

        return application

    return made


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


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return a window of a browser; skips where there is none."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser: install one of {', '.join(BROWSERS)}")
    with pytest.importorskip("playwright.sync_api").sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser.new_context(viewport={"width": 1400, "height": 900})
        browser.close()


@pytest.fixture(scope="module")
def open_tab(chromium: Any) -> Callable[[str], tuple[Any, Any]]:
    """Return the function that opens a link to the tab: TensorBoard's page, and the tab in it once drawn."""

    def opened(link: str) -> tuple[Any, Any]:
        page = chromium.new_page()
        page.set_default_timeout(WAIT_SECS * 1000)
        page.goto(link)
        frame = page.wait_for_selector("iframe[src*=plugin_entry]").content_frame()
        frame.wait_for_selector("main[data-shown]")
        return page, frame

    return opened
