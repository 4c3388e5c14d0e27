"""The studies of a report: each with its sentences, its pictures and its table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...callbacks import pages
from .markup import Html, element, joined, table
from .pictures import gallery

if TYPE_CHECKING:
    from ...callbacks.recorded import RecordedSearch
    from ...callbacks.studied import RecordedStudy


def study_id(study: RecordedStudy) -> str:
    """Return the id of a study in the page."""
    return f"study-{study.name.replace(' ', '-')}"


def studies(search: RecordedSearch) -> Html:
    """Return all studies of a search, the newest last."""
    return joined(_study(search, study) for study in search.studies)


def _study(search: RecordedSearch, study: RecordedStudy) -> Html:
    facts = pages.study_facts(search, study)
    page = pages.page(pages.only(search, study), "study")
    return element(
        "section",
        element("h3", study.title),
        *(element("p", sentence) for sentence in facts["sentences"]),
        element("p", facts["about"], class_="sentence"),
        _table(facts),
        gallery(page, of=f"-{study_id(study)}", level=4),
        id=study_id(study),
    )


def _table(facts: dict[str, Any]) -> Html:
    head = [element("th", column["label"]) for column in facts["columns"]]
    rows = [element("tr", *(element("td", _cell(cell)) for cell in row["cells"])) for row in facts["rows"]]
    return table(head, rows)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return (
        f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    )
