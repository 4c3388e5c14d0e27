"""Records that somebody forged: the tab tells of that search in one sentence, and shows the others."""

from __future__ import annotations

import gzip
import itertools
import json
import logging
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
from tensorboard.data import provider
from tensorboard.util.tensor_util import make_ndarray
from werkzeug import Request, Response
from werkzeug.test import Client

from narrows.callbacks.asked import Asked
from narrows.search_spaces.plain import to_json

from .conftest import beside, other_values

with warnings.catch_warnings():
    # The copy of html5lib inside TensorBoard warns of itself when it is imported.
    warnings.simplefilter("ignore", DeprecationWarning)
    from narrows.callbacks.board import plugin

WITH = "page?view=compare&with=whole"
VIEWS = ("table", "page?view=search", "page?view=shapes", "page?view=trial", "page?view=study", WITH)
Events = dict[str, list[Any]]


class Provider:
    """A data provider of two searches, `whole` and `forged`, whose events are put in.

    It makes arrays of an event's tensor when it is asked for it, as that of TensorBoard does.
    """

    def __init__(self, whole: Events) -> None:
        self.runs = {"whole": whole, "forged": whole}
        self.writes = 0

    def forge(self, events: Events) -> None:
        self.runs["forged"] = events
        self.writes += 1

    def list_tensors(self, *_: Any, **__: Any) -> dict[str, Any]:
        about = {"plugin_content": b"", "description": "", "display_name": ""}
        series = provider.TensorTimeSeries(max_step=self.writes, max_wall_time=1.0, **about)
        return {run: dict.fromkeys(events, series) for run, events in self.runs.items()}

    def read_tensors(self, *_: Any, run_tag_filter: provider.RunTagFilter, **__: Any) -> dict[str, Any]:
        return {
            run: {
                tag: [
                    provider.TensorDatum(step, 1.0, one if isinstance(one, np.ndarray) else make_ndarray(one))
                    for step, one in enumerate(self.runs[run][tag])
                ]
                for tag in run_tag_filter.tags
                if tag in self.runs[run]
            }
            for run in run_tag_filter.runs
        }


def event(text: str) -> Any:
    return np.array([text.encode("utf-8", "surrogatepass"), b"1"], object)


def events(head: str, trials: Iterable[str]) -> Events:
    return {"search": [event(head)], "trials": [*map(event, trials)]}


@pytest.fixture(scope="module")
def search() -> Any:
    made = replace(beside("conftest").made_search(3, full=1), units=None)
    scores = {"LSTM": {"sold": {"RMSE": 2.0}}, "last value": {"sold": {"RMSE": 3.0}}}
    answer = {"sentences": ["So."], "metric": "RMSE", "windows": 9, "scores": scores, "ensemble": None}
    asked = Asked("sales", 90, ("sold",), (), "7", 3, "0.7,0.15,0.15", 1, "a", "b", {"seed": "0"})
    return replace(made, studies=(beside("made_studies").layer_study(),), answer=answer, asked=asked)


@pytest.fixture(scope="module")
def whole(search: Any) -> Events:
    return events(search.head_json(), [trial.to_json() for trial in search.trials])


@pytest.fixture(scope="module")
def data(whole: Events) -> Provider:
    return Provider(whole)


@pytest.fixture(scope="module")
def ask(data: Provider) -> Any:
    """Ask the tab's server: status and JSON."""
    apps = plugin.NarrowingPlugin(SimpleNamespace(data_provider=data)).get_plugin_apps()

    @Request.application
    def app(request: Request) -> Response:
        return apps[request.path]

    client = Client(app)

    def asked(path: str) -> tuple[int, Any]:
        answer = client.get(f"/{path}")
        held = answer.data
        packed = answer.headers.get("Content-Encoding") == "gzip"
        return answer.status_code, json.loads(gzip.decompress(held) if packed else held)

    return asked


def forgeries(search: Any, whole: Events) -> Iterator[Events]:
    """Yield events in which one thing is of another kind."""
    measured = next(trial for trial in search.trials if trial.measured)
    odd = ["", "5", "null", "[]", "{}", "nul", "\0", "\ud800", "[" * 99_999, '{"a": NaN}', "9" * 5000]
    for text in [*odd, *other_values(json.loads(search.head_json()), 4, 1)]:
        yield events(text, [measured.to_json()])
    for text in [*odd, *other_values(json.loads(measured.to_json()), 5, 1)]:
        yield events(search.head_json(), [text])
    for one in ([], [b""], [b"{}"] * 3, [None], [5], [b"\xff", b"x"], [search.head_json().encode(), None]):
        yield whole | {"search": [np.array(one, object)]}
        yield whole | {"trials": [np.array(one, object)]}
    for size in (-1, 3, 2**62):
        shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=size)])
        for dtype in (0, 1, 7, 9, 20, 99):
            yield whole | {"search": [TensorProto(dtype=dtype, tensor_shape=shape, tensor_content=b"x")]}
            yield whole | {"trials": [TensorProto(dtype=dtype, tensor_shape=shape, string_val=[b"{}"])]}
    for numbers_of in ((0, 0), (2, 0), (2, 2)):
        twice = [replace(measured, number=number).to_json() for number in numbers_of]
        yield events(search.head_json(), [*twice, search.trials[1].to_json()])
    numbers = np.zeros((2, 2))
    yield from ({"search": [numbers]}, {"search": []}, whole | {"trials": []}, whole | {"trials": [numbers]})


def test_forged_states_of_units_are_one_sentence_or_shown(
    search: Any, data: Provider, ask: Any, caplog: pytest.LogCaptureFixture
) -> None:
    trials = [trial.to_json() for trial in search.trials]
    head = json.loads(search.head_json())
    units = json.loads(to_json(beside("conftest").made_units(search.best.units)))
    answers = set()
    for text in [json.dumps(units), *other_values(units, 3, 1)]:
        data.forge(events(json.dumps(head | {"units": json.loads(text)}), trials))
        status, said = ask("unit?run=forged&gates=1")
        assert status in (200, 404), said
        assert ("error" in said) == (status == 404)
        answers.add(status)
    assert answers == {200, 404}
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]


def test_a_forged_record_is_one_sentence_and_hides_no_other_search(
    search: Any, whole: Events, data: Provider, ask: Any, caplog: pytest.LogCaptureFixture
) -> None:
    for view in VIEWS:
        assert ask(f"{view}{'&' if '?' in view else '?'}run=whole")[0] == 200, "nothing is forged there"
    count = told = 0
    turns = itertools.cycle([VIEWS[:2], VIEWS[2:4], VIEWS[4:]])
    for made, views in zip(forgeries(search, whole), turns, strict=False):
        data.forge(made)
        for view in views:
            join = "&" if "?" in view else "?"
            status, said = ask(f"{view}{join}run=forged")
            assert status in (200, 404), said
            assert ("error" in said) == (status == 404)
            told += status == 404
            assert len(said.get("error", "")) < 1000
        status, said = ask("runs")
        assert status == 200 and [one["run"] for one in said["runs"]] == ["forged", "whole"], said
        count += 1
    assert ask("table?run=whole")[1]["rows"] and ask("page?view=trial&run=whole")[0] == 200
    assert count > 600 and told > count, (count, told)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
