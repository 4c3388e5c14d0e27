"""The tab on the server: what it answers, as JSON, and the files its page is made of.

    runs                           the searches of the log directory, with their versions
    page?run=&view=&trial=&study=  the pictures of a view, and what stands around them
    page?run=&view=compare&compare=3,7&with=   the same of trials, or of two searches
    table?run=                     the table of trials
    unit?run=&trial=&layer=&unit=  what one unit of a trial does; see `unit_page`
    static/NAME                    scripts and style of the page, and plotly.min.js of the installed plotly

Whatever goes wrong is answered as {"error": sentence}. What was made of a search is kept until the search
has a new version.
"""

from __future__ import annotations

import gzip
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import Any

import plotly
from tensorboard import plugin_util
from tensorboard.backend import http_util
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from werkzeug import Request, Response

from ...search_spaces.plain import Unreadable, to_json
from .. import pages
from ..comparing import of_searches, of_trials
from ..figures import VIEWS
from ..tab_record import PLUGIN
from ..trial_table import table
from ..unit_page import ASKED, unit_page
from .reading import NotThere, Read, Searches
from .views import comparison_page, search_page, study_page, trial_page, view_page, without

TYPES = {".js": "text/javascript", ".css": "text/css"}
STATIC = {path.name: path for path in (Path(__file__).parent / "static").iterdir() if path.suffix in TYPES}
PLOTLY = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
PLOTLY_SECS = 30 * 24 * 3600
"""The page asks for it by its version, so that a browser may keep it."""
PREPARE_SECS, PREPARE_TRIES = 0.1, 100
"""How often it is looked for a search that TensorBoard has read, after its start."""
COMPILE = b"//# allFunctionsCalledOnLoad\n"
"""V8's explicit compile hint, a comment to others: else the page stands still while plotly is compiled."""
KEPT = 24
"""Answers that are held for a search; one with 5,400 trials takes about 1 MB."""

logger = logging.getLogger(__name__)


class NarrowingPlugin(base_plugin.TBPlugin):
    """The tab.

    Args:
        context: TensorBoard's; its data provider is read from.
    """

    plugin_name = PLUGIN

    def __init__(self, context: base_plugin.TBContext) -> None:
        self._searches = Searches(context.data_provider)

    def is_active(self) -> bool:
        """Return False: TensorBoard shows the tab by itself where there are data of its name."""
        return False

    def frontend_metadata(self) -> base_plugin.FrontendMetadata:
        """Return the name of the tab and the script that draws it, which is told what plotly to load."""
        script = f"/static/index.js?plotly={plotly.__version__}"
        return base_plugin.FrontendMetadata(es_module_path=script, tab_name="Narrowing")

    def get_plugin_apps(self) -> dict[str, Any]:
        """Return what answers at which path."""
        answers = {"/runs": self._runs, "/page": self._page, "/table": self._table, "/unit": self._unit}
        return {path: _app(answer) for path, answer in answers.items()} | {"/static/*": _app(_static)}

    def prepare(self) -> None:
        """Make what a browser asks for first: plotly, and the newest search on a light page."""
        _plotly_js()
        for _ in range(PREPARE_TRIES):
            if found := self._searches.listed(RequestContext(), ""):
                run = max(found, key=lambda one: one.written).run
                with suppress(NotThere, Unreadable):
                    self._made(
                        self._searches.read(RequestContext(), "", run), VIEWS[0], None, None, dark=False
                    )
                return
            time.sleep(PREPARE_SECS)

    def _runs(self, request: Request) -> Response:
        found = [vars(one) for one in self._searches.listed(*_where(request))]
        return _respond(request, _packed({"runs": found}))

    def _page(self, request: Request) -> Response:
        read = self._read(request)
        view, dark = request.args.get("view", VIEWS[0]), request.args.get("dark") == "1"
        number, name = request.args.get("trial", type=int), request.args.get("study")
        if view == "compare":
            return self._compare(request, read, dark)
        if view not in VIEWS:
            raise NotThere(f"There is no view “{view}”; there are {', '.join((*VIEWS, 'compare'))}.")
        return _respond(request, self._made(read, view, number, name, dark=dark))

    def _made(self, read: Read, view: str, number: int | None, name: str | None, *, dark: bool) -> bytes:
        """Return a page, packed."""
        make = {
            "search": lambda: search_page(read, dark),
            "trial": lambda: trial_page(read, number, dark),
            "study": lambda: study_page(read, name, dark),
        }
        one = {"trial": number, "study": name}.get(view)  # what the view does not ask for makes no new page
        return _kept(read, (view, one, dark), make.get(view, lambda: view_page(read, view, dark=dark)))

    def _compare(self, request: Request, read: Read, dark: bool) -> Response:
        numbers, name = request.args.get("compare"), request.args.get("with")
        if not name:
            make = partial(comparison_page, read, partial(of_trials, read.search, numbers), dark)
            return _respond(request, _kept(read, ("compare", numbers, dark), make))
        try:
            other = self._searches.read(*_where(request), name)
        except NotThere as gone:  # the page still lets one choose another search
            return _respond(request, _packed(without(read, str(gone))))
        pair = [(request.args.get("run", ""), read.search), (name, other.search)]
        make = partial(comparison_page, read, partial(of_searches, pair), dark)
        return _respond(request, _kept(read, ("with", name, other.version, dark), make))

    def _table(self, request: Request) -> Response:
        read = self._read(request)
        made = _kept(read, "table", lambda: {"version": read.version} | table(read.search))
        return _respond(request, made)

    def _unit(self, request: Request) -> Response:
        """Answer with a unit; not kept, as there are as many as one cares to click on."""
        search = self._read(request).search
        number, dark = request.args.get("trial", type=int), request.args.get("dark") == "1"
        trial = search.best if number is None else search.trial(number)
        asked = {name: request.args.get(name, type=int) for name in ASKED}
        return _respond(request, _packed(unit_page(search, trial, asked, dark=dark)))

    def _read(self, request: Request) -> Read:
        return self._searches.read(*_where(request), request.args.get("run", ""))


def _where(request: Request) -> tuple[Any, str]:
    return plugin_util.context(request.environ), plugin_util.experiment_id(request.environ)


def _kept(read: Read, key: Any, make: Callable[[], dict[str, Any]]) -> bytes:
    """Return what was made of a search, packed; makes it, once, when it is not there."""
    with read.lock:
        if key not in read.made:
            if len(read.made) >= KEPT:
                read.made.clear()
            read.made[key] = _packed(make())
        return read.made[key]


def _packed(plain: dict[str, Any]) -> bytes:
    drawn = "pictures" in plain or "figure" in plain
    text = pages.to_json(plain) if drawn else to_json(plain)
    return gzip.compress(text.encode(), compresslevel=3)


def _respond(request: Request, packed: bytes, code: int = 200) -> Response:
    return http_util.Respond(request, packed, "application/json", code, content_encoding="gzip")


def _static(request: Request) -> Response:
    """Answer with a file; only names that were there at the start are looked up, so no path leads out."""
    name = request.path.rpartition("/static/")[2]
    if name == PLOTLY.name:
        return http_util.Respond(
            request, _plotly_js(), TYPES[".js"], expires=PLOTLY_SECS, content_encoding="gzip"
        )
    if name not in STATIC:
        raise NotThere(f"There is no file “{name}”.")
    path = STATIC[name]
    return http_util.Respond(request, path.read_bytes(), TYPES[path.suffix])


@cache
def _plotly_js() -> bytes:
    """Return plotly, packed, with a first line that has Chromium compile all of it beside the page."""
    return gzip.compress(COMPILE + PLOTLY.read_bytes(), compresslevel=6)


def _app(answer: Callable[[Request], Response]) -> Any:
    """Return `answer` as a WSGI application that tells what goes wrong, and logs it when it is a fault."""

    def answered(request: Request) -> Response:
        try:
            return answer(request)
        except NotThere as missing:
            return _respond(request, _packed({"error": str(missing)}), code=404)
        except Unreadable as error:
            told = f"What was measured of this search is damaged: {error}"
            return _respond(request, _packed({"error": told}), code=404)
        except Exception as fault:
            logger.exception("the Narrowing tab could not answer %s", request.full_path)
            sentence = f"The server could not answer: {type(fault).__name__}: {fault}"
            return _respond(request, _packed({"error": sentence}), code=500)

    return Request.application(answered)
