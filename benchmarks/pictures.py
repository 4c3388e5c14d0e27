"""Pictures of studies as PNG, drawn by plotly in the headless Chromium that the tests of the tab use."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 760, 420
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
)


def draw(study: Any, path: Path) -> None:
    """Write what a study costs as a PNG of 760 x 420 pixels, twice as dense."""
    from playwright.sync_api import sync_playwright

    from narrows.callbacks.figures import draw as figure
    from narrows.callbacks.recorded import RecordedSearch

    made = figure("study_loss", RecordedSearch(study.title, study.loss, (), studies=(study,)))
    made.update_layout(width=WIDTH, height=HEIGHT, paper_bgcolor="#ffffff")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as tools:
        html = Path(folder) / "study.html"
        made.write_html(html, include_plotlyjs=True, config={"staticPlot": True})
        browser = tools.chromium.launch(args=list(QUIET), executable_path=_chromium())
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, device_scale_factor=2)
        page.goto(html.as_uri())
        page.wait_for_selector(".main-svg")
        page.locator(".plotly-graph-div").screenshot(path=str(path))
        browser.close()


def _chromium() -> str | None:
    """Return an installed Chromium; None takes the one that playwright brought."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
