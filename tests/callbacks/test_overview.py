"""What stands on top of the view Search: what was searched, how far it is, the scores."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from narrows.callbacks.asked import Asked
from narrows.callbacks.overview import FAILED, MEND, overview, progress
from narrows.callbacks.pages import heading
from narrows.callbacks.recorded import DONE, INTERRUPTED, UNDER_WAY, Declared, RecordedSearch, RecordedTrial
from narrows.callbacks.score_table import HANDED, score_tables
from narrows.search_spaces.plain import Unreadable
from narrows.search_spaces.trial import Status

Make = Callable[..., RecordedSearch]
ASKED = Asked(
    "sales",
    1000,
    ("units",),
    ("price",),
    "24,48",
    7,
    "0.7,0.15,0.15",
    3,
    "a",
    "b",
    settings={"algorithm": "hyperband", "epochs": "30"},
    sizes={"train": 700, "validation": 150, "test": 150},
    trials=10,
)
SCORES = {
    "LSTM": {"sold": {"MAE": 2.0, "RMSE": 3.0}},
    "last value": {"sold": {"MAE": 1.5, "RMSE": math.nan}},
    "seasonal naive": {"sold": {"MAE": 4.0, "RMSE": 5.0}},
}
TOGETHER = {"members": 3, "share": 0.8, "scores": {"sold": {"MAE": 1.9, "RMSE": 2.5}}}
ANSWER = {"sentences": [], "metric": "RMSE", "windows": 90, "scores": SCORES, "ensemble": TOGETHER}


def test_it_says_what_was_searched(make_search: Make) -> None:
    declared = (
        Declared("num_layers", numeric=True, low=1, high=3, whole=True),
        *(Declared(f"units_{layer}", numeric=True, log=True, low=4, high=64) for layer in (1, 2, 3)),
        Declared("rate", numeric=True, log=True, low=0.001, high=0.03),
        Declared("batch_size", numeric=True, options=(16, 32)),
        Declared("scaling", numeric=False, fixed=True, options=("last",)),
        Declared("many", numeric=True, options=tuple(range(20))),
        Declared("late", numeric=True),
    )
    found = overview(replace(make_search(2), hyperparameters=declared, asked=ASKED))
    assert {one["name"]: one["value"] for one in found["asked"]} == {
        "series": "sales, 1,000 rows",
        "rows of each part": "700 train, 150 validation, 150 test",
        "targets": "units",
        "features": "price",
        "horizon": "7 rows ahead",
        "lookback": "24,48 rows back",
        "algorithm": "hyperband, 10 trials, at most 30 epochs a trial, on 3 folds",
    }
    assert {one["name"]: one["value"] for one in found["space"]} == {
        "num_layers": "1 to 3",
        "units_1 to units_3": "4 to 64, log scale",
        "rate": "0.001 to 0.03, log scale",
        "batch_size": "16, 32",
        "scaling": "last",
        "many": "0, 1, 2, 3, 4, 5, 6, 7, 12 more",
        "late": "as the space asks for it",
    }


@pytest.mark.parametrize(
    ("state", "count", "minutes", "said"),
    [
        (UNDER_WAY, 2, None, "The search is under way: 2 of 10 trials have ended."),
        (UNDER_WAY, 1, 5, "The search is under way: 1 of 10 trials have ended, in at most 5 minutes."),
        (INTERRUPTED, 2, None, "The search was interrupted: 2 of 10 trials have ended. The same"),
        (DONE, 10, None, "The search is done: 10 of 10 trials have ended."),
        (DONE, 4, None, "The search is done, as its space has no more trials: 4 of 10 trials have ended."),
        (DONE, 4, 5.0, "The search is done, as its 5 minutes are spent or its space has no more trials: 4"),
        ("", 3, None, "3 of 10 trials have ended."),
    ],
)
def test_it_says_how_far_a_search_is(
    make_search: Make, state: str, count: int, minutes: float | None, said: str
) -> None:
    search = replace(make_search(count), state=state, asked=replace(ASKED, minutes=minutes))
    assert progress(search).startswith(said)


def _failed(count: int, **told: Any) -> RecordedSearch:
    reasons = (
        "the loss is not finite",
        "out of memory",
        "the loss is not finite",
        "no window is left",
        "a slip",
    )
    trials = tuple(
        RecordedTrial(number, {}, epochs=1, status=Status.FAILED, units=(4,), reason=reasons[number % 5])
        for number in range(count)
    )
    return replace(RecordedSearch("sales", "mse", (), trials), **told)


def test_a_search_all_of_whose_trials_failed_says_so_and_why_and_what_to_do() -> None:
    search = _failed(10, state=INTERRUPTED, asked=ASKED)
    found = overview(search)
    assert (found["state"], heading(search)["state"]) == (FAILED, FAILED)
    assert found["progress"] == "The search is over: 10 of 10 trials have ended, and every one failed."
    assert found["unanswered"] == [
        "All 10 trials failed, so there is no answer.",
        "4 trials: the loss is not finite",
        "2 trials: out of memory",
        "2 trials: no window is left",
        "2 more trials: the table below has the reason of each.",
        MEND,
    ]


def test_a_search_that_was_interrupted_after_failures_still_says_so_and_why() -> None:
    found = overview(_failed(1, state=INTERRUPTED, asked=ASKED))
    assert found["state"] == INTERRUPTED
    assert found["progress"].startswith("The search was interrupted: 1 of 10 trials have ended.")
    assert found["unanswered"][:2] == [
        "The trial that ended failed, so there is no answer.",
        "1 trial: the loss is not finite",
    ]


@pytest.mark.parametrize("state", [INTERRUPTED, UNDER_WAY, ""])
def test_a_search_without_an_answer_says_why(make_search: Make, state: str) -> None:
    (said,) = overview(replace(make_search(3), state=state, asked=ASKED))["unanswered"]
    assert ("interrupted" in said) == (state == INTERRUPTED)


def test_a_record_that_says_nothing_of_what_was_asked_still_counts(make_search: Make) -> None:
    assert progress(make_search(1)) == "1 trial has ended."
    assert (overview(make_search(3))["asked"], overview(make_search(3))["scores"]) == ([], None)


def test_scores_stand_with_what_is_handed_over_first_and_the_best_of_each_metric_marked() -> None:
    found = score_tables(ANSWER)
    assert found is not None and (found["windows"], found["metric"]) == (90, "RMSE")
    (table,) = found["tables"]
    assert (table["target"], table["metrics"]) == ("sold", ["MAE", "RMSE"])
    assert [(row["name"], row["ours"]) for row in table["rows"]] == [
        (HANDED, True),
        ("best trial (LSTM)", True),
        ("last value", False),
        ("seasonal naive", False),
    ]
    cells = [[(cell["value"], cell["best"]) for cell in row["cells"]] for row in table["rows"]]
    assert cells == [
        [(1.9, False), (2.5, True)],
        [(2.0, False), (3.0, False)],
        [(1.5, True), (None, False)],
        [(4.0, False), (5.0, False)],
    ]


@pytest.mark.parametrize("wrong", [{"scores": {"LSTM": 3}}, {"windows": "many"}, {"ensemble": 1}])
def test_scores_of_another_kind_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(Unreadable):
        score_tables(ANSWER | wrong)
