"""The pages of the views, of a search that was read: pictures, what is known beside them, and the heading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import pages
from ..comparing import CannotCompare, Side
from ..overview import overview
from ..study_facts import no_study, study_facts
from ..trial_facts import trial_facts
from .reading import Read


def view_page(read: Read, view: str, **shown: Any) -> dict[str, Any]:
    """Return a page with its heading; `shown` is what `pages.page` is told beside the view."""
    heading = {"version": read.version, "heading": pages.heading(read.search)}
    return heading | pages.page(read.search, view, **shown)


def search_page(read: Read, dark: bool) -> dict[str, Any]:
    """Return the page of the search with what is known of it as a whole."""
    return view_page(read, "search", dark=dark) | {"facts": overview(read.search)}


def without(read: Read, nothing: str) -> dict[str, Any]:
    """Return a page that says why there is nothing to show."""
    heading = {"version": read.version, "heading": pages.heading(read.search)}
    return heading | {"facts": None, "nothing": nothing, "pictures": []}


def trial_page(read: Read, number: int | None, dark: bool) -> dict[str, Any]:
    """Return the page of a trial with its facts; without a number that of the best."""
    trial = read.search.trial(number) if number is not None else read.search.best
    if trial is None:
        return without(read, _no_trial(number))
    facts = trial_facts(read.search, trial)
    return view_page(read, "trial", trial=trial, dark=dark) | {"facts": facts}


def study_page(read: Read, name: str | None, dark: bool) -> dict[str, Any]:
    """Return the page of a study with its facts; without a name that of the newest."""
    study = read.search.study(name)
    if study is None:
        return without(read, no_study(read.search, name))
    facts = study_facts(read.search, study)
    return view_page(read, "study", study=study, dark=dark) | {"facts": facts}


def comparison_page(read: Read, sides: Callable[[], tuple[Side, ...]], dark: bool) -> dict[str, Any]:
    """Return the page of what is compared, or one that says why it cannot be."""
    try:
        found = sides()
    except CannotCompare as error:
        return without(read, str(error))
    return {"version": read.version, "heading": pages.heading(read.search)} | pages.compared(found, dark=dark)


def _no_trial(number: int | None) -> str:
    if number is None:
        return "No trial has a score yet."
    return f"Trial {number} has not ended, or there is none; the view Search lists what there is."
