"""What people ask of a search: each question of `docs/reading.md` is answered with at most three clicks.

The tab is opened as `narrows board` opens it, on a folder of two real searches, with a feature and without.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from narrows import study, tune
from narrows.tuning import board
from narrows.tuning.series.synthetic import make

DOC = Path(__file__).resolve().parents[3] / "docs" / "reading.md"
MOST_CLICKS = 3
SPACE = {
    "num_layers": [1, 2],
    "units": [4, 12],
    "bottleneck": [0, 2],
    "linear": "none",
    "scaling": "standard",
    "learning_rate": 0.02,
}


class Question(NamedTuple):
    """A question, what is clicked on for it, and where the words or figures are that answer it.

    Args:
        asked: as in the docs.
        clicks: selectors; one that is an `option` is chosen from its list.
        answers: pairs of a selector and a pattern that its text has; of a picture what is drawn in it.
    """

    asked: str
    clicks: tuple[str, ...]
    answers: tuple[tuple[str, str], ...]


def _view(title: str) -> str:
    return f"nav a:text-is('{title}')"


def _box(profile: str) -> str:
    return f"tr:has(td:nth-child(2):text-is('{profile}')) input"


def _row(profile: str) -> str:
    return f"td:nth-child(2):text-is('{profile}')"


QUESTIONS = (
    Question(
        "Which trial is the best, and is it better than a simple forecast?",
        (),
        ((".status", r"best t\d{4} \d"), (".answer", r"(beats|beaten|about equal|too few to tell)")),
    ),
    Question(
        "Was it luck?", (".answer summary",), ((".answer details p", r"Trained with 3 different seeds"),)
    ),
    Question(
        "How many layers and units are enough?",
        (_view("Study"),),
        (
            ("h1", r"How many units does"),
            (".answer", r"(enough|too narrow|not shown)"),
            ("[data-picture=study_loss]", r"95"),
        ),
    ),
    Question(
        "What did the bottleneck lose?",
        (_row("4-2-12"),),
        ((".verdicts", r"\d+% kept"), ("[data-picture=funnel]", r"layer 2")),
    ),
    Question(
        "Which hyperparameter matters?",
        (),
        (("[data-picture=importance]", r"(num_layers|units_1|bottleneck|trial)"),),
    ),
    Question(
        "What should I search next?",
        (),
        (
            ("[data-picture=slice]", r"(num_layers|units_1|bottleneck|trial)"),
            (".answer", r"(larger --trials|study)"),
        ),
    ),
    Question(
        "Where does the forecast fail?",
        (_view("Trial"), "[data-picture=forecast] .menus button:has-text('worst')"),
        (("[data-picture=forecast]", r"truth"),),
    ),
    Question(
        "How does the error grow with the horizon?",
        (_view("Trial"),),
        (("[data-picture=forecast_steps]", r"last value"),),
    ),
    Question(
        "Why did this trial end, or fail?",
        (_row("12-12"),),
        ((".facts", r"status\s*failed"), (".facts", r"reason.*more than the 1300 allowed")),
    ),
    Question(
        "How do two trials differ?",
        (_box("4-4"), _box("12"), ".compare"),
        ((".answer", r"has the lower validation loss"), (".sides", r"units of the layers\s*4-4\s*12")),
    ),
    Question(
        "Did the extra feature help?",
        (_view("Compare"), "[aria-label='compare with'] option:text-is('without')"),
        ((".answer", r"They differ in features alone: u"), (".answer", r"has the lower validation loss")),
    ),
    Question("How do I hand the model over?", (), ((".answer", r"narrows export RUN model"),)),
)


@pytest.fixture(scope="module")
def searches(chromium: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return a link to the tab on two searches, the one with a feature and a study shown first."""
    folder = tmp_path_factory.mktemp("runs")
    series = make("synthetic:narma10,rows=1200")
    data = {"y": series.values[:, 0], "u": series.values[:, 1]}
    asked: dict[str, Any] = {"target": "y", "lookback": 12, "horizon": 3, "space": SPACE, "algorithm": "grid"}
    asked |= {"epochs": 6, "max_parameters": 1300, "progress": False}
    tune(data, trials=3, out=folder / "without", **asked)
    tune(data, features=["u"], trials=16, out=folder / "with", **asked)
    study(folder / "with", profile="8", layer=1, widths=[2, 8], seeds=2, rates=1, steps=100)
    started = board.browse(folder, port=0)
    yield started.link
    started.stop()


def test_every_question_of_the_docs_is_asked_here() -> None:
    text = DOC.read_text(encoding="utf-8")
    told = re.findall(r"^\d+\. \*\*(.+?)\*\*", text, re.MULTILINE)
    assert told == [one.asked for one in QUESTIONS]
    assert len(told) == 12


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda one: one.asked)
def test_a_question_is_answered_with_three_clicks_at_most(
    searches: str, open_tab: Callable[[str], tuple[Any, Any]], question: Question
) -> None:
    assert len(question.clicks) <= MOST_CLICKS
    page, tab = open_tab(searches)
    for click in question.clicks:
        if " option" in click:
            chooser, _, option = click.partition(" option")
            label = re.findall(r"'(.+)'", option)[0]
            tab.select_option(chooser, label=label)
        else:
            tab.locator(click).first.click()
    for selector, pattern in question.answers:
        wanted = re.compile(pattern)
        tab.locator(selector, has_text=wanted).first.wait_for()
        if selector.startswith("[data-picture"):
            assert tab.locator(f"{selector} .nothing:visible").count() == 0
            assert tab.locator(f"{selector} svg.main-svg").first.is_visible()
    page.close()
