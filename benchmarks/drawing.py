"""How long the Narrowing tab takes to draw a search, in headless Chromium without a graphics card.

Searches are made up by the tests of the tab (`tests/callbacks/conftest.py`). Times are seconds that the page
itself counts: from a click on the view, of a search that was shown before, or from when the tab of a
TensorBoard that has just been started begins to load, which is after TensorBoard's own page has loaded.

    words      the answer and the table stand there
    first      the first picture is drawn
    in sight   every picture of which anything is in the window, 1400 x 1000 pixels, is drawn
    all        every picture is drawn; of those far below the browser has yet to make pixels
"""

from __future__ import annotations

import importlib.util
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from apart import HERE, Row
from pictures import QUIET, WAIT_MS, chromium

TIMES = 9
WINDOW: Any = {"width": 1400, "height": 1000}
TRIALS = {1000: (0.3, 0.8), 5400: (None, 2.0)}
"""Trials, and goals for the first that is painted and for all."""
FRESH = 1000
FRESH_GOAL = 1.0
VISITS, KEEPS_MS = 3, 2000
"""How often a browser loads a script until it keeps it compiled, and how long it takes to put it away."""
WATCH = """() => {
  window.watch = (from) => new Promise((done) => {
    const found = {};
    const note = (name, holds) => { if (holds && !(name in found)) found[name] = performance.now() - from; };
    const drawn = (plot) => plot.querySelector('.main-svg');
    const inSight = (plot) => {
      const { top, bottom } = plot.getBoundingClientRect();
      return !plot.hidden && top < innerHeight && bottom > 0;
    };
    const look = () => {
      const main = document.querySelector('main');
      const view = main?.querySelector('.view:has(.trials)');
      const plots = [...(view?.querySelectorAll('.plot') ?? [])];
      note('words', view?.querySelector('.trials tbody tr'));
      note('first', plots.some(drawn));
      note('in sight', plots.length && plots.filter(inSight).every(drawn));
      note('all', main?.dataset.shown === 'search');
      if ('all' in found) done(found);
      else setTimeout(look, 5);
    };
    look();
  });
  if (location.pathname.endsWith('plugin_entry.html')) window.fresh = window.watch(0);
}"""
CLICK = """async () => {
  const from = performance.now();
  [...document.querySelectorAll('nav a')].find((one) => one.textContent === 'Search').click();
  return window.watch(from);
}"""


def rows() -> list[Row]:
    """How long the view Search of the Narrowing tab takes to be drawn, the median of nine times.

    In headless Chromium without a graphics card; "in sight" are the pictures of which anything is in a
    window of 1400 x 1000 pixels. Other work on the same cores slows it, so that the load is told.
    """
    with tempfile.TemporaryDirectory() as folder:
        again = [_shown_again(Path(folder), count) for count in TRIALS]
        return [*again, *(_fresh(Path(folder), known) for known in (True, False))]


def _shown_again(folder: Path, count: int) -> Row:
    logs, load, found = _written(folder, count), _load(), []
    with _served(logs) as (page, url):
        for _ in range(TIMES + 1):
            page.goto("about:blank")
            page.goto(f"{url}#narrowing&p.narrowing.view=study")
            tab = page.wait_for_selector("iframe[src*=plugin_entry]").content_frame()
            tab.wait_for_selector("main[data-shown=study]")
            page.wait_for_timeout(300)
            found.append(tab.evaluate(CLICK))
    first, last = TRIALS[count]
    goals = [f"words < {first:g} s" if first else "", f"all < {last:g} s"]
    # The first time, the server made the page.
    return (f"{count:,} trials, shown again", _told(found[1:]), ", ".join(filter(None, goals)), load)


def _fresh(folder: Path, known: bool) -> Row:
    logs, load, found = _written(folder, FRESH), _load(), []
    with tempfile.TemporaryDirectory() as profile:
        port = 0
        for _ in range(TIMES + VISITS * known):
            with _served(logs, profile if known else None, port) as (page, url):
                port = (urlsplit(url).port or 0) * known
                page.goto(f"{url}#narrowing")
                tab = page.wait_for_selector("iframe[src*=plugin_entry]").content_frame()
                tab.wait_for_selector("main[data-shown=search]")
                found.append(tab.evaluate("window.fresh"))
                page.wait_for_timeout(KEEPS_MS * known)
    browser = "a browser that has shown the tab before" if known else "a new browser"
    goal = f"in sight < {FRESH_GOAL:g} s" if known else ""
    return (
        f"{FRESH:,} trials, first page of a new TensorBoard, in {browser}",
        _told(found[-TIMES:]),
        goal,
        load,
    )


@contextmanager
def _served(logs: Path, profile: str | None = None, port: int = 0) -> Iterator[tuple[Any, str]]:
    """Start a TensorBoard, and a browser with a profile to keep; give a page and the address."""
    from playwright.sync_api import sync_playwright

    from narrows.tuning import board

    started = board.start(logs, port=port)
    told: Any = {"args": list(QUIET), "executable_path": chromium()}
    try:
        with sync_playwright() as tools:
            kinds = tools.chromium
            browser = kinds.launch_persistent_context(profile, **told) if profile else kinds.launch(**told)
            page = browser.new_page()
            page.set_viewport_size(WINDOW)
            page.set_default_timeout(WAIT_MS)
            page.add_init_script(f"({WATCH})()")
            yield page, started.url
            browser.close()
    finally:
        started.stop()


def _load() -> str:
    return f"load {os.getloadavg()[0]:.0f} when it began"


def _told(found: list[dict[str, float]]) -> str:
    return ", ".join(f"{name} {median(one[name] for one in found) / 1000:.2f} s" for name in found[0])


def _written(folder: Path, count: int) -> Path:
    """Return a log directory with a made-up search."""
    from narrows.callbacks.tab_record import TabRecord

    logs = folder / str(count)
    if not logs.exists():
        TabRecord(logs, _made_search()(count)).close()
    return logs


def _made_search() -> Callable[[int], Any]:
    spec = importlib.util.spec_from_file_location("made", HERE.parent / "tests" / "callbacks" / "conftest.py")
    if spec is None or spec.loader is None:
        raise SystemExit("the tests, which make searches up, are not beside the benchmarks")
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    search: Callable[[int], Any] = made.made_search
    return search
