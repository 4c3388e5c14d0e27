"""Pages of pictures, as plain data.

The Narrowing tab and the report show the same pages; what is plain here is drawn there. All but the
pictures is made of dicts, lists, texts and numbers; `to_json` writes the pictures too. A number that is not
known is None.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..search_spaces.trial import Status
from .comparing import Side, searches_compared, trials_compared
from .comparing.figures import Comparison, comparisons
from .figures import NothingToShow, Picture, draw, pictures
from .figures._style import styled
from .overview import state_of
from .recorded import RecordedSearch, RecordedTrial
from .studied import RecordedStudy

if TYPE_CHECKING:
    import plotly.graph_objects as go


def page(
    search: RecordedSearch,
    view: str,
    trial: RecordedTrial | None = None,
    study: RecordedStudy | None = None,
    *,
    dark: bool = False,
) -> dict[str, Any]:
    """Return the pictures of a view.

    Args:
        search: what to draw.
        view: one of `figures.VIEWS`.
        trial: the trial, for the view `trial`.
        study: the study, for the view `study`; None is the newest.
        dark: for a dark page.

    Returns:
        {"view": view, "pictures": [{"name", "title", "sentence", "note", "figure", "nothing"}]}; `figure`
        is what `plotly.js` draws, or None, and then `nothing` says why in a sentence; these come last.
    """
    shown = [
        _card(name, picture, partial(draw, name, search, trial, study, dark=dark))
        for name, picture in pictures().items()
        if picture.view == view
    ]
    return {"view": view, "pictures": _empty_last(shown)}


def compared(sides: Sequence[Side], *, dark: bool = False) -> dict[str, Any]:
    """Return the facts and the pictures of what is compared, trials of one search or two searches.

    Returns:
        As `page` does, and "facts": see `comparing`.
    """
    one_search = all(side.search is sides[0].search for side in sides)
    facts = trials_compared(sides) if one_search else searches_compared(sides)
    shown = [
        _card(name, picture, lambda picture=picture: styled(picture.draw(sides), dark))  # type: ignore[misc]
        for name, picture in comparisons().items()
        if picture.trials or not one_search
    ]
    return {"view": "compare", "facts": facts, "pictures": _empty_last(shown)}


def _card(
    name: str, picture: type[Picture] | type[Comparison], drawn: Callable[[], go.Figure]
) -> dict[str, Any]:
    one = {"name": name, "title": picture.title, "sentence": picture.sentence, "note": picture.note}
    try:
        return one | {"figure": drawn().to_plotly_json(), "nothing": ""}
    except NothingToShow as nothing:
        return one | {"figure": None, "nothing": str(nothing)}


def _empty_last(cards: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(cards, key=lambda one: one["figure"] is None)


def to_json(plain: dict[str, Any]) -> str:
    """Return a page as JSON for `plotly.js`; it can stand inside a `<script>` of an HTML page."""
    from plotly.io.json import to_json_plotly

    text: str = to_json_plotly(plain)
    return text


def heading(search: RecordedSearch) -> dict[str, Any]:
    """Return what stands above every view: title, loss, how far the search is, the best trial, the answer."""
    best = search.best
    return {
        "title": search.title,
        "loss": search.loss,
        "ended": len(search.trials),
        "asked": None if search.asked is None else search.asked.trials,
        "state": state_of(search),
        "failed": sum(trial.status == Status.FAILED for trial in search.trials),
        "best": None if best is None else {"number": best.number, "name": best.name, "loss": best.score},
        "answer": None if search.answer is None else list(search.answer["sentences"]),
    }
