"""The tab's server, asked by strangers: whatever they send, a plain answer of its own and no other file."""

from __future__ import annotations

import gzip
import json
import logging
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import quote

import plotly
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, EnvironBuilder, TestResponse

from narrows.callbacks.recorded import RecordedSearch

with warnings.catch_warnings():
    # The copy of html5lib inside TensorBoard warns of itself when it is imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    from narrows.callbacks.board import plugin

ROOT = "/data/plugin/narrowing"
KINDS = {"application/json", "text/javascript", "text/css"}
HOSTILE = (
    *("", "search", "../search", "../../../../etc/passwd", "/etc/passwd", "search\0", "\0", "..%2f..%2fetc"),
    *(
        "%00",
        "%",
        "%zz",
        "\\..\\..",
        "search/",
        "file:///etc/passwd",
        "C:\\",
        "NUL",
        "a" * 9000,
        "search%2F..",
    ),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "é", "\U0001f600", "\u202e", "\ud800"),
    *(
        "0",
        "-1",
        "3",
        "1e9",
        "9" * 400,
        "0x3",
        "٣",
        " 3",
        "nan",
        "None",
        "true",
        "\r\nSet-Cookie: x=1",
        "{0}",
    ),
    *("trial", "study", "shapes", "Search", "layer 2", "plotly.min.js", "index.js", "style.css", "loader.py"),
)
SETTINGS = settings(
    max_examples=300, derandomize=True, database=None, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip

texts = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=30), st.lists(st.sampled_from(HOSTILE)).map("/".join)
)
asked = ("layer", "unit", "other", "window", "step", "gates", "whole")
names = st.one_of(
    st.sampled_from(("run", "view", "trial", "study", "compare", "with", "dark", "v", "", *asked)), texts
)
queries = st.lists(st.tuples(names, texts), max_size=5)
# Of a search that is there: the views, and what they are asked to show.
known = st.fixed_dictionaries(
    {"run": st.just("search"), "view": st.sampled_from(("trial", "study", "compare", "search", "none"))},
    optional={"trial": texts, "study": texts, "dark": st.sampled_from(("0", "1", "x"))}
    | dict.fromkeys(asked, texts),
).map(lambda made: list(made.items()))
paths = st.one_of(
    st.sampled_from(
        ("runs", "page", "table", "unit", "static/index.js", "static/plotly.min.js", "static/", "")
    ),
    texts.map(lambda text: f"static/{text}"),
    texts,
)
methods = st.sampled_from(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "X"))
headers = st.dictionaries(
    st.sampled_from(
        ("Accept-Encoding", "Accept", "Range", "If-None-Match", "Cookie", "X-Forwarded-For", "Host")
    ),
    st.sampled_from(("gzip", "gzip;q=0", "*", "bytes=0-", "../..", "a" * 5000, "text/html", "\xff", "")),
    max_size=3,
)


@pytest.fixture(scope="module")
def app(
    make_search: Callable[..., RecordedSearch],
    studies: ModuleType,
    provider: Callable[..., Any],
    routed: Callable[..., Any],
) -> Any:
    search = replace(make_search(3), studies=(studies.layer_study(),))
    tab = plugin.NarrowingPlugin(SimpleNamespace(data_provider=provider(search)))
    made = routed(tab.get_plugin_apps())
    for view in ("search", "shapes", "trial", "study", "compare&compare=0,1"):
        for dark in ("0", "1"):  # drawn once, and what drawing imports is loaded
            Client(made).get(f"{ROOT}/page?run=search&view={view}&dark={dark}")
    return made


opened: list[str] = []
watching = [False]


def _heard(event: str, given: tuple[Any, ...]) -> None:
    if watching[0] and event in ("open", "os.listdir", "os.scandir"):
        opened.append(str(given[0]))


sys.addaudithook(_heard)


@contextmanager
def _only_own_files() -> Iterator[None]:
    """Fail when a file is opened, or a folder listed, that is none of the page."""
    opened.clear()
    watching[0] = True
    try:
        yield
    finally:
        watching[0] = False
    own = (str(Path(plugin.__file__).parent / "static"), str(Path(plotly.__file__).parent))
    assert [one for one in opened if not one.startswith(own)] == []


def _ask(
    app: Any, path: str, query: list[tuple[str, str]], method: str, sent: dict[str, str]
) -> TestResponse:
    asked = "&".join(
        f"{quote(name, errors='replace')}={quote(text, errors='replace')}" for name, text in query
    )
    made = EnvironBuilder(
        path=f"{ROOT}/{quote(path, safe='/%', errors='replace')}",
        query_string=asked,
        method=method,
        headers=sent,
    )
    with _only_own_files():
        answer = Client(app).open(made)
        assert answer.data is not None  # read within
    return answer


def _is_plain(answer: TestResponse) -> None:
    """Hold an answer to what all answers of the tab promise."""
    assert answer.status_code in (200, 400, 404, 405), answer.data
    if "No-Route" in answer.headers:
        return  # TensorBoard answers what is no route of the tab
    assert answer.mimetype in KINDS
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not {name.lower() for name, _ in answer.headers} & {"set-cookie", "location"}
    if answer.mimetype == "application/json" and answer.data:
        packed = answer.headers.get("Content-Encoding") == "gzip"
        text = (gzip.decompress(answer.data) if packed else answer.data).decode()
        assert isinstance(json.loads(text), dict)
        assert "Traceback" not in text and 'File "' not in text
        assert not re.search(r"root:.*:0:0", text)


@SETTINGS
@given(path=paths, query=st.one_of(queries, known), method=methods, sent=headers)
def test_whatever_is_asked_is_answered_plainly_from_files_of_the_page_alone(
    app: Any,
    caplog: pytest.LogCaptureFixture,
    path: str,
    query: list[tuple[str, str]],
    method: str,
    sent: dict[str, str],
) -> None:
    with caplog.at_level(logging.ERROR):
        _is_plain(_ask(app, path, query, method, sent))
    assert not caplog.records


@SETTINGS
@given(query=known)
def test_whatever_is_asked_of_a_search_is_answered(app: Any, query: list[tuple[str, str]]) -> None:
    _is_plain(_ask(app, "unit", query, "GET", {}))
    answer = _ask(app, "page", query, "GET", {})
    _is_plain(answer)
    said = json.loads(answer.data)
    assert ("error" in said) == (answer.status_code == 404)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_of_a_run_leads_out_of_the_log_folder(app: Any, text: str) -> None:
    for path in ("page", "table", "unit"):
        answer = _ask(app, path, [("run", text)], "GET", {})
        _is_plain(answer)
        assert (answer.status_code == 200) == (text == "search")


def test_the_scripts_of_the_page_make_no_element_of_a_text() -> None:
    scripts = [path for path in plugin.STATIC.values() if path.suffix == ".js"]
    unsafe = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|setHTML"
    assert len(scripts) > 5
    assert [path.name for path in scripts if re.search(unsafe, path.read_text(encoding="utf-8"))] == []
