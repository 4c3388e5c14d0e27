"""Texts of the tab and the report are read on every ground they stand on, light and dark (WCAG 2.2)."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import product

import pytest

TAB = files("narrows.callbacks.board").joinpath("static/style.css").read_text()
REPORT = files("narrows.tuning.report").joinpath("style.css").read_text()
ON = {
    "tab": {"ink": ("page", "card", "over", "alert"), "soft": ("page", "card", "over"),
            "accent": ("page", "card", "over"), "on-accent": ("accent",)},
    "report": {"ink": ("ground", "shade"), "quiet": ("ground", "shade"), "accent": ("ground", "shade")},
}  # fmt: skip
LEAST = 4.5


def palettes(css):
    """Return the variables of each `:root` that has all of them."""
    blocks = re.findall(r":root[.\w]*\s*\{([^}]*)\}", css)
    return [dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block)) for block in blocks]


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrasts_are_those_of_the_definition():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#d55e00", "#ffffff") == pytest.approx(3.87, abs=0.01)


@pytest.mark.parametrize(("of", "css"), [("tab", TAB), ("report", REPORT)])
def test_every_text_is_read_on_every_ground(of, css):
    found = palettes(css)
    assert len(found) >= 2
    for palette, (text, grounds) in product(found, ON[of].items()):
        for ground in grounds:
            assert contrast(palette[text], palette[ground]) >= LEAST, (text, ground)


def test_no_text_has_a_colour_that_is_not_named_above():
    used = set(re.findall(r"[^-]color: var\(--([\w-]+)\)", TAB))
    assert used <= set(ON["tab"]) and not re.search(r"[\s;]color: #", TAB)
