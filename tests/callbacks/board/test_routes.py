"""What the tab's server answers."""

from __future__ import annotations

import gzip
import json
import logging
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import plotly
import pytest
from werkzeug.test import Client, TestResponse

from narrows.callbacks import pages, trial_table
from narrows.callbacks.recorded import RecordedSearch

with warnings.catch_warnings():
    # The copy of html5lib inside TensorBoard warns of itself when it is imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    from narrows.callbacks.board import plugin

Make = Callable[..., RecordedSearch]
Get = Callable[..., TestResponse]
ROOT = "/data/plugin/narrowing"


@pytest.fixture
def tab(make_search: Make, provider: Callable[..., Any]) -> plugin.NarrowingPlugin:
    return plugin.NarrowingPlugin(SimpleNamespace(data_provider=provider(make_search(30))))


@pytest.fixture
def client(tab: plugin.NarrowingPlugin, routed: Callable[..., Any]) -> Client:
    """Return a client of the tab, routed as TensorBoard does."""
    return Client(routed(tab.get_plugin_apps()))


@pytest.fixture
def get(client: Client) -> Get:
    """Return the function that asks for a path of the tab."""
    return lambda path, **query: client.get(f"{ROOT}/{path}", query_string=query)


def _json(answer: TestResponse) -> Any:
    return json.loads(answer.data)


def test_the_page_begins_with_a_module_that_is_served(tab: plugin.NarrowingPlugin, get: Get) -> None:
    about = tab.frontend_metadata()
    assert about.tab_name == "Narrowing"
    answer = get(about.es_module_path.partition("?")[0].removeprefix("/"))
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/javascript")
    assert b"export async function render()" in answer.data


def test_the_page_is_told_which_plotly_to_load_before_it_asks_for_anything(
    tab: plugin.NarrowingPlugin,
) -> None:
    assert tab.frontend_metadata().es_module_path.endswith(f"?plotly={plotly.__version__}")


def test_searches_are_listed(get: Get) -> None:
    (run,) = _json(get("runs"))["runs"]
    assert (run["run"], run["title"]) == ("search", "made up")


def test_the_page_that_is_asked_for_first_is_ready_before(
    tab: plugin.NarrowingPlugin, get: Get, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab.prepare()
    monkeypatch.setattr(plugin, "search_page", None)
    assert get("page", run="search", view="search", dark=0).status_code == 200
    assert get("page", run="search", view="search", dark=1).status_code == 500


def test_a_page_that_several_ask_for_at_once_is_made_once(
    tab: plugin.NarrowingPlugin, monkeypatch: pytest.MonkeyPatch, routed: Callable[..., Any]
) -> None:
    made, make = [], plugin.search_page

    def counted(*args: Any) -> Any:
        made.append(args)
        time.sleep(0.2)
        return make(*args)

    monkeypatch.setattr(plugin, "search_page", counted)
    application = routed(tab.get_plugin_apps())
    asked = [
        threading.Thread(
            target=Client(application).get, args=(f"{ROOT}/page",), kwargs={"query_string": "run=search"}
        )
        for _ in range(3)
    ]
    for one in asked:
        one.start()
    for one in asked:
        one.join()
    assert len(made) == 1


@pytest.mark.parametrize("view", ["search", "shapes", "trial"])
def test_a_page_has_pictures_and_a_heading(get: Get, view: str) -> None:
    answer = get("page", run="search", view=view)
    assert answer.status_code == 200
    page = _json(answer)
    assert page["heading"]["ended"] == 30
    assert page["pictures"]
    assert ("facts" in page) == (view in ("search", "trial"))


def test_the_page_of_a_trial_is_that_of_the_best_unless_it_is_named(get: Get, make_search: Make) -> None:
    best = make_search(30).best
    assert best is not None
    assert _json(get("page", run="search", view="trial"))["facts"]["number"] == best.number
    assert _json(get("page", run="search", view="trial", trial=3))["facts"]["status"] == "failed"


def test_the_table_is_that_of_the_search(get: Get, make_search: Make) -> None:
    found = _json(get("table", run="search"))
    del found["version"]
    assert found == json.loads(json.dumps(trial_table.table(make_search(30))))


def test_a_page_is_made_once_for_each_colour(get: Get, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    page = pages.page
    monkeypatch.setattr(
        pages, "page", lambda *args, **options: made.append(options) or page(*args, **options)
    )
    for dark in (0, 0, 1, 1):
        get("page", run="search", view="shapes", dark=dark)
        get("page", run="search", view="shapes", dark=dark, trial=3, study="of another view")
    assert made == [{"dark": False}, {"dark": True}]


def test_a_unit_of_the_best_trial_is_told_and_of_another_none(get: Get, make_search: Make) -> None:
    best, other = make_search(30).ranked[:2]
    found = _json(get("unit", run="search", trial=best.number, layer=1, unit=0, window=2, gates=1))
    chosen = found["chosen"]
    assert (chosen["layer"], chosen["unit"], chosen["window"], chosen["gates"]) == (1, 0, 2, True)
    assert found["layers"] == list(best.units) and len(found["figure"]["data"]) > 5
    assert _json(get("unit", run="search"))["figure"]["data"]
    for number in (other.number, 777):
        assert _json(get("unit", run="search", trial=number)) == {"figure": None}


def test_a_browser_that_reads_gzip_gets_it_and_another_does_not(client: Client) -> None:
    plain = client.get(f"{ROOT}/runs")
    packed = client.get(f"{ROOT}/runs", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data


@pytest.mark.parametrize(
    ("path", "query", "sentence"),
    [
        ("page", {}, "There is no search in the run “”."),
        ("table", {"run": "<b>"}, "There is no search in the run “<b>”."),
        (
            "page",
            {"run": "search", "view": "x"},
            "There is no view “x”; there are search, shapes, trial, study, compare.",
        ),
        ("static/none.js", {}, "There is no file “none.js”."),
    ],
)
def test_what_is_not_there_is_said(get: Get, path: str, query: dict[str, Any], sentence: str) -> None:
    answer = get(path, **query)
    assert answer.status_code == 404
    assert _json(answer) == {"error": sentence}


def test_the_page_of_a_trial_that_is_not_there_says_so(get: Get) -> None:
    page = _json(get("page", run="search", view="trial", trial=77))
    assert page["nothing"] == "Trial 77 has not ended, or there is none; the view Search lists what there is."
    assert (page["facts"], page["pictures"]) == (None, [])


def test_before_a_trial_has_a_score_none_is_the_best(make_search: Make, provider: Callable[..., Any]) -> None:
    tab = plugin.NarrowingPlugin(SimpleNamespace(data_provider=provider(make_search(0))))
    answer = Client(tab.get_plugin_apps()["/page"]).get("/page?run=search&view=trial")
    assert _json(answer)["nothing"] == "No trial has a score yet."


def test_trials_are_compared_by_their_numbers_and_the_two_best_without(get: Get, make_search: Make) -> None:
    best = make_search(30).ranked[:2]
    page = _json(get("page", run="search", view="compare"))
    assert [one["label"] for one in page["facts"]["columns"]] == [
        one.name for one in sorted(best, key=lambda one: one.number)
    ]
    assert page["pictures"] and page["heading"]["ended"] == 30
    for query, sentence in (
        ({"compare": "3"}, "One trial alone cannot be compared."),
        ({"compare": "0,1,2,3,4"}, "5 trials are too many"),
        ({"compare": "0,99"}, "Trial 99 has not ended"),
        ({"with": "search"}, "A search cannot be compared with itself"),
        ({"with": "<b>"}, "There is no search in the run “<b>”."),
    ):
        answer = get("page", run="search", view="compare", **query)
        assert answer.status_code == 200
        page = _json(answer)
        assert page["nothing"].startswith(sentence) and (page["facts"], page["pictures"]) == (None, [])


@pytest.fixture
def ask_studied(make_search: Make, studies: ModuleType, provider: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that asks for the view `study` of a search with two studies."""
    made = (studies.shape_study(), studies.layer_study())
    search = replace(make_search(2), studies=made)
    tab = plugin.NarrowingPlugin(SimpleNamespace(data_provider=provider(search)))
    client = Client(tab.get_plugin_apps()["/page"])
    return lambda **query: _json(client.get("/page", query_string={"run": "search", "view": "study"} | query))


def test_the_page_of_a_study_is_that_of_the_newest_unless_it_is_named(
    ask_studied: Callable[..., Any],
) -> None:
    page = ask_studied()
    assert page["facts"]["name"] == "layer 2" and page["facts"]["names"] == ["layer 2", "shape"]
    assert [one["figure"] is not None for one in page["pictures"]] == [True] * 4
    shape = ask_studied(study="shape")
    assert shape["facts"]["name"] == "shape" and shape["heading"]["ended"] == 2
    assert [one["figure"] is not None for one in shape["pictures"]] == [True, True, False, False]
    assert ask_studied(study="layer 2") == page


def test_a_study_that_is_not_there_is_said_and_where_there_is_none_how_to_get_one(
    ask_studied: Callable[..., Any], get: Get
) -> None:
    page = ask_studied(study="depth")
    assert page["nothing"] == "There is no study “depth” of this run; there are: “shape”, “layer 2”."
    assert (page["facts"], page["pictures"]) == (None, [])
    for query in ({}, {"study": "depth"}):
        nothing = _json(get("page", run="search", view="study", **query))["nothing"]
        assert "A study finds out how narrow a layer may be" in nothing and "“narrows study RUN”" in nothing


def test_a_fault_is_answered_in_a_sentence_and_logged(
    get: Get, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("seven is not a width")

    monkeypatch.setattr("narrows.callbacks.board.plugin.table", broken)
    with caplog.at_level(logging.ERROR):
        answer = get("table", run="search")
    assert answer.status_code == 500
    assert _json(answer) == {"error": "The server could not answer: ValueError: seven is not a width"}
    assert "Traceback" in caplog.text


def test_plotly_is_served_from_its_package_and_kept_by_the_browser(get: Get) -> None:
    answer = get("static/plotly.min.js", v="7")
    hint, _, script = answer.data.partition(b"\n")
    assert script == plugin.PLOTLY.read_bytes()
    assert hint == b"//# allFunctionsCalledOnLoad"
    assert answer.headers["Cache-Control"] == f"private, max-age={plugin.PLOTLY_SECS}"
    assert get("static/style.css").headers["Cache-Control"] == "no-cache, must-revalidate"


@pytest.mark.parametrize(
    "path",
    [
        "../plugin.py",
        "%2e%2e/plugin.py",
        "..%2fplugin.py",
        "%2e%2e%2fplugin.py",
        "..%5cplugin.py",
        "%252e%252e%252fplugin.py",
        "../../../../../../etc/passwd",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "static/../../plugin.py",
        "index.js/../../plugin.py",
        "",
        ".",
        "..",
        "index.js%00.css",
    ],
)
def test_no_path_leads_out_of_the_static_files(get: Get, path: str) -> None:
    answer = get(f"static/{path}")
    assert answer.status_code == 404
    assert b"import" not in answer.data and b"root:" not in answer.data
