"""The studies of a report: each with what came out of it, its pictures and the table of its arms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...callbacks import pages
from ...callbacks.recorded import RecordedSearch
from ...callbacks.study_facts import study_facts
from .markup import Html, element, joined, table
from .pictures import gallery, link

VERDICT = 1
"""Column of the word of an arm."""


def study_links(search: RecordedSearch) -> list[Html]:
    """Return lines of the table of contents, the newest study first."""
    return [link(_id(number), study.title) for number, study in _newest_first(search)]


def all_studies(search: RecordedSearch) -> Html:
    """Return a chapter on each study, the newest first."""
    return joined(_study(search, number) for number, _ in _newest_first(search))


def _newest_first(search: RecordedSearch) -> list[tuple[int, Any]]:
    return list(enumerate(search.studies, start=1))[::-1]


def _id(number: int) -> str:
    """Return the id of a study's chapter; its number is its place in time, since its name may be any text."""
    return f"study-{number}"


def _study(search: RecordedSearch, number: int) -> Html:
    study = search.studies[number - 1]
    known = study_facts(search, study)
    said = element("ul", *(element("li", sentence) for sentence in known["sentences"]), class_="said")
    return element(
        "section",
        element("h3", known["title"]),
        said,
        gallery(pages.page(search, "study", study=study), of=f"-{number}", level=4),
        element("h4", "The networks that were compared"),
        element("p", known["about"], class_="sentence"),
        _arms(known),
        id=_id(number),
    )


def _arms(known: Mapping[str, Any]) -> Html:
    sides = ["number" if column["numeric"] else None for column in known["columns"]]
    head = [
        element("th", column["label"], class_=side)
        for column, side in zip(known["columns"], sides, strict=True)
    ]
    rows = []
    for row in known["rows"]:
        cells = [element("td", cell, class_=side) for cell, side in zip(row["cells"], sides, strict=True)]
        more = f": {row['more']}" if row["more"] else ""
        cells[VERDICT] = element("td", element("strong", row["cells"][VERDICT]), more)
        rows.append(element("tr", *cells, class_="arm", style=f"--word: {row['colour']}"))
    return table(head, rows)
