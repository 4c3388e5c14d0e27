"""One meaning a colour, told apart by everyone: what cannot be told by its colour has another mark.

Colours are seen as with full protanopia, deuteranopia and tritanopia by the matrices of Machado, Oliveira &
Fernandes (2009), on linear RGB, and compared by their distance in CIELAB (1976).
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest

from narrows.callbacks.asked import Asked
from narrows.callbacks.comparing import of_trials
from narrows.callbacks.comparing.figures import comparisons
from narrows.callbacks.figures import _style as style
from narrows.callbacks.figures import draw, pictures
from narrows.callbacks.figures._layers import LAYERS
from narrows.callbacks.narrowing.verdict import WORDS

EYES = {
    "all": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = [
    [0.4124564, 0.3575761, 0.1804375],
    [0.2126729, 0.7151522, 0.0721750],
    [0.0193339, 0.1191920, 0.9503041],
]
APART, ANOTHER = 20, 8
"""Told apart side by side; not the same colour."""
MEANINGS = {
    **{
        name: getattr(style, name)
        for name in ("BEST", "TRIAL", "SEED", "FOLD", "FAILED", "NEUTRAL", "EFFECT")
    },
    **{name: getattr(style, name) for name in ("TRUTH", "FLOOR", "UNIT", "OTHER_UNIT", "REFERENCE")},
    **{name: getattr(style, name) for name in ("WIDE", "OPEN", "NARROW", "FEW")},
    **{f"gate {place}": colour for place, colour in enumerate(style.GATES)},
    **{f"side {place}": colour for place, (colour, _) in enumerate(style.SIDES)},
    **{f"layer {place}": colour for place, (colour, _) in enumerate(LAYERS, start=1)},
}
VERDICTS = ("WIDE", "OPEN", "NARROW", "FEW", "BEST", "NEUTRAL")


def linear(colour):
    parts = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)]) / 255
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def lab(colour, eyes):
    seen = np.clip(np.array(EYES[eyes]) @ linear(colour), 0, 1)
    x, y, z = (
        np.cbrt(part) if part > 216 / 24389 else (24389 / 27 * part + 16) / 116
        for part in np.array(XYZ) @ seen / [0.95047, 1, 1.08883]
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def apart(one, other, eyes="all"):
    return float(np.linalg.norm(lab(one, eyes) - lab(other, eyes)))


def test_distances_are_those_of_the_definition():
    assert apart("#000000", "#ffffff") == pytest.approx(100, abs=0.01)
    assert lab("#ff0000", "all") == pytest.approx([53.24, 80.09, 67.20], abs=0.05)
    assert apart("#808080", "#808080", "tritanopia") == 0
    assert apart("#009e73", "#999999", "deuteranopia") < APART < apart("#009e73", "#999999")


def test_no_two_meanings_share_a_colour():
    near = [pair for pair in combinations(MEANINGS, 2) if apart(*(MEANINGS[one] for one in pair)) < ANOTHER]
    assert near == []


@pytest.mark.parametrize("eyes", EYES)
def test_verdicts_the_best_and_outlines_are_told_apart_by_any_eyes(eyes):
    found = {pair: apart(*(MEANINGS[one] for one in pair), eyes) for pair in combinations(VERDICTS, 2)}
    assert min(found.values()) > 15, found


def test_every_verdict_has_a_mark_of_its_own():
    assert set(style.SYMBOLS) == set(style.VERDICTS) == set(WORDS)
    assert len(set(style.SYMBOLS.values())) == len(WORDS)
    assert len(set(style.HATCHES.values())) == len(style.HATCHES) == 4


@pytest.mark.parametrize("eyes", EYES)
def test_the_scale_of_losses_goes_away_from_the_best_for_any_eyes(eyes):
    best, *others = (colour for _, colour in style.LOSS_SCALE)
    away = [apart(best, colour, eyes) for colour in others]
    assert away == sorted(away) and away[-1] > 3 * APART


def looks(trace):
    """Return the colour and the mark of what the legend shows of a trace; None where it shows nothing."""
    if not trace.name or trace.showlegend is False or trace.visible is False:
        return None
    if trace.type == "bar":
        colour, line = trace.marker.color, trace.marker.line.color
        hollow = isinstance(colour, str) and colour.startswith("rgba(0,0,0,0")
        return (line if hollow else colour), ("bar", hollow, trace.marker.pattern.shape)
    if trace.fill:
        return trace.fillcolor or trace.line.color, ("area", trace.line.dash)
    if "lines" in trace.mode:
        return trace.line.color, ("line", trace.line.dash or "solid", trace.marker.symbol)
    return trace.marker.color, ("mark", trace.marker.symbol or "circle")


def figures(make_search, studies):
    asked = Asked("sales", 1000, ("units",), (), "24", 7, "0.7,0.15,0.15", 1, "a", "b", rungs=(1, 2))
    search = replace(make_search(60), studies=(studies.layer_study(),), asked=asked)
    for name, kind in pictures().items():
        yield name, draw(name, search, search.best if kind.view == "trial" else None)
    yield "study_loss of shapes", draw("study_loss", replace(search, studies=(studies.shape_study(),)))
    sides = of_trials(search, ",".join(str(one.number) for one in search.ranked[:4]))
    for name in ("curves_together", "funnels_together"):
        yield name, comparisons()[name].draw(sides)


def test_what_a_legend_shows_is_told_apart_by_any_eyes_or_by_its_mark(make_search, studies):
    same = []
    for name, figure in figures(make_search, studies):
        shown = [(trace.name, *look) for trace in figure.data if (look := looks(trace))]
        plain = [one for one in shown if isinstance(one[1], str) and one[1].startswith("#")]
        for (one, colour, mark), (other, second, its) in combinations(plain, 2):
            near = min(apart(colour, second, eyes) for eyes in EYES) < APART
            if one != other and mark == its and near:
                same.append((name, one, other, mark))
    assert not same, same


def test_texts_of_pictures_have_the_colour_of_the_page(make_search, studies):
    for name, figure in figures(make_search, studies):
        fonts = [one.font.color for one in figure.layout.annotations]
        fonts += [one.textfont.color for one in figure.data if "text" in (getattr(one, "mode", None) or "")]
        assert set(fonts) <= {None}, name
