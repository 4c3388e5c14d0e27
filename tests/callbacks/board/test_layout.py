"""How the tab is laid out, in a real browser: nothing is cut off and no text lies on another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from narrows.callbacks.asked import Asked
from narrows.callbacks.forecast_record import ForecastRecord
from narrows.callbacks.recorded import DONE, RecordedSearch
from narrows.callbacks.tab_record import TabRecord
from narrows.tuning import board

VIEWS = ("search", "shapes", "trial", "study", "compare")
TARGETS = ("units sold", "units returned")
SCORES = {
    name: {
        target: {"MAE": error, "RMSE": 2 * error, "MASE": error, "sMAPE": 100 * error} for target in TARGETS
    }
    for name, error in (("LSTM", 0.0001234), ("last value", 0.0005678), ("ridge autoregression", 0.0002345))
}
SAID = ("It won.", "To hand over another blend, give the command with --ensemble and --refit all once more.")
ANSWER = {"sentences": SAID, "metric": "RMSE", "windows": 90, "scores": SCORES, "ensemble": None}
ASKED = Asked(
    "sales", 1000, TARGETS, (), "24", 7, "0.7,0.15,0.15", 1, "a", "b", trials=60, rungs=(12, 36, 108)
)
FAULTS = r"""() => {
  const found = [];
  const across = document.documentElement;
  if (across.scrollWidth > across.clientWidth) found.push(`the page is ${across.scrollWidth} px wide`);
  for (const cell of document.querySelectorAll('.trials td:first-child')) {
    if (cell.scrollWidth > cell.clientWidth) found.push(`the number ${cell.textContent} is cut off`);
  }
  for (const plot of document.querySelectorAll('.plot')) {
    if (!plot.offsetParent) continue;
    const { picture } = plot.closest('.picture').dataset;
    const frame = plot.getBoundingClientRect();
    const sides = ({ left, right, top, bottom }) => [left, -right, top, -bottom];
    const upright = (text) => !/rotate\((?!0[,)])/.test(text.getAttribute('transform') ?? '');
    const texts = [...plot.querySelectorAll('.main-svg text')]
      .filter((text) => text.textContent.trim() && upright(text) && !text.closest('.hoverlayer'))
      .map((text) => [text.textContent, text.getBoundingClientRect()])
      .filter(([, box]) => box.width > 0);
    for (const [text, box] of texts) {
      const out = Math.max(...sides(frame).map((side, place) => side - sides(box)[place]));
      if (out > 1) found.push(`${picture}: “${text}” is cut off`);
    }
    for (const [place, [text, box]] of texts.entries()) {
      for (const [other, its] of texts.slice(place + 1)) {
        const wide = Math.min(box.right, its.right) - Math.max(box.left, its.left);
        const high = Math.min(box.bottom, its.bottom) - Math.max(box.top, its.top);
        if (wide > 2 && high > 3) found.push(`${picture}: “${text}” lies on “${other}”`);
      }
    }
  }
  return found;
}"""
SIDEWAYS = """() => [...document.querySelectorAll('.picture')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.dataset.picture)"""
TORN = "[...document.querySelectorAll('.whole')].filter((one) => one.getClientRects().length > 1).length"


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
    make_search: Callable[..., RecordedSearch],
    make_forecasts: Callable[..., ForecastRecord],
    studies: ModuleType,
) -> Iterator[str]:
    """Return the address of a TensorBoard with a search of several targets, small losses and studies."""
    folder = tmp_path_factory.mktemp("runs")
    search = make_search(60)
    trials = [
        replace(one, number=1000 + one.number, best_val_loss=one.score and one.score / 1000)
        for one in search.trials
    ]
    told = {"answer": ANSWER, "asked": ASKED, "state": DONE, "forecasts": make_forecasts(targets=TARGETS)}
    search = replace(search, title="sales", trials=tuple(trials), studies=(studies.layer_study(),), **told)
    TabRecord(folder / "sales", search).close()
    started = board.start(folder, port=0)
    yield started.link
    started.stop()


@pytest.fixture(scope="module")
def opened(served: str, open_tab: Callable[[str], tuple[Any, Any]]) -> tuple[Any, Any]:
    """Return the page for all tests: to load TensorBoard's takes seconds."""
    return open_tab(served)


def show(tab: Any, view: str) -> None:
    tab.click(f"nav a:text-is('{view.title()}')")
    tab.wait_for_selector(f"main[data-shown={view}]")


@pytest.mark.parametrize("width", [1400, 1120, 800, 420])
def test_nothing_is_cut_off_and_no_text_lies_on_another(opened: tuple[Any, Any], width: int) -> None:
    page, tab = opened
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for view in VIEWS:
        show(tab, view)
        page.wait_for_timeout(300)
        found[view] = tab.evaluate(FAULTS)
        assert tab.evaluate(TORN) == 0, "an option or a profile is torn apart at the end of a line"
        sideways = [] if width < 1120 else tab.evaluate(SIDEWAYS)
        assert sideways == [], "a picture has to be scrolled on a large screen"
    assert not any(found.values()), found


def test_scores_of_several_targets_stand_in_one_table(opened: tuple[Any, Any]) -> None:
    _, tab = opened
    show(tab, "search")
    assert tab.locator(".scores table").count() == 1
    rows = tab.locator(".scores tbody tr").all_inner_texts()
    forecasts = ["best trial (LSTM)", "last value", "ridge autoregression"]
    assert [row.split("\t")[0] for row in rows] == [TARGETS[0], *forecasts, TARGETS[1], *forecasts]


def test_a_target_is_chosen_where_forecasts_are_compared(opened: tuple[Any, Any]) -> None:
    _, tab = opened
    show(tab, "compare")
    chosen = "[data-picture=forecasts_together] .menus select"
    assert tab.locator(f"{chosen} option").all_inner_texts() == [*TARGETS]
    tab.select_option(chosen, label=TARGETS[1])
    titled = "document.querySelector('[data-picture=forecasts_together] .plot').layout.yaxis.title.text"
    tab.wait_for_function(f"{titled} === '{TARGETS[1]}'")


@pytest.mark.parametrize("width", [1400, 800, 420])
def test_a_picture_that_is_brought_into_sight_stands_below_the_bar(
    opened: tuple[Any, Any], width: int
) -> None:
    page, tab = opened
    page.set_viewport_size({"width": width, "height": 900})
    show(tab, "trial")
    page.wait_for_timeout(300)
    tab.evaluate("document.querySelector('[data-picture=funnel]').scrollIntoView()")
    ends = """[document.querySelector('header').getBoundingClientRect().bottom,
      document.querySelector('[data-picture=funnel]').getBoundingClientRect().top]"""
    bar, top = tab.evaluate(ends)
    assert bar <= top <= bar + 20
