"""The pictures of a report: each with its sentence, its figure, and its note."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...callbacks import pages
from .markup import Html, element, joined

HEIGHT = 420
"""In CSS pixels, of a figure that does not ask for another."""

_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def gallery(page: Mapping[str, Any], *, of: str = "", level: int = 3) -> Html:
    """Return all pictures of a page (`callbacks.pages.page`).

    Args:
        page: the pictures.
        of: ends the ids of the pictures, where a report has several pages of one view.
        level: of their headings.
    """
    return joined(_picture(one, picture_id(one, of), level) for one in page["pictures"])


def contents(pages: Sequence[Mapping[str, Any]]) -> Html:
    """Return links to the pictures of pages without `of`."""
    pictures = [one for page in pages for one in page["pictures"]]
    return joined(link(picture_id(one), one["title"]) for one in pictures)


def link(to: str, text: str) -> Html:
    """Return a line of a table of contents."""
    return element("li", element("a", text, href=f"#{to}"))


def picture_id(picture: Mapping[str, Any], of: str = "") -> str:
    """Return the id of a picture in the page."""
    return f"{picture['name']}{of}"


def _picture(picture: Mapping[str, Any], id: str, level: int) -> Html:
    head = [element(f"h{level}", picture["title"]), element("p", picture["sentence"], class_="sentence")]
    if picture["figure"] is None:
        return element("figure", *head, element("p", picture["nothing"], class_="nothing"), id=id)
    layout = picture["figure"]["layout"]
    height, least = layout.get("height") or HEIGHT, layout.get("meta", {}).get("least", 0)
    size = f"height: {height:.0f}px; min-width: {least}px"
    return element(
        "figure",
        *head,
        element(
            "div",
            element("div", class_="plot", data_figure=f"{id}-data", style=size),
            class_="sides" if least else None,
            tabindex="0" if least else None,
        ),
        element("script", inert_json(picture["figure"]), type="application/json", id=f"{id}-data"),
        element("details", element("summary", "What is this?"), element("p", picture["note"])),
        id=id,
    )


def inert_json(figure: Mapping[str, Any]) -> Html:
    """Return a figure as JSON that cannot end the `<script>` it stands in, whatever its texts are."""
    text = pages.to_json(dict(figure))
    for character, escaped in _UNSAFE.items():
        text = text.replace(character, escaped)
    return Html(text)
