"""The tab on a search that a cluster trained: which machine trained a trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from narrows.callbacks.recorded import RecordedSearch
from narrows.tuning import board

CHOICE = "[aria-label='trained on']"


def test_trials_are_chosen_by_the_machine_that_trained_them_and_each_one_names_it(
    tmp_path: Path,
    open_tab: Callable[[str], tuple[Any, Any]],
    make_search: Callable[..., RecordedSearch],
    write_search: Callable[[Path, RecordedSearch], None],
    request: pytest.FixtureRequest,
) -> None:
    search = make_search(12)
    trials = tuple(replace(one, node=("gpu-b", "gpu-a", "")[one.number % 3]) for one in search.trials)
    write_search(tmp_path / "many", replace(search, title="many", trials=trials))
    write_search(tmp_path / "alone", replace(search, title="alone"))
    started = board.start(tmp_path, port=0)
    request.addfinalizer(started.stop)
    page, frame = open_tab(f"{started.url}#narrowing&p.narrowing.run=many%2Fsearch&p.narrowing.node=gpu-a")

    def shown() -> list[int]:
        return sorted(map(int, frame.locator(".trials tbody td:first-child").all_inner_texts()))

    assert frame.locator(f"{CHOICE} option").all_inner_texts() == ["Any machine", "gpu-a", "gpu-b"]
    assert frame.input_value(CHOICE) == "gpu-a" and shown() == [1, 4, 7, 10]
    frame.select_option(CHOICE, "gpu-b")
    assert shown() == [0, 3, 6, 9] and page.url.endswith("&p.narrowing.node=gpu-b")
    frame.select_option(CHOICE, "")
    assert len(shown()) == 12 and "trained on" in frame.locator(".trials th").all_inner_texts()
    frame.click(".trials tbody a:text-is('4')")
    frame.wait_for_selector("main[data-shown=trial]")
    assert frame.inner_text(".facts div:has(> dt:text-is('trained on')) dd") == "gpu-a"
    frame.evaluate("delete document.querySelector('main').dataset.shown")
    page.evaluate("location.hash = 'narrowing&p.narrowing.run=alone%2Fsearch'")
    frame.wait_for_selector("main[data-shown=search]")
    assert frame.locator(CHOICE).is_hidden()
    assert "trained on" not in frame.locator(".trials th").all_inner_texts()
