"""A figure that stands alone says what it is and of what; on a page that says so above it, it does not."""

from dataclasses import replace

import pytest

from narrows.callbacks import pages
from narrows.callbacks.asked import Asked
from narrows.callbacks.figures import draw, pictures

HOSTILE = "sales <b>of</b> shops"
ESCAPED = "sales &lt;b&gt;of&lt;/b&gt; shops"


@pytest.fixture
def search(make_search, studies):
    asked = Asked("sales", 1, (), (), "24", 7, "0.7,0.15,0.15", 1, "a", "b", rungs=(3,))
    return replace(make_search(60, title=HOSTILE), studies=(studies.layer_study(),), asked=asked)


@pytest.mark.parametrize("name", pictures())
def test_a_title_names_the_picture_and_the_run_or_trial(search, name):
    kind = pictures()[name]
    trial = search.best if kind.view == "trial" else None
    plain, alone = (draw(name, search, trial, titled=titled) for titled in (False, True))
    one = {"trial": trial, "study": search.study()}.get(kind.view)
    of = f"{one.name} of {ESCAPED}" if one else ESCAPED
    text = alone.layout.title.text
    assert text.startswith(kind.title) and text.endswith(f">{of}</span>")
    above = alone.layout.margin.t - plain.layout.margin.t
    assert above >= 44, "there is room for it"
    assert plain.layout.height is None or alone.layout.height == plain.layout.height + above


@pytest.mark.parametrize("view", ["search", "shapes", "trial", "study"])
def test_pages_that_have_headings_of_their_own_have_no_title_inside(search, view):
    page = pages.page(search, view, search.best)
    figures = [one["figure"] for one in page["pictures"] if one["figure"]]
    assert figures and not any("title" in figure["layout"] for figure in figures)


def test_a_legend_of_two_rows_has_room_below_the_title(search):
    memory, redundancy = (draw(name, search, search.best, titled=True) for name in ("memory", "redundancy"))
    assert memory.layout.margin.t > redundancy.layout.margin.t
