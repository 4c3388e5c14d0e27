"""The frame of a report: one HTML page that asks nobody for anything.

plotly.js of the installed package stands in the page. A Content-Security-Policy lets run the two
scripts whose digests it names, and no others, and lets the page load nothing: even a text that
slipped through unescaped could do nothing. `unsafe-eval` is there because plotly.js compiles the
programs of its WebGL pictures.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

from plotly.offline import get_plotlyjs

from ...callbacks import pages
from .about import answered, searched
from .markup import Html, element, joined
from .pictures import contents, gallery, link
from .studies import all_studies, study_links
from .trials import BEST, all_trials, best_trials, trial_id

if TYPE_CHECKING:
    from ...callbacks.recorded import RecordedSearch
    from ..run import Run

Chapter = tuple[str, str, Html, Html]
"""Id, title, what the contents list below it, and the chapter itself."""
VERSIONS = ("narrows", "tensorflow", "keras", "keras-tuner", "plotly")


def document(run: Run, search: RecordedSearch) -> str:
    """Return the whole page."""
    scripts = [get_plotlyjs(), _beside("draw.js")]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_policy(scripts)),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", f"{search.title} - narrows"),
        element("style", Html(_beside("style.css"))),
    )
    run_last = (element("script", Html(script)) for script in scripts)
    body = element("body", _body(run, search), *run_last)
    return f"<!DOCTYPE html>\n{element('html', head, body, lang='en')}\n"


def _body(run: Run, search: RecordedSearch) -> Html:
    chapters: list[Chapter] = [
        ("searched", "What was searched", Html(), searched(run)),
        *([("answer", "The answer", Html(), answered(run))] if search.trials else ()),
        *_studied(search),
        *(_trials(search) if search.trials else ()),
    ]
    listed = [
        element(
            "li",
            element("a", title, href=f"#{id}"),
            element("ul", within) if within else "",
            class_="chapter",
        )
        for id, title, within, _ in chapters
    ]
    written = [element("section", element("h2", title), body, id=id) for id, title, _, body in chapters]
    header = element(
        "header",
        element("h1", search.title),
        element("p", "How many units, how many layers, and how narrow a layer: what a search found."),
    )
    needs = element("noscript", element("p", "The figures of this page need JavaScript.", class_="nothing"))
    nav = element("nav", element("ul", *listed), aria_label="Contents")
    return joined([header, nav, element("main", needs, *written), _footer()])


def _trials(search: RecordedSearch) -> list[Chapter]:
    """Return the chapters of a search that has trials."""
    search_page, shapes_page = pages.page(search, "search"), pages.page(search, "shapes")
    best = [link(trial_id(one.number), one.name) for one in search.ranked[:BEST]]
    return [
        ("search", "The search", contents([search_page]), gallery(search_page)),
        ("shapes", "The shapes", contents([shapes_page]), gallery(shapes_page)),
        ("best", "The best trials", joined(best), best_trials(search)),
        ("trials", "The trials", Html(), all_trials(search)),
    ]


def _studied(search: RecordedSearch) -> list[Chapter]:
    """Return the chapter of the studies, where there is one: they decide what an answer leaves open."""
    if not search.studies:
        return []
    title = "The study" if len(search.studies) == 1 else "The studies"
    return [("studies", title, joined(study_links(search)), all_studies(search))]


def _footer() -> Html:
    now = datetime.now().astimezone()
    names = ", ".join(f"{name} {version(name)}" for name in VERSIONS)
    return element("footer", element("p", f"Written {now:%Y-%m-%d %H:%M %Z} with {names}."))


def _policy(scripts: Sequence[str]) -> str:
    """Return the Content-Security-Policy of a page that runs `scripts` and loads nothing."""
    digests = (base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts)
    run = " ".join(f"'sha256-{digest}'" for digest in digests)
    rules = {
        "default-src": "'none'",
        "script-src": f"{run} 'unsafe-eval'",
        "style-src": "'unsafe-inline'",
        "img-src": "data: blob:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {what}" for name, what in rules.items())


def _beside(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
