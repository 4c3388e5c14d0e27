"""The tab in a real browser, inside a real TensorBoard."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from narrows.callbacks.asked import Asked
from narrows.callbacks.comparing.figures import comparisons
from narrows.callbacks.figures import pictures
from narrows.callbacks.recorded import DONE, INTERRUPTED, UNDER_WAY, Declared, RecordedSearch
from narrows.callbacks.studied import RecordedStudy
from narrows.callbacks.tab_record import TabRecord
from narrows.tuning import board

Make = Callable[..., RecordedSearch]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
EVIL = "<img src=x onerror=\"document.title='was run'\">"
WAIT_MS = 10_000
SCORES = {"LSTM": {"units": {"RMSE": 3.0}}, "last value": {"units": {"RMSE": 5.0}}}
ANSWER = {"sentences": ["It won."], "metric": "RMSE", "windows": 90, "scores": SCORES, "ensemble": None}
SIZES = {"train": 700, "validation": 150, "test": 150}
ASKED = Asked("sales", 1000, ("units",), (), "24", 7, "0.7,0.15,0.15", 1, "a", "b", sizes=SIZES, trials=60)
FIRST, EVIL_RUN, LONG = "sales/search", "evil/search", "long/search"


@pytest.fixture(scope="module")
def served(
    tmp_path_factory: pytest.TempPathFactory,
    make_search: Make,
    write_search: Callable[[Path, RecordedSearch], None],
    studies: ModuleType,
) -> Iterator[tuple[str, Path]]:
    """Return the address of a TensorBoard with three searches, and its log directory."""
    if not any(map(shutil.which, BROWSERS)):
        pytest.skip(f"no browser: install one of {', '.join(BROWSERS)}")
    folder = tmp_path_factory.mktemp("runs") / "tensorboard"
    evil = _evil(make_search(12, seed=1))
    write_search(folder / "evil", replace(evil, studies=(_evil_study(studies.shape_study()),)))
    asked = replace(ASKED, lookback="48", trials=300)
    write_search(folder / "long", replace(make_search(230), title="long", asked=asked, state=INTERRUPTED))
    sales = replace(make_search(60), title="sales", answer=ANSWER, asked=ASKED, state=DONE)
    write_search(folder / "sales", replace(sales, studies=(studies.shape_study(), studies.layer_study())))
    started = board.start(folder, port=0)
    yield started.url, folder
    started.stop()


def _evil(search: RecordedSearch) -> RecordedSearch:
    """Return a search whose every text would run, were it not only shown."""
    declared = (*search.hyperparameters, Declared(EVIL, numeric=False))
    trials = [
        replace(trial, reason=EVIL * bool(trial.reason), values=trial.values | {EVIL: EVIL, "scaling": EVIL})
        for trial in search.trials
    ]
    asked = replace(ASKED, data=EVIL, targets=(EVIL,), settings={EVIL: EVIL}, sizes={EVIL: 1}, trials=None)
    told = {"answer": {"sentences": [EVIL]}, "asked": asked, "state": UNDER_WAY, "notes": {"3": "=1+1"}}
    return RecordedSearch(EVIL, EVIL, declared, tuple(trials), **told)


def _evil_study(study: RecordedStudy) -> RecordedStudy:
    """Return a study whose every text would run, were it not only shown."""
    base, *others = (replace(arm, label=f"{EVIL}{arm.label}", profile=EVIL) for arm in study.arms)
    texts = {"name": EVIL, "title": EVIL, "axis": EVIL, "profile": EVIL, "sentences": (EVIL,)}
    return replace(study, **texts, reference=base.label, arms=(base, *others))


@pytest.fixture(scope="module")
def context(served: tuple[str, Path]) -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield browser.new_context(viewport={"width": 1400, "height": 900})
        browser.close()


# What was shown before must not be taken for what is asked for: a page that follows a search may show it once
# more until it is told of the new address.
GO = """([hash, frame]) => new Promise((done) => {
  addEventListener('popstate', done, { once: true });
  delete frame.contentDocument.querySelector('main').dataset.shown;
  location.hash = hash;
})"""
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


class Tab:
    """The tab in a page of the browser, as a user would use it.

    Attributes:
        page: TensorBoard's page.
        frame: the tab in it.
        faults: what the browser reported: errors, and requests to other servers.
    """

    def __init__(self, page: Any, url: str) -> None:
        self.page, self._url = page, url
        self.faults: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self._check(request.url))

    def _check(self, url: str) -> None:
        if not url.startswith((self._url, "data:", "blob:")):
            self.faults.append(f"a request to {url}")

    def open(self, **place: Any) -> Tab:
        """Go to a place, without loading the page again; returns when it is drawn."""
        parts = "".join(f"&p.narrowing.{name}={quote(str(value), '')}" for name, value in place.items())
        if not self.page.url.startswith(self._url):
            return self.follow(f"{self._url}#narrowing{parts}")
        if not self.page.url.endswith(f"#narrowing{parts}"):
            self.page.evaluate(GO, [f"narrowing{parts}", self.frame.frame_element()])
        return self.drawn()

    def follow(self, link: str) -> Tab:
        """Open a link; returns when it is drawn."""
        self.page.goto("about:blank")
        self.page.goto(link)
        self.frame = self.page.wait_for_selector("iframe[src*=plugin_entry]").content_frame()
        return self.drawn()

    def drawn(self, view: str = "") -> Tab:
        """Wait until a view, or whatever there is to show, is drawn."""
        self.frame.wait_for_selector(f"main[data-shown={view}]" if view else "main[data-shown]")
        return self

    def text(self, selector: str) -> str:
        """Return the text of an element."""
        return str(self.frame.inner_text(selector))

    def view(self, title: str) -> None:
        """Choose a view."""
        self.frame.click(f"nav a:text-is('{title}')")
        self.drawn(title.lower())

    def in_sight(self, picture: str) -> SimpleNamespace:
        """Scroll to a picture and return its place; the mouse finds what it has once that is painted."""
        plot = self.frame.locator(f"[data-picture={picture}] .plot")
        plot.scroll_into_view_if_needed()
        plot.evaluate(PAINTED)
        return SimpleNamespace(**plot.bounding_box())

    def click_mark(self, picture: str, trial: int) -> None:
        """Click on the mark of a trial, where plotly drew it."""
        spot = self.frame.evaluate(MARK, [picture, trial])
        assert spot, f"the picture {picture} has no mark of trial {trial}"
        place = self.in_sight(picture)
        self.page.mouse.move(place.x + spot[0] + 3, place.y + spot[1] + 1)
        self.page.mouse.move(place.x + spot[0], place.y + spot[1])
        self.page.wait_for_timeout(200)
        self.page.mouse.click(place.x + spot[0], place.y + spot[1])
        self.drawn("trial")

    def click_place(self, picture: str, script: str) -> None:
        """Click where `script`, of the picture's `plot`, says: [across, up] in pixels."""
        place = self.in_sight(picture)
        across, up = self.frame.locator(f"[data-picture={picture}] .plot").evaluate(script)
        self.page.mouse.move(place.x + across + 3, place.y + up + 1)
        self.page.mouse.move(place.x + across, place.y + up)
        self.page.wait_for_timeout(200)
        self.page.mouse.click(place.x + across, place.y + up)

    def chosen(self) -> list[str]:
        """Return the layer, the unit, the one drawn over it and the window that are chosen."""
        labels = ("layer", "unit", "unit drawn over it", "window")
        return [self.frame.input_value(f".unit [aria-label='{label}']") for label in labels]

    def chosen_once(self, *wanted: str) -> None:
        """Wait until this is chosen: the layer, the unit, the one over it, the window."""
        chosen = "Array.from(document.querySelectorAll('.unit select'), ({ value }) => value).join()"
        self.frame.wait_for_function(f"wanted => {chosen} === wanted", arg=",".join(wanted))


MARK = """([picture, trial]) => {
  const plot = document.querySelector(`[data-picture=${picture}] .plot`);
  const { _fullData: traces, _fullLayout: layout } = plot;
  const own = (custom) => (custom && typeof custom === 'object' ? custom[0] : custom) === trial;
  for (const trace of traces.filter(({ visible, hoverinfo }) => visible === true && hoverinfo !== 'skip')) {
    const [across, up] = [trace.xaxis, trace.yaxis].map((name) => layout[name.replace(/[xy]/, '$&axis')]);
    const spot = (x, y) => [across._offset + across.d2p(x), up._offset + up.d2p(y)];
    // Backwards: where a trial is a line, its end is its own.
    for (const [row, custom] of [...Array.from(trace.customdata ?? []).entries()].reverse()) {
      if (trace.type === 'heatmap') {
        const column = Array.from(custom).findIndex(own);
        if (column >= 0) return [across._offset + across.l2p(column), up._offset + up.l2p(row)];
      } else if (own(custom) && !Number.isNaN(trace.y[row])) {
        const base = trace.base?.[row] ?? 0;
        return spot(trace.x[row], trace.type === 'bar' ? base + trace.y[row] / 2 : trace.y[row]);
      }
    }
  }
  return null;
}"""


@pytest.fixture(scope="module")
def opened(context: Any, served: tuple[str, Path]) -> Tab:
    """Return one page for all tests: to load TensorBoard's takes seconds."""
    return Tab(context.new_page(), served[0])


@pytest.fixture
def tab(opened: Tab) -> Iterator[Tab]:
    """Return the page; after a test the browser must have had nothing to complain of."""
    yield opened
    assert opened.faults == []


def _best(make_search: Make) -> Any:
    return make_search(60).ranked


def test_the_views_of_one_search_are_drawn_without_a_complaint(tab: Tab, make_search: Make) -> None:
    tab.open(run=FIRST)
    assert tab.text(".answer p") == "It won."
    for title in ("Search", "Shapes", "Trial", "Study"):
        tab.view(title)
        wanted = [name for name, picture in pictures().items() if picture.view == title.lower()]
        cards = tab.frame.locator(".picture")
        assert [card.get_attribute("data-picture") for card in cards.all()] == wanted
        assert tab.frame.locator(".picture .plot:visible svg.main-svg").count() >= len(wanted)
        assert "could not be drawn" not in tab.text("main")
        assert tab.frame.locator("[data-title*=Share]").count() == 0
        if title == "Trial":
            assert tab.text("h1") == _best(make_search)[0].name
    assert tab.text("h1") == "How many units does layer 2 of 32-32 need?"


def test_a_note_opens_and_says_what_a_picture_is(tab: Tab) -> None:
    tab.open(run=FIRST, view="shapes")
    note = tab.frame.locator("details p").first
    assert not note.is_visible()
    tab.frame.locator("summary").first.click()
    assert note.is_visible() and len(note.inner_text()) > 40


def test_a_click_on_a_point_leads_to_its_trial_and_back_comes_back(tab: Tab, make_search: Make) -> None:
    trial = _best(make_search)[1]
    tab.open(run=FIRST)
    tab.click_mark("history", trial.number)
    assert tab.text("h1") == trial.name
    tab.page.go_back()
    tab.drawn("search")
    assert tab.frame.locator("tr[aria-current]").count() == 0


def test_a_click_on_a_line_leads_to_its_trial(tab: Tab, make_search: Make) -> None:
    trial = _best(make_search)[1]
    tab.open(run=FIRST)
    tab.click_mark("parallel", trial.number)
    assert tab.text("h1") == trial.name


def test_a_click_on_a_bar_leads_to_its_trial(tab: Tab, make_search: Make) -> None:
    trial = _best(make_search)[2]
    tab.open(run=FIRST, view="shapes")
    tab.click_mark("profiles", trial.number)
    assert tab.text("h1") == trial.name


def test_a_click_on_a_cell_leads_to_its_trial(tab: Tab) -> None:
    tab.open(run=FIRST, view="shapes")
    first = "document.querySelector('[data-picture=narrowing_map] .plot')._fullData[0].customdata"
    numbers = tab.frame.evaluate(
        f"Array.from({first}, (row) => Array.from(row)).flat().filter(Number.isInteger)"
    )
    tab.click_mark("narrowing_map", numbers[0])
    assert tab.text("h1").startswith(f"t{numbers[0]:04d} ")


def test_the_table_is_sorted_by_its_headings_and_leads_to_trials(tab: Tab, make_search: Make) -> None:
    def numbers() -> list[int]:
        return [int(cell) for cell in tab.frame.locator(".trials tbody td:first-child").all_inner_texts()]

    tab.open(run=FIRST)
    ranking = [trial.number for trial in _best(make_search)]
    assert numbers() == [*ranking, *range(3, 60, 10)]
    tab.frame.click("th button:text-is('validation loss (mse)')")
    assert numbers() == [*reversed(ranking), *range(3, 60, 10)]
    tab.frame.click("th button:text-is('trial')")
    assert numbers() == list(range(60))
    tab.frame.click("tr[data-trial='7'] td:nth-child(5)")
    tab.drawn("trial")
    assert tab.text("h1").startswith("t0007 ")
    tab.view("Search")
    assert tab.frame.get_attribute("tr[aria-current]", "data-trial") == "7"


def test_a_long_table_goes_on_when_it_is_scrolled(tab: Tab) -> None:
    tab.open(run=LONG)
    assert tab.text(".count") == "100 of 230 trials; scroll for more"
    for shown in ("200 of 230 trials; scroll for more", "230 trials"):
        tab.frame.evaluate("document.querySelector('.trials .scroll').scrollTop = 1e6")
        tab.frame.wait_for_selector(f".count:text-is('{shown}')")


def _shown(tab: Tab) -> list[int]:
    return [int(cell) for cell in tab.frame.locator(".trials tbody td:first-child").all_inner_texts()]


def test_the_table_shows_what_is_chosen_at_once_and_a_link_shows_the_same(
    tab: Tab, make_search: Make
) -> None:
    trials = make_search(60).trials
    tab.open(run=FIRST)
    tab.frame.select_option("[aria-label=layers]", "2")
    two = {one.number for one in trials if len(one.units) == 2}
    assert set(_shown(tab)) == two and tab.text(".count") == f"{len(two)} of 60 trials fit the choice"
    tab.frame.select_option("[aria-label=status]", "failed")
    failed = {one.number for one in trials if one.number in two and one.status == "failed"}
    assert set(_shown(tab)) == failed
    tab.frame.select_option("[aria-label=layers]", "")
    tab.frame.fill("[type=search]", "NaN in epoch 2")
    assert set(_shown(tab)) == {one.number for one in trials if one.status == "failed"}
    tab.frame.click("summary:text-is('Columns')")
    tab.frame.uncheck(".boxes label:text-is('narrowest') input")
    heads = tab.frame.locator(".trials th").all_inner_texts()
    assert "narrowest" not in heads and {"units_1", "units_3", "why it ended"} <= {*heads}
    link, shown = tab.page.url, _shown(tab)
    assert link.endswith(
        "&p.narrowing.status=failed&p.narrowing.text=NaN%20in%20epoch%202&p.narrowing.hide=narrowest"
    )
    tab.follow(link)
    assert (_shown(tab), tab.frame.locator(".trials th").all_inner_texts()) == (shown, heads)
    tab.open(run=FIRST)
    assert len(_shown(tab)) == 60


def test_the_table_scrolls_in_itself_while_its_first_columns_stay(tab: Tab) -> None:
    tab.open(run=FIRST)
    lefts = """() => Array.from(document.querySelectorAll('.trials tbody tr:first-child td'),
        (cell) => cell.getBoundingClientRect().left)"""
    before = tab.frame.evaluate(lefts)
    tab.frame.evaluate("document.querySelector('.trials .scroll').scrollLeft = 300")
    after = tab.frame.evaluate(lefts)
    assert after[:2] == before[:2] and after[4] < before[4]
    page = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert tab.frame.evaluate(page)
    tab.frame.evaluate("document.querySelector('.trials .scroll').scrollLeft = 0")


def test_the_table_is_saved_as_it_is_shown_and_no_text_in_it_is_a_formula(tab: Tab, tmp_path: Path) -> None:
    tab.open(run=EVIL_RUN, text="t0003")
    tab.open(run=EVIL_RUN, status="failed", hide="secs")
    with tab.page.expect_download() as saving:
        tab.frame.click("button:text-is('CSV')")
    saving.value.save_as(tmp_path / "saved.csv")
    with (tmp_path / "saved.csv").open(newline="") as file:
        head, row = csv.reader(file)
    assert head[:3] == ["trial", "profile", "loss"] and "secs" not in head
    assert row[0] == "3" and row[head.index("note")] == "'=1+1" and row[head.index("reason")] == EVIL


def test_what_was_searched_and_what_came_of_it_stand_on_top(tab: Tab) -> None:
    tab.open(run=FIRST)
    said = tab.text(".searched")
    assert "The search is done: 60 of 60 trials have ended." in said
    assert "7 rows ahead" in said and "700 train, 150 validation, 150 test" in said
    scores = tab.frame.locator(".scores tbody tr").all_inner_texts()
    assert [row.split("\t") for row in scores] == [
        ["best trial (LSTM)", "✓ 3"],
        ["last value", "5"],
    ]
    assert tab.text(".status").startswith("60 of 60 trials; best ") or "60 of 60 trials" in tab.text(
        ".status"
    )
    tab.open(run=LONG)
    assert "The search was interrupted: 230 of 300 trials have ended. The same" in tab.text(".searched")
    assert "230 of 300 trials, interrupted" in tab.text(".status")
    assert tab.frame.locator(".scores").count() == 0


def test_a_search_that_has_been_silent_for_long_may_have_been_killed(tab: Tab) -> None:
    tab.open(run=EVIL_RUN)
    assert not tab.frame.is_visible(".progress + .progress")
    later = (
        "const now = Date.now; Date.now = () => now() + 3_600_000; window.back = () => { Date.now = now; }"
    )
    tab.frame.evaluate(later)
    tab.open(run=FIRST).open(run=EVIL_RUN)
    assert "where no “narrows tune” is running any more" in tab.text(".progress + .progress")
    tab.frame.evaluate("back()")


LINES = """() => {
  const { _fullData: traces } = document.querySelector('[data-picture=parallel] .plot');
  const own = traces.filter(({ customdata }) => customdata?.length);
  const of = ({ customdata, y }) => Array.from(customdata).filter((_, at) => !Number.isNaN(y[at]));
  const there = own.map(of);
  return [...new Set(there.flat())].sort((a, b) => a - b);
}"""


def _drag(tab: Tab, axis: int, low: float, high: float) -> None:
    """Drag along an axis of the parallel coordinates, between two heights."""
    place = tab.in_sight("parallel")
    ends = tab.frame.locator("[data-picture=parallel] .plot").evaluate(
        """(plot, [axis, low, high]) => {
          const { xaxis, yaxis } = plot._fullLayout;
          return [axis, low, high].map((at, place) =>
            place ? yaxis._offset + yaxis.d2p(at) : xaxis._offset + xaxis.d2p(at));
        }""",
        [axis, low, high],
    )
    tab.page.mouse.move(place.x + ends[0], place.y + ends[1])
    tab.page.mouse.down()
    tab.page.mouse.move(place.x + ends[0] + 2, place.y + ends[2], steps=4)
    tab.page.mouse.up()


def test_a_brush_on_an_axis_keeps_the_lines_that_cross_it_there(tab: Tab, make_search: Make) -> None:
    search = make_search(60)
    every = [one.number for one in search.trials if one.score is not None]
    tab.open(run=FIRST)
    assert tab.frame.evaluate(LINES) == every
    _drag(tab, 0, 0.9, 1.06)
    deep = [one.number for one in search.trials if one.score is not None and one.values["num_layers"] == 3]
    tab.frame.wait_for_selector(f"text={len(deep)} of {len(every)} trials are kept.")
    assert tab.frame.evaluate(LINES) == deep and tab.frame.locator(".over rect").count() == 1
    _drag(tab, 6, 0.9, 1.06)
    last = [one for one in deep if search.trials[one].values["scaling"] == "standard"]
    tab.frame.wait_for_selector(f"text={len(last)} of {len(every)} trials are kept.")
    assert tab.frame.evaluate(LINES) == last
    assert tab.page.url.endswith("sales%2Fsearch"), "no trial was opened"
    tab.frame.click("button:text-is('Let go')")
    tab.frame.wait_for_selector(".brushes:has-text('Drag along an axis')")
    assert tab.frame.evaluate(LINES) == every


def test_a_line_that_is_pointed_at_is_drawn_thick_and_named(tab: Tab, make_search: Make) -> None:
    trial = _best(make_search)[1]
    tab.open(run=FIRST)
    spot = tab.frame.evaluate(MARK, ["parallel", trial.number])
    place = tab.in_sight("parallel")
    tab.page.mouse.move(place.x + spot[0] - 3, place.y + spot[1] + 1)
    tab.page.mouse.move(place.x + spot[0], place.y + spot[1])
    tab.frame.wait_for_selector(".over polyline", state="attached")
    named = tab.frame.text_content("[data-picture=parallel] .hoverlayer")
    assert named is not None and trial.name in named
    tab.page.mouse.move(5, 5)
    tab.frame.wait_for_selector(".over polyline", state="detached")


def test_plotlys_buttons_cover_no_label_of_an_axis(tab: Tab) -> None:
    tab.open(run=FIRST)
    foot, head = tab.frame.evaluate(
        """() => {
          const card = document.querySelector('[data-picture=parallel]');
          const labels = Array.from(card.querySelectorAll('.xtick text'));
          return [card.querySelector('.modebar-group').getBoundingClientRect().bottom,
            Math.min(...labels.map((one) => one.getBoundingClientRect().top))];
        }"""
    )
    assert foot <= head


def test_a_trial_has_the_units_of_its_layers_and_how_many_do_different_work(
    tab: Tab, make_search: Make
) -> None:
    search = make_search(60)
    some = next(one for one in search.ranked if len(one.units) == 3)
    tab.open(run=FIRST, view="trial", trial=some.number)
    told = tab.text(".facts")
    assert f"units of the layers\n{' → '.join(map(str, some.units))}\n" in told
    work = " → ".join(f"{one:.1f}" for one in some.narrowing.effective_widths)
    assert f"do different work\n{work}\n" in told


def test_neighbours_are_reached_by_buttons_and_arrow_keys(tab: Tab, make_search: Make) -> None:
    ranked = _best(make_search)
    tab.open(run=FIRST, view="trial")
    assert tab.frame.is_disabled(".previous")
    for step in range(1, 3):
        tab.frame.click(".next")
        tab.frame.wait_for_selector(f"h1:text-is('{ranked[step].name}')")
    tab.page.keyboard.press("ArrowLeft")
    tab.frame.wait_for_selector(f"h1:text-is('{ranked[1].name}')")
    tab.frame.select_option(".steps select", "by_number")
    tab.frame.click("h1")
    tab.page.keyboard.press("ArrowRight")
    tab.frame.wait_for_selector(f"h1:has-text('t{ranked[1].number + 1:04d} ')")


DOT = """(plot) => {
  const { xaxis, yaxis } = plot._fullLayout;
  const trace = plot._fullData.find(({ customdata }) => customdata?.includes('unit/1/1'));
  const place = trace.customdata.indexOf('unit/1/1');
  return [xaxis._offset + xaxis.d2p(trace.x[place]), yaxis._offset + yaxis.d2p(trace.y[place])];
}"""
CELL = """(plot) => {
  const { xaxis, yaxis } = plot._fullLayout;
  const [across, up] = [xaxis.l2p(2), yaxis.l2p(5)];
  return [xaxis._offset + across, yaxis._offset + up];
}"""
STEP = """(plot) => {
  const { xaxis2: across, yaxis2: up } = plot._fullLayout;
  const trace = plot._fullData.find(({ name }) => name.startsWith('unit '));
  return [across._offset + across.d2p(trace.x[4]), up._offset + up.d2p(trace.y[4])];
}"""


def test_a_click_on_a_unit_shows_what_it_does_alone_and_a_cell_two_over_each_other(
    tab: Tab, make_search: Make
) -> None:
    best = _best(make_search)[0]
    tab.open(run=FIRST, view="trial", trial=best.number)
    tab.click_place("redundancy", DOT)
    tab.chosen_once("1", "1", "", "0")
    names = "document.querySelector('[data-picture=unit] .plot')._fullData.map(({ name }) => name).join()"
    tab.frame.wait_for_function(f"{names} === 'forecast,truth,unit 1'")
    cell = "document.querySelector('[data-picture=correlation] .plot')._fullData[0]"
    units = [tab.frame.evaluate(f"{cell}.{axis}[{place}]") for axis, place in (("x", 2), ("y", 5))]
    tab.click_place("correlation", CELL)
    tab.chosen_once("1", *units, "0")
    tab.frame.wait_for_function(f"{names} === 'forecast,truth,unit {units[0]},unit {units[1]}'")
    tab.frame.check("text=gates and memory")
    tab.frame.wait_for_function(f"{names}.includes('remembered')")
    tab.frame.uncheck("text=gates and memory")
    tab.frame.wait_for_function(f"!{names}.includes('remembered')")


def test_another_window_and_another_unit_are_chosen_without_a_mouse(tab: Tab, make_search: Make) -> None:
    best = _best(make_search)[0]
    tab.open(run=FIRST, view="trial", trial=best.number)
    tab.frame.select_option(".unit [aria-label=layer]", "1")
    tab.frame.focus(".unit [aria-label=unit]")
    tab.frame.select_option(".unit [aria-label=unit]", "2")
    tab.frame.wait_for_function("document.querySelector('.unit [aria-label=unit]').value === '2'")
    tab.page.wait_for_timeout(300)
    assert tab.frame.evaluate("document.activeElement.ariaLabel") == "unit", "it keeps the focus"
    assert tab.text("h1") == best.name, "arrow keys in a list do not go to another trial"
    _, unit, other, _ = tab.chosen()
    tab.frame.focus(".unit button:has-text('Later window')")
    tab.page.keyboard.press("Enter")
    tab.chosen_once("1", unit, other, "1")
    traces = "document.querySelector('[data-picture=unit] .plot')._fullData"
    times = f"{traces}.find((one) => one.name === 'truth').x[0]"
    tab.frame.wait_for_function(f"{times} === '2024-05-18'")
    tab.frame.select_option(".unit [aria-label=window]", "2")
    tab.frame.wait_for_selector(".unit button:disabled:has-text('Later window')")
    assert tab.chosen() == ["1", unit, other, "2"]


def test_a_time_is_chosen_in_the_picture_and_a_like_one_leads_elsewhere(tab: Tab, make_search: Make) -> None:
    best = _best(make_search)[0]
    tab.open(run=FIRST, view="trial", trial=best.number)
    tab.frame.select_option(".unit [aria-label=window]", "0")
    tab.frame.wait_for_selector(".unit p:has-text('as it is at 2024-04-')")
    tab.click_place("unit", STEP)
    tab.frame.wait_for_selector(".unit p:has-text('as it is at 2024-04-02')")
    like = tab.frame.locator(".unit button:has-text('differs by')").first
    day = like.inner_text().split(",")[0]
    like.click()
    tab.frame.wait_for_selector(f".unit p:has-text('as it is at {day}')")


def test_units_of_another_trial_are_not_there_and_it_is_said_where_they_are(
    tab: Tab, make_search: Make
) -> None:
    best, other = _best(make_search)[:2]
    tab.open(run=FIRST, view="trial", trial=other.number)
    assert f"which is {best.name}: open that one" in tab.text("[data-picture=unit] .nothing")
    assert not tab.frame.locator(".unit").is_visible()


SLOW = """() => {
  const { react } = Plotly;
  Plotly.react = async (...all) => {
    await new Promise((done) => setTimeout(done, 1500));
    return react(...all);
  };
  window.quick = () => { Plotly.react = react; };
}"""


def test_an_arrow_key_goes_on_while_pictures_are_still_being_drawn(tab: Tab, make_search: Make) -> None:
    ranked = _best(make_search)
    tab.open(run=FIRST, view="trial")
    tab.frame.select_option(".steps select", "by_rank")
    tab.frame.evaluate(SLOW)
    tab.frame.click(".next")
    tab.frame.wait_for_selector(f"h1:text-is('{ranked[1].name}')")
    for key, step in (("ArrowRight", 2), ("ArrowLeft", 1)):
        tab.page.keyboard.press(key)
        tab.frame.wait_for_selector(f"h1:text-is('{ranked[step].name}')")
    tab.frame.evaluate("quick()")
    tab.drawn("trial")


def test_a_link_shows_the_same_trial_elsewhere(tab: Tab, make_search: Make) -> None:
    tab.open(run=FIRST, view="trial")
    tab.frame.select_option(".steps select", "by_number")
    tab.frame.click(".next")
    number = _best(make_search)[0].number + 1
    tab.frame.wait_for_selector(f"h1:has-text('t{number:04d}')")
    link, name = tab.page.url, tab.text("h1")
    place = f"p.narrowing.run=sales%2Fsearch&p.narrowing.view=trial&p.narrowing.trial={number}"
    assert link.endswith(f"#narrowing&{place}")
    tab.follow(link)
    assert (tab.text("h1"), tab.page.url) == (name, link)


def test_a_trial_that_is_not_there_is_said(tab: Tab) -> None:
    tab.open(run=FIRST, view="trial")
    tab.open(run=FIRST, view="trial", trial=777)
    said = "Trial 777 has not ended, or there is none; the view Search lists what there is."
    assert tab.text("main .message:visible") == said
    tab.page.keyboard.press("ArrowRight")
    tab.view("Shapes")


def test_a_study_has_its_words_above_and_its_arms_below_and_another_is_chosen(
    tab: Tab, studies: ModuleType
) -> None:
    tab.open(run=FIRST, view="study")
    said = tab.frame.locator(".answer p").all_inner_texts()
    assert said == list(studies.layer_study().sentences)
    arms = tab.frame.locator(".arms tbody tr").all_inner_texts()
    assert [row.split()[0] for row in arms] == ["32", "16", "8", "4", "2", "1"]
    assert "not shown: about 14 more seeds would decide" in arms[3]
    assert tab.frame.locator("[aria-label=study] option").all_inner_texts() == ["layer 2", "shape"]
    tab.frame.select_option("[aria-label=study]", "shape")
    tab.frame.wait_for_selector("h1:has-text('Which shape is best')")
    tab.drawn("study")
    link, title = tab.page.url, tab.text("h1")
    assert link.endswith("p.narrowing.view=study&p.narrowing.study=shape")
    assert "Nothing was measured" in tab.text("[data-picture=study_kept] .nothing")
    tab.follow(link)
    assert (tab.text("h1"), tab.frame.input_value("[aria-label=study]")) == (title, "shape")


def test_trials_that_are_ticked_are_compared_and_back_comes_back(tab: Tab, make_search: Make) -> None:
    first, second = sorted(one.number for one in _best(make_search)[:2])
    tab.open(run=FIRST)
    assert tab.frame.is_disabled(".compare")
    tab.frame.check(f"[aria-label='compare trial {second}']")
    assert tab.frame.is_disabled(".compare")
    tab.frame.focus(f"[aria-label='compare trial {first}']")
    tab.page.keyboard.press("Space")
    assert tab.text(".compare") == "Compare 2 trials"
    tab.frame.click(".compare")
    tab.drawn("compare")
    assert tab.page.url.endswith(f"p.narrowing.view=compare&p.narrowing.compare={first}%2C{second}")
    names = [make_search(60).trial(number).name for number in (first, second)]
    assert tab.frame.locator(".sides thead th").all_inner_texts() == names
    assert tab.text("h1") == " and ".join(names)
    assert f"{_best(make_search)[0].name} has the lower validation loss" in tab.text(".answer")
    losses = tab.frame.locator(".sides tbody tr").first
    assert losses.inner_text().startswith("validation loss (mse)") and losses.locator(".best").count() == 1
    wanted = [name for name, one in comparisons().items() if one.trials]
    cards = tab.frame.locator(".picture")
    assert [card.get_attribute("data-picture") for card in cards.all()] == wanted
    tab.click_mark("curves_together", second)
    assert tab.text("h1") == names[1]
    tab.page.go_back()
    tab.drawn("compare")
    tab.page.go_back()
    tab.drawn("search")
    ticked = tab.frame.locator(".pick input:checked")
    assert [box.get_attribute("aria-label") for box in ticked.all()] == [
        f"compare trial {one.number}" for one in _best(make_search)[:2]
    ]


def test_no_more_than_four_trials_can_be_ticked_and_all_are_let_go_at_once(
    tab: Tab, make_search: Make
) -> None:
    best = sorted(one.number for one in make_search(230).ranked[:3])
    tab.open(run=LONG, compare=",".join(map(str, best)))
    free = tab.frame.locator(".pick input:enabled")
    free.and_(tab.frame.locator(":not(:checked)")).first.check()
    assert tab.text(".compare") == "Compare 4 trials" and free.count() == 4
    tab.frame.click("button:text-is('Clear')")
    assert tab.frame.locator(".pick input:checked").count() == 0 and free.count() == 100
    assert "compare" not in tab.page.url and not tab.frame.is_visible("button:text-is('Clear')")


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ("7", "One trial alone cannot be compared."),
        ("0,1,2,4,5", "5 trials are too many"),
        ("1,777", "Trial 777 has not ended"),
        (EVIL, "Trials are named by their numbers"),
    ],
)
def test_a_link_that_names_no_two_to_four_trials_says_so(tab: Tab, numbers: str, said: str) -> None:
    tab.open(run=FIRST, view="compare", compare=numbers)
    assert tab.text("main .message:visible").startswith(said)
    assert tab.frame.locator(".picture:visible").count() == 0
    tab.view("Search")


def test_two_searches_are_compared_and_a_link_shows_the_same(tab: Tab) -> None:
    tab.open(run=FIRST, view="compare")
    options = tab.frame.locator("[aria-label='compare with'] option").all_inner_texts()
    assert options == ["trials of sales", EVIL, "long"]
    tab.frame.select_option("[aria-label='compare with']", LONG)
    tab.frame.wait_for_selector("h1:text-is('sales and long')")
    tab.drawn("compare")
    assert "The best trials of sales and long have the same validation loss" in tab.text(".answer")
    assert "They differ in lookback alone." in tab.text(".answer")
    assert "long has no answer yet" in tab.text(".answer")
    rows = tab.frame.locator(".sides tbody tr").all_inner_texts()
    assert [row.split() for row in rows if row.startswith("lookback")] == [["lookback", "24", "48"]]
    assert tab.frame.locator("[data-picture=progress_together] svg.main-svg").first.is_visible()
    link, said = tab.page.url, tab.text(".answer")
    assert link.endswith("p.narrowing.view=compare&p.narrowing.with=long%2Fsearch")
    tab.follow(link)
    assert tab.text(".answer") == said
    tab.frame.select_option("[aria-label='compare with']", EVIL_RUN)
    tab.frame.wait_for_function("document.querySelector('h1').innerText.startsWith('sales and <img')")
    tab.drawn("compare")
    assert "So their losses are not put side by side." in tab.text(".answer")
    assert tab.frame.locator("img").count() == 0
    tab.open(run=FIRST, view="compare", **{"with": "gone"})
    assert tab.text(".message:visible") == "There is no search in the run “gone”."


def test_where_there_is_no_study_it_is_said_how_to_get_one(tab: Tab) -> None:
    tab.open(run=LONG, view="study")
    said = tab.text("main")
    assert "There is no study of this run yet" in said and "“narrows study RUN”" in said
    assert not tab.frame.locator(".arms").is_visible()
    tab.open(run=FIRST, view="study", study="layer 9")
    assert (
        tab.text("main .message:visible")
        == "There is no study “layer 9” of this run; there are: “shape”, “layer 2”."
    )
    tab.frame.select_option("header select", LONG)
    tab.frame.wait_for_function(
        "document.querySelector('main').innerText.includes('no study of this run yet')"
    )
    assert "layer" not in tab.page.url


def test_a_server_that_does_not_answer_is_said_above_what_is_there(tab: Tab) -> None:
    tab.open(run=FIRST, view="shapes")
    tab.page.route("**/narrowing/runs*", lambda route: route.abort())
    tab.page.click(".reload-button")
    tab.frame.wait_for_selector("text=TensorBoard does not answer; it may have been stopped.")
    assert tab.frame.locator(".picture").first.is_visible()
    tab.page.unroute_all()
    tab.page.click(".reload-button")
    tab.frame.wait_for_selector(".message", state="hidden")
    assert all("ERR_FAILED" in tab.faults.pop() for _ in list(tab.faults))


def test_it_turns_dark_and_light_with_tensorboard(tab: Tab) -> None:
    colour = "document.querySelector('.plot')._fullLayout.font.color"
    tab.open(run=FIRST, view="shapes")
    light = tab.frame.evaluate(colour)
    tab.page.click("app-header-dark-mode-toggle button")
    tab.page.click("button[role=menuitem]:has-text('Dark')")
    tab.frame.wait_for_selector(":root.dark")
    tab.frame.wait_for_function(
        "was => document.querySelector('.plot')._fullLayout.font.color !== was", arg=light
    )
    tab.drawn("shapes").follow(tab.page.url.replace("/#", "/?darkMode=true#"))
    tab.frame.wait_for_function(f"was => {colour} !== was", arg=light)
    tab.page.click("app-header-dark-mode-toggle button")
    tab.page.click("button[role=menuitem]:has-text('Light')")
    tab.frame.wait_for_function(f"was => {colour} === was", arg=light)


def test_one_of_several_searches_is_chosen_and_its_names_are_only_shown(tab: Tab) -> None:
    tab.open()
    assert tab.frame.locator("header option").all_inner_texts() == [EVIL, "long", "sales"]
    # The one that was written to last is shown first.
    assert tab.frame.input_value("header select") == FIRST
    tab.frame.select_option("header select", EVIL_RUN)
    tab.frame.wait_for_function("document.querySelector('.status').textContent.startsWith('12 trials')")
    tab.drawn("search")
    assert tab.text(".answer p") == EVIL
    for title in ("Shapes", "Study"):
        tab.view(title)
    assert tab.text("h1") == EVIL and EVIL in tab.text(".arms")
    tab.view("Trial")
    assert EVIL in tab.text("dl")
    tab.open(run=EVIL_RUN, view="trial", trial=3)
    assert EVIL in tab.text("main")
    assert tab.frame.locator("img").count() == 0
    assert "was run" not in tab.frame.evaluate("document.title + parent.document.title")


def test_trials_that_were_added_appear_and_the_zoom_stays(
    tab: Tab,
    served: tuple[str, Path],
    make_search: Make,
    ask: Any,
    eventually: Any,
    request: pytest.FixtureRequest,
) -> None:
    url, folder = served
    search = replace(make_search(9, seed=3), title="growing")
    record = TabRecord(folder / "growing", replace(search, trials=search.trials[:8]))
    request.addfinalizer(record.close)
    wanted = {"run": "growing/search"}
    assert eventually(lambda: ask(url, "table", **wanted)[0] == 200)
    assert eventually(lambda: len(ask(url, "table", **wanted)[1]["rows"]) == 8)
    tab.open(**wanted)
    held = "document.querySelector('[data-picture=history] .plot')._fullLayout.xaxis.range.join()"
    whole = tab.frame.evaluate(held)
    place = tab.frame.locator("[data-picture=history] .plot .nsewdrag").first.bounding_box()
    tab.page.mouse.move(place["x"] + place["width"] / 4, place["y"] + 20)
    tab.page.mouse.down()
    tab.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + 120, steps=4)
    tab.page.mouse.up()
    tab.frame.wait_for_function(f"whole => {held} !== whole", arg=whole)
    zoomed = tab.frame.evaluate(held)
    record.add(search.trials[8])
    assert eventually(lambda: len(ask(url, "table", **wanted)[1]["rows"]) == 9)
    tab.frame.wait_for_selector("tr[data-trial='8']")
    tab.drawn("search")
    assert tab.frame.evaluate(held) == zoomed


def test_a_pressed_button_stays_pressed_when_a_picture_is_drawn_anew(tab: Tab) -> None:
    plot = "document.querySelector('[data-picture=parallel] .plot')"
    colours = f"{plot}._fullData.map(({{ line }}) => line?.color).join()"
    tab.open(run=FIRST)
    all_in_colour = tab.frame.evaluate(colours)
    tab.frame.click("[data-picture=parallel] .menus button:has-text('best 10 %')")
    pressed = tab.frame.evaluate(colours)
    assert pressed != all_in_colour
    hovers = f"{plot}.calcdata.map(([{{ trace }}]) => trace.hoverinfo)"
    # More than the two traces of the axes cannot be pointed at, but not all.
    assert 2 < tab.frame.evaluate(hovers).count("skip") < len(tab.frame.evaluate(hovers))
    tab.page.click("app-header-dark-mode-toggle button")
    tab.page.click("button[role=menuitem]:has-text('Dark')")
    tab.frame.wait_for_selector(":root.dark")
    tab.drawn("search")
    assert tab.frame.evaluate(colours) == pressed
    tab.page.click("app-header-dark-mode-toggle button")
    tab.page.click("button[role=menuitem]:has-text('Light')")
    tab.frame.wait_for_selector(":root:not(.dark)")
    tab.drawn("search")
    tab.frame.click("[data-picture=parallel] .menus button:has-text('all')")
    assert tab.frame.evaluate(colours) == all_in_colour


def test_a_picture_beside_a_higher_one_takes_its_height(tab: Tab) -> None:
    tab.open(run=FIRST, view="shapes")
    feet = "Array.from(document.querySelectorAll('.plot')).map((plot) => plot.getBoundingClientRect().bottom)"
    first, second = tab.frame.evaluate(feet)
    assert first == pytest.approx(second, abs=1)
    assert tab.frame.evaluate(
        "Array.from(document.querySelectorAll('.plot')).every((p) => p.clientHeight === p._fullLayout.height)"
    )


def test_nothing_is_asked_or_drawn_while_another_tab_is_shown(tab: Tab) -> None:
    tab.open(run=FIRST, view="shapes")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url))
    tab.page.evaluate("location.hash = '#text'")
    tab.frame.wait_for_function("window.innerHeight === 0", polling=100)
    tab.page.click(".reload-button")
    tab.page.wait_for_timeout(500)
    assert not [url for url in asked if "plugin/narrowing" in url]
    tab.page.go_back()
    tab.frame.wait_for_function("window.innerHeight > 0", polling=100)
    tab.drawn("shapes")
    assert [url for url in asked if "plugin/narrowing/runs" in url]


def test_a_log_directory_without_a_search_says_how_to_get_one(context: Any, tmp_path: Path) -> None:
    started = board.start(tmp_path, port=0)
    page = context.new_page()
    page.goto(f"{started.url}data/plugin_entry.html?name=narrowing")
    page.wait_for_selector("main[data-shown=nothing]")
    assert page.inner_text(".message").startswith(
        "There is no search in this log directory yet. Start one with"
    )
    page.close()
    started.stop()
