"""Pictures of the docs as PNG, drawn in the headless Chromium that the tests of the tab use.

`draw` makes the picture of a study. Started as a program, it searches what the README begins with, studies
the first layer of the best trial and takes the pictures of the tab in README and `docs/reading.md`:

    python benchmarks/pictures.py [FOLDER]

The run is kept in FOLDER (`demo/pictures`); a second start only takes the pictures again.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[1] / "docs"
WIDTH, HEIGHT = 760, 420
TAB_WIDTH, MARGIN = 1180, 8
WAIT_MS = 60_000
FADE_MS = 2_000
WIDTHS = (2, 4, 8)
OUT = "runs/narma10"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOTS = {
    "narrowing": ("view=trial", ("[data-picture=forecast]", "[data-picture=funnel]")),
    "reading-search": ("", ("[data-picture=history]", "[data-picture=size]")),
    "reading-shapes": ("view=shapes", ("[data-picture=profiles]", "[data-picture=narrowing_map]")),
    "reading-trial": ("view=trial", (".verdicts",)),
    "reading-unit": ("view=trial", ("[data-picture=unit]",)),
    "reading-study": ("view=study", ("h1", ".answer", "[data-picture=study_loss]")),
    "reading-compare": ("view=compare&p.narrowing.compare=0,BEST", (".answer", ".sides")),
}
"""For each picture, where the tab is, and what of it is taken: from the top of the first to the last."""


def draw(study: Any, path: Path) -> None:
    """Write what a study costs as a PNG of 760 x 420 pixels, twice as dense."""
    from narrows.callbacks.figures import draw as figure
    from narrows.callbacks.recorded import RecordedSearch

    made = figure("study_loss", RecordedSearch(study.title, study.loss, (), studies=(study,)))
    made.update_layout(width=WIDTH, height=HEIGHT, paper_bgcolor="#ffffff")
    with tempfile.TemporaryDirectory() as folder, _page(WIDTH, HEIGHT, 2) as page:
        html = Path(folder) / "study.html"
        made.write_html(html, include_plotlyjs=True, config={"staticPlot": True})
        page.goto(html.as_uri())
        page.wait_for_selector(".main-svg")
        page.locator(".plotly-graph-div").screenshot(path=str(path))


def take(run: Any, docs: Path = DOCS) -> None:
    """Write the pictures of `SHOTS`, of a run that has an answer and a study, into a folder."""
    from narrows.tuning import board

    started = board.browse(run.folder, port=0)
    try:
        for name, (place, parts) in SHOTS.items():
            at = place.replace("BEST", str(run.best.number))
            # A page as high as all that is in it, since the tab scrolls inside of TensorBoard's.
            with _page(TAB_WIDTH, 6000, 1) as page:
                page.goto(f"{started.url}#narrowing{f'&p.narrowing.{at}' if at else ''}")
                tab = page.wait_for_selector("iframe[src*=plugin_entry]").content_frame()
                tab.wait_for_selector("main[data-shown]")
                page.wait_for_timeout(FADE_MS)
                boxes = [tab.locator(part).first.bounding_box() for part in parts]
                page.screenshot(path=str(docs / f"{name}.png"), clip=_around(boxes))
    finally:
        started.stop()


def _around(boxes: list[Any]) -> Any:
    """Return the rectangle around others, with a margin."""
    left, top = (min(box[side] for box in boxes) - MARGIN for side in ("x", "y"))
    right = max(box["x"] + box["width"] for box in boxes) + MARGIN
    foot = max(box["y"] + box["height"] for box in boxes) + MARGIN
    return {"x": left, "y": top, "width": right - left, "height": foot - top}


@contextmanager
def _page(width: int, height: int, scale: int) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as tools:
        browser = tools.chromium.launch(args=list(QUIET), executable_path=chromium())
        page = browser.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale)
        page.set_default_timeout(WAIT_MS)
        yield page
        browser.close()


def chromium() -> str | None:
    """Return an installed Chromium; None takes the one that playwright brought."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def main() -> None:
    """Search, study and take the pictures."""
    import narrows

    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    with chdir(folder):  # what the run says of its folder stands in the pictures
        run = narrows.tune("synthetic:narma10", lookback=12, trials=10, epochs=40, out=OUT)
        narrows.study(OUT, layer=1, widths=list(WIDTHS))
        take(run)


if __name__ == "__main__":
    main()
