"""HTML from elements: all text is escaped unless it is `Html` already.

So a column called `<img onerror=...>` is shown and never run, wherever it turns up.
"""

from __future__ import annotations

import html
from collections.abc import Iterable


class Html(str):
    """Text that is HTML already; any other text is escaped when it becomes part of an element."""

    __slots__ = ()


VOID = ("meta", "br")


def element(name: str, /, *content: str, **attributes: str | None) -> Html:
    """Return `<name attributes>content</name>`.

    Args:
        name: of the element.
        content: texts, which are escaped, and elements, which are not.
        attributes: an underscore at the end is dropped, any other becomes a hyphen; None leaves the
            attribute out.
    """
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{given}>" + ("" if name in VOID else f"{joined(content)}</{name}>"))


def joined(content: Iterable[str]) -> Html:
    """Return texts and elements one after the other."""
    return Html("".join(part if isinstance(part, Html) else html.escape(part) for part in content))


def facts(pairs: Iterable[tuple[str, str]]) -> Html:
    """Return a list of names and what they are, without those that are empty."""
    rows = (element("dt", name) + element("dd", what) for name, what in pairs if what)
    return element("dl", Html("".join(rows)))


def table(head: Iterable[Html], rows: Iterable[Html]) -> Html:
    """Return a table in a box of its own, which scrolls when the page is narrower.

    Args:
        head: `th` elements.
        rows: `tr` elements.
    """
    body = element("thead", element("tr", *head)) + element("tbody", *rows)
    return element("div", element("table", Html(body)), class_="wide", tabindex="0")


def codes(texts: Iterable[str]) -> Html:
    """Return names and values as the user types them."""
    return Html(" ".join(element("code", text) for text in texts))
