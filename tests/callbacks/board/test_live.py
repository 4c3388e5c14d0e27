"""The tab while a search runs: it follows by itself, and rests when the search has its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from narrows.callbacks.recorded import UNDER_WAY, RecordedSearch
from narrows.callbacks.tab_record import TabRecord
from narrows.tuning import board

TWO_LOOKS_MS = 7_000
HOUR_MS, SELDOM_MS = 3_600_000, 30_000
ANSWER = {"sentences": ["It won."], "metric": "RMSE", "windows": 90, "scores": {}, "ensemble": None}


def test_the_tab_follows_a_search_by_itself_and_rests_when_it_is_over(
    tmp_path: Path,
    open_tab: Callable[[str], tuple[Any, Any]],
    make_search: Callable[..., RecordedSearch],
    request: pytest.FixtureRequest,
) -> None:
    search = make_search(8)
    better = sorted(search.ranked[:3], key=lambda one: -one.score)
    started = board.start(tmp_path, port=0)
    request.addfinalizer(started.stop)
    page, frame = open_tab(started.link)
    assert "There is no search in this log directory yet" in frame.inner_text("main")
    record = TabRecord(tmp_path, replace(search, trials=()))
    request.addfinalizer(record.close)
    for count, trial in enumerate(better, 1):
        record.add(trial)
        told = f"{count} trial{'s' if count > 1 else ''}; best {trial.name} "
        frame.wait_for_selector(f".status:has-text('{told}')")
    assert "This page follows it as its trials end." in frame.inner_text(".answer")
    record.tell(replace(search, trials=(), answer=ANSWER))
    frame.wait_for_selector(".answer p:has-text('It won.')")
    frame.wait_for_selector("main[data-shown=search]")
    assert frame.locator("tbody tr").count() == len(better)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.wait_for_timeout(TWO_LOOKS_MS)
    assert not [url for url in asked if "plugin/narrowing" in url]


def test_a_search_that_writes_no_more_is_looked_at_seldom_and_seen_when_it_goes_on(
    tmp_path: Path,
    open_tab: Callable[[str], tuple[Any, Any]],
    make_search: Callable[..., RecordedSearch],
    ask: Callable[..., tuple[int, Any]],
    eventually: Callable[[Callable[[], Any]], Any],
    request: pytest.FixtureRequest,
) -> None:
    search = replace(make_search(8), state=UNDER_WAY)
    record = TabRecord(tmp_path, replace(search, trials=search.trials[:6]))
    request.addfinalizer(record.close)
    started = board.start(tmp_path, port=0)
    request.addfinalizer(started.stop)
    page, frame = open_tab(started.link)
    page.clock.install()
    page.clock.fast_forward(HOUR_MS)
    page.wait_for_timeout(TWO_LOOKS_MS / 2)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.wait_for_timeout(TWO_LOOKS_MS)
    assert not [url for url in asked if "plugin/narrowing" in url]
    record.add(search.trials[6])
    assert eventually(lambda: len(ask(started.url, "table", run="search")[1].get("rows", ())) == 7)
    page.clock.fast_forward(SELDOM_MS)
    frame.wait_for_selector(".status:has-text('7 trials')")
