"""What stands on the page while pictures are still to be drawn, in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from narrows.callbacks.recorded import RecordedSearch
from narrows.tuning import board

DRAWN = "document.querySelectorAll('.plot .main-svg').length"
TWICE = """[...document.querySelectorAll('.plot')].filter((one) => one.matches('.js-plotly-plot'))
  .filter((one) => one._fullLayout._redrawFromAutoMarginCount !== undefined)
  .map((one) => one.closest('.picture').dataset.picture)"""
TURNED = """[...document.querySelectorAll('[data-picture=parallel] .xtick text')]
  .filter((one) => /rotate\\((?!0[,)])/.test(one.getAttribute('transform') ?? ''))
  .map((one) => one.textContent)"""


@pytest.fixture(scope="module")
def link(
    tmp_path_factory: pytest.TempPathFactory,
    make_search: Callable[..., RecordedSearch],
    write_search: Callable[[Path, RecordedSearch], None],
) -> Iterator[str]:
    """Return the link to a TensorBoard with one search."""
    folder = tmp_path_factory.mktemp("runs")
    write_search(folder, make_search(40))
    started = board.start(folder, port=0)
    yield started.link
    started.stop()


def test_the_answer_and_the_table_do_not_wait_for_what_draws_pictures(chromium: Any, link: str) -> None:
    page, held = chromium.new_page(), []
    page.route("**/plotly.min.js*", lambda route: held.append(route))
    page.goto(link)
    tab = page.wait_for_selector("iframe[src*=plugin_entry]").content_frame()
    tab.wait_for_selector(".trials tbody tr")
    assert tab.is_visible(".answer") and not tab.evaluate(DRAWN)
    held[0].continue_()
    tab.wait_for_selector("main[data-shown=search]")
    assert tab.evaluate(DRAWN)
    page.close()


def test_pictures_are_not_drawn_twice_for_want_of_margin_and_names_of_axes_stand_upright(
    open_tab: Callable[[str], tuple[Any, Any]], link: str
) -> None:
    page, tab = open_tab(link)
    assert set(tab.evaluate(TWICE)) <= {"importance"}  # its names may be of any length
    page.set_viewport_size({"width": 800, "height": 900})
    page.wait_for_timeout(500)
    assert tab.evaluate(TURNED) == []
    page.close()
