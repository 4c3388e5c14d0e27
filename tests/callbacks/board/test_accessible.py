"""The tab for those who use no mouse, hear it read to them, or wait for it: in a real browser.

axe-core, which says what is wrong, comes with the package axe-playwright-python.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from narrows.callbacks.tab_record import TabRecord
from narrows.tuning import board

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync")
VIEWS = ("search", "shapes", "trial", "study", "compare")
WAIT_MS = 10_000
FAULTS = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
  .filter(({ impact }) => ['serious', 'critical'].includes(impact))
  .map(({ id, nodes }) => [id, nodes[0].html])"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """Return a page of the browser."""
    sync_api = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(f"no browser: install one of {', '.join(BROWSERS)}")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.set_default_timeout(WAIT_MS)
        yield page
        browser.close()


@pytest.fixture(scope="module")
def search(make_search, studies) -> Any:
    return replace(make_search(40), title="sales", studies=(studies.layer_study(),))


@pytest.fixture(scope="module")
def served(tmp_path_factory, search) -> Iterator[tuple[str, TabRecord]]:
    """Return the address of a TensorBoard, and the record it reads, with one trial still to come."""
    folder = tmp_path_factory.mktemp("runs")
    record = TabRecord(folder / "sales", replace(search, trials=search.trials[:-1]))
    started = board.start(folder, port=0)
    yield started.url, record
    started.stop()
    record.close()


def opened(page: Any, url: str, view: str, *, dark: bool = False) -> Any:
    """Return the frame of the tab with a view, drawn; nothing was clicked."""
    page.goto("about:blank")
    page.goto(f"{url}?darkMode={'true' if dark else 'false'}#narrowing&p.narrowing.view={view}")
    frame = page.wait_for_selector("iframe[src*=plugin_entry]").content_frame()
    frame.wait_for_selector(f"main[data-shown={view}]")
    return frame


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_serious_in_a_view(page: Any, served: Any, view: str, dark: bool) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="pip install axe-playwright-python")
    frame = opened(page, served[0], view, dark=dark)
    frame.evaluate(files(axe).joinpath("axe.min.js").read_text())
    assert frame.evaluate(FAULTS) == []
    assert frame.title() and frame.locator("h1").count() == 1 and frame.inner_text("h1")
    figures = frame.locator(".plot:visible").all()
    assert figures and all(len(one.get_attribute("aria-label")) > 40 for one in figures)


def test_arrow_keys_go_to_another_trial_before_anything_was_clicked(page: Any, served: Any, search) -> None:
    frame = opened(page, served[0], "trial")
    assert "left and right arrow keys" in frame.inner_text(".hint >> nth=0")
    for key, place in (("ArrowRight", 1), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        frame.wait_for_selector(f"h1:text-is('{search.ranked[place].name}')")


def test_trials_are_reached_by_the_keyboard_and_the_pressed_button_is_told(page: Any, served: Any) -> None:
    frame = opened(page, served[0], "search")
    frame.focus("[data-picture=parallel] .menus button >> nth=1")
    page.keyboard.press("Enter")
    pressed = "[data-picture=parallel] .menus button[aria-pressed=true]"
    assert frame.locator(pressed).all_inner_texts() == ["best 25 %"]
    assert frame.evaluate(f"getComputedStyle(document.querySelector('{pressed}')).outlineStyle") == "solid"
    frame.focus("tbody tr:nth-child(3) a")
    number = frame.get_attribute("tbody tr:nth-child(3)", "data-trial")
    page.keyboard.press("Enter")
    frame.wait_for_selector(f"h1:has-text('t{int(number):04d} ')")


def test_there_is_a_skeleton_until_the_data_come(page: Any, served: Any) -> None:
    held: list[Any] = []
    page.route("**/narrowing/runs*", lambda route: held.append(route))
    page.goto("about:blank")
    page.goto(f"{served[0]}#narrowing")
    frame = page.wait_for_selector("iframe[src*=plugin_entry]").content_frame()
    frame.wait_for_selector(".skeleton .card")
    assert frame.inner_text("main") == "Loading the search …"
    for route in held:
        route.continue_()
    page.unroute_all()
    frame.wait_for_selector("main[data-shown=search]")
    assert frame.locator(".skeleton").count() == 0


KEPT = """() => ({
  scroll: window.scrollY,
  focus: document.activeElement.className,
  note: document.querySelector('details').open,
  opacity: getComputedStyle(document.querySelector('main')).opacity,
})"""


def test_new_data_neither_dim_the_page_nor_move_it(page: Any, served: Any, search: Any) -> None:
    frame = opened(page, served[0], "trial")
    frame.click("summary >> nth=0")
    frame.focus(".next")
    frame.evaluate("window.scrollTo(0, 700)")
    before = frame.evaluate(KEPT)
    assert before == {"scroll": 700, "focus": "next", "note": True, "opacity": "1"}
    served[1].add(search.trials[-1])
    held: list[Any] = []
    page.route("**/narrowing/page*", lambda route: held.append(route))
    for _ in range(50):
        page.evaluate("document.querySelector('.reload-button').click()")  # a mouse would take the focus
        page.wait_for_timeout(200)
        if held:
            break
    page.wait_for_timeout(600)
    assert held and frame.evaluate(KEPT) == before, "while it is loading"
    for route in held:
        route.continue_()
    page.unroute_all()
    frame.wait_for_selector("main[data-shown=trial][aria-busy=false]")
    assert frame.evaluate(KEPT) == before, "when it is drawn"


HEIGHTS = """() => {
  const plot = document.querySelector('[data-picture=correlation] .plot');
  return [plot.hidden, plot.clientHeight, plot._fullLayout?.height];
}"""

EMPTY = """() => Array.from(document.querySelectorAll('.picture'))
  .filter((card) => card.querySelector('.plot').hidden).map((card) => card.clientHeight)"""


def test_the_next_trial_leaves_no_height_of_the_one_before(page: Any, served: Any, search: Any) -> None:
    frame = opened(page, served[0], "trial")
    depths = [len(one.units) for one in search.ranked[:10]]
    assert len(set(depths)) == 3
    seen: dict[int, set[int]] = {}
    for one in search.ranked[:10]:
        frame.wait_for_selector(f"h1:text-is('{one.name}')")
        frame.wait_for_selector("main[data-shown=trial][aria-busy=false]")
        page.wait_for_timeout(300)
        hidden, height, drawn = frame.evaluate(HEIGHTS)
        assert not hidden and abs(height - drawn) < 1, one.name
        if one.number != search.best.number:
            seen.setdefault(len(one.units), set()).add(height)
        page.keyboard.press("ArrowRight")
    frame.wait_for_selector(f"h1:text-is('{search.ranked[10].name}')")
    frame.wait_for_selector("main[data-shown=trial][aria-busy=false]")
    bands = frame.evaluate(EMPTY)
    assert len(bands) > 2 and max(bands) < 260, "nothing to show takes no height of a picture beside it"
    assert all(len(heights) == 1 for heights in seen.values()), seen
