"""Searches read through TensorBoard's data provider."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tensorboard.data import provider

from narrows.callbacks.board.reading import KEPT, NotThere, Searches
from narrows.callbacks.recorded import RecordedSearch
from narrows.tuning import board

Make = Callable[..., RecordedSearch]
Event = tuple[str, bytes]


class Provider:
    """A data provider that holds events, by run, in the order in which they were written."""

    def __init__(self) -> None:
        self.runs: dict[str, dict[str, list[provider.TensorDatum]]] = {}
        self.reads = 0
        self.clock = 0.0

    def write(self, run: str, *events: Event, step: int = 0, start: int = 1) -> None:
        """Add events of a start of a search with steps from `step` on."""
        for place, (tag, text) in enumerate(events, start=step):
            self.clock += 1
            datum = provider.TensorDatum(place, self.clock, np.array([text, b"%d" % start], object))
            self.runs.setdefault(run, {}).setdefault(tag, []).append(datum)

    def list_tensors(self, context: Any, *, experiment_id: str, plugin_name: str) -> dict[str, Any]:
        def series(events: list[provider.TensorDatum]) -> provider.TensorTimeSeries:
            last = events[-1]
            about = {"plugin_content": b"", "description": "", "display_name": ""}
            return provider.TensorTimeSeries(max_step=last.step, max_wall_time=last.wall_time, **about)

        return {run: {tag: series(held) for tag, held in tags.items()} for run, tags in self.runs.items()}

    def read_tensors(
        self, context: Any, *, run_tag_filter: provider.RunTagFilter, **_: Any
    ) -> dict[str, dict[str, list[provider.TensorDatum]]]:
        self.reads += 1
        return {
            run: {tag: held for tag, held in tags.items() if tag in run_tag_filter.tags}
            for run, tags in self.runs.items()
            if run in run_tag_filter.runs
        }


def _events(search: RecordedSearch) -> list[Event]:
    head: list[Event] = [("search", search.head_json().encode())]
    return head + [("trials", trial.to_json().encode()) for trial in search.trials]


def _read(searches: Searches, run: str = "search") -> RecordedSearch:
    return searches.read(None, "", run).search


def test_a_search_is_read_as_it_was_written(make_search: Make) -> None:
    data, search = Provider(), make_search(25)
    data.write("search", *_events(search))
    assert _read(Searches(data)) == search


def test_a_search_without_a_trial_is_a_search(make_search: Make) -> None:
    data = Provider()
    data.write("search", *_events(make_search(0)))
    assert _read(Searches(data)).trials == ()


def test_later_events_win(make_search: Make) -> None:
    data, search = Provider(), make_search(3)
    data.write("search", *_events(search))
    better = replace(search.trials[1], best_val_loss=0.001)
    over = replace(search, answer={"sentences": ["So it is."]})
    data.write("search", ("trials", better.to_json().encode()), ("search", over.head_json().encode()), step=4)
    found = _read(Searches(data))
    assert found.trial(1) == better
    assert found.answer == over.answer
    assert len(found.trials) == 3


def test_trials_of_an_earlier_start_are_not_shown_once_it_is_written_anew(make_search: Make) -> None:
    data, search = Provider(), make_search(10)
    data.write("search", *_events(search))
    data.clock -= 86_400  # and the clock was set back a day
    data.write("search", *_events(replace(search, trials=search.trials[:4], title="anew")), start=2)
    found = _read(Searches(data))
    assert [trial.number for trial in found.trials] == [0, 1, 2, 3]
    assert found.title == "anew"


def test_a_clock_that_is_set_back_hides_nothing(make_search: Make) -> None:
    data, search = Provider(), make_search(30)
    events = [
        *_events(search),
        ("search", replace(search, answer={"sentences": ["So."]}).head_json().encode()),
    ]
    data.write("search", *events[:3])
    data.clock -= 86_400
    data.write("search", *events[3:], step=3)
    found = _read(Searches(data))
    assert found.trials == search.trials
    assert found.answer == {"sentences": ["So."]}


def test_a_record_of_an_earlier_version_is_read(make_search: Make) -> None:
    data, search = Provider(), make_search(3)
    data.write("search", *_events(search))
    for held in data.runs["search"].values():
        held[:] = [provider.TensorDatum(one.step, one.wall_time, one.numpy[:1]) for one in held]
    assert _read(Searches(data)) == search


def test_all_searches_are_listed_by_run_and_other_runs_are_not(make_search: Make) -> None:
    data = Provider()
    data.write("b/search", *_events(make_search(2, title="sales")))
    data.write("a/search", *_events(make_search(1, title="<b>load</b>")))
    data.write("neither", ("trials", b"{}"))
    listed = Searches(data).listed(None, "")
    assert [(one.run, one.title) for one in listed] == [("a/search", "<b>load</b>"), ("b/search", "sales")]
    assert [one.written for one in listed] == [5.0, 3.0]


def test_nothing_is_read_again_before_something_new_was_written(make_search: Make) -> None:
    data, search = Provider(), make_search(5)
    data.write("search", *_events(search))
    searches = Searches(data)
    first, listed = searches.read(None, "", "search"), searches.listed(None, "")
    reads = data.reads
    assert searches.read(None, "", "search") is first
    assert searches.listed(None, "") == listed
    assert data.reads == reads
    data.write("search", ("trials", make_search(6).trials[5].to_json().encode()), step=6)
    second = searches.read(None, "", "search")
    assert len(second.search.trials) == 6
    assert second.version != first.version
    assert searches.listed(None, "")[0].version == second.version


def test_only_the_searches_asked_for_last_are_held(make_search: Make) -> None:
    data = Provider()
    for run in range(KEPT + 1):
        data.write(f"{run}", *_events(make_search(1)))
    searches = Searches(data)
    first = searches.read(None, "", "0")
    for run in range(1, KEPT + 1):
        searches.read(None, "", f"{run}")
    assert searches.read(None, "", f"{KEPT}") is searches.read(None, "", f"{KEPT}")
    assert searches.read(None, "", "0") is not first


def test_two_requests_at_once_read_once(make_search: Make) -> None:
    data = Provider()
    data.write("search", *_events(make_search(200)))
    searches = Searches(data)
    threads = [threading.Thread(target=_read, args=(searches,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert data.reads == 1


def test_a_run_that_is_no_search_is_said(make_search: Make) -> None:
    data = Provider()
    data.write("search", *_events(make_search(1)))
    with pytest.raises(NotThere, match="There is no search in the run “serach”."):
        _read(Searches(data), "serach")


@pytest.fixture(params=["fast", "python"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path, make_search: Make, write_search: Any
) -> Iterator[str]:
    """Return the address of a TensorBoard, with each of its two loaders, on a search of 150 trials."""
    write_search(tmp_path, make_search(150))
    if request.param == "fast":
        started = board.start(tmp_path, port=0)
        yield started.url
        started.stop()
        return
    options = ("--load_fast=false", f"--logdir={tmp_path}", "--port=0", "--host=localhost")
    command = [sys.executable, "-P", "-m", "tensorboard.main", *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = iter(process.stderr.readline, "")
        yield next(filter(None, (re.search(r"http://\S+", line) for line in said)))[0]
        process.terminate()
        process.stderr.read()


def test_a_running_tensorboard_reads_every_trial(
    url: str, ask: Callable[..., Any], eventually: Callable[..., Any]
) -> None:
    assert eventually(lambda: ask(url, "runs")[1]["runs"])
    assert eventually(lambda: len(ask(url, "table", run="search")[1]["rows"]) == 150)
    assert ask(url, "page", run="search", view="search")[1]["heading"]["ended"] == 150
