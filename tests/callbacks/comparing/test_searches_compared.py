"""Two searches side by side: when losses may be compared at all, and what is said then."""

import json
from dataclasses import replace

import pytest

from narrows.callbacks.asked import LONGEST, MOST, short, some
from narrows.callbacks.comparing import CannotCompare, of_searches, searches_compared
from narrows.callbacks.pages import compared as page_of
from narrows.callbacks.recorded import RecordedSearch
from narrows.search_spaces.plain import Unreadable


def sides(one, other):
    return of_searches([("a", one), ("b", other)])


def compared(one, other):
    return searches_compared(sides(one, other))


def rows(facts):
    return {one["label"]: one["cells"] for table in facts["tables"] for one in table["rows"]}


def test_losses_of_the_same_task_are_put_side_by_side(search):
    facts = compared(search(0.2, 0.1), search(0.15, 0.12, title="long", lookback="48"))
    assert facts["title"] == "sales and long"
    assert facts["sentences"][0] == (
        "The best trial of sales has the lower validation loss, 0.1; that of long has 0.12, 20 % more."
    )
    assert facts["sentences"][1].startswith("One run each")
    assert facts["sentences"][-1] == "They differ in lookback alone."
    found = rows(facts)
    assert found["lookback"] == ["24", "48"] and found["its validation loss (mse)"] == [0.1, 0.12]
    assert found["trials"] == [2, 2] and "data sales, rows 1,000" in facts["equal"]


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"targets": ("price",)}, "sales forecasts units, and other price."),
        ({"horizon": 14}, "sales forecasts 7 rows ahead, and other 14."),
        (
            {"series": "cccc", "data": "more", "rows": 1100},
            "The numbers to forecast are not the same (sales, 1,000 rows, and more, 1,100 rows).",
        ),
        (
            {"parts": "cccc", "split": "0.6,0.2,0.2"},
            "They are not judged by the same stretches of time (0.7,0.15,0.15 and 0.6,0.2,0.2).",
        ),
        ({"parts": "cccc"}, "They are not judged by the same stretches of time, as the lookback decides on"),
    ],
)
def test_losses_of_another_task_are_not_and_it_is_said_why(search, answered, asked, why):
    one = answered(search(0.2, 0.1), 3.0)
    other = answered(search(0.2, 0.1, title="other", **asked), 2.0)
    page = page_of(sides(one, other))
    facts = page["facts"]
    assert facts["sentences"][0].startswith(why)
    assert facts["sentences"][0].endswith("So their losses are not put side by side.")
    assert not any("loss (" in label or "handed over" in label for label in rows(facts))
    assert "0.1 " not in " ".join(facts["sentences"]) and "RMSE" not in json.dumps(facts)
    said = {one["name"]: one["nothing"] for one in page["pictures"]}
    assert said.pop("funnels_together") == "" and all(one.startswith(why) for one in said.values())


def test_a_record_that_does_not_say_what_was_asked_is_compared_with_none(search):
    old = replace(search(0.1, title="old"), asked=None)
    for pair in ((old, search(0.2)), (search(0.2), old)):
        facts = compared(*pair)
        assert facts["sentences"] == [
            "The record of old does not say what was asked: the same narrows tune command, given again, "
            "writes it anew. So their losses are not put side by side."
        ]


def test_other_losses_and_folds_keep_the_test_part_comparable(search, answered):
    one = answered(search(0.2), 3.0, **{"last value": 5.0})
    for other, why in (
        (replace(search(0.2, title="other"), loss="mae"), "Their losses are not of one kind: mse and mae."),
        (
            search(0.2, title="other", folds=3),
            "Their losses are means over different numbers of folds: 1 and",
        ),
    ):
        facts = compared(one, answered(other, 2.0, **{"last value": 5.0}))
        assert facts["sentences"][0].startswith(why)
        assert facts["sentences"][1].startswith(
            "On the test part, what other hands over misses units by less"
        )
        assert rows(facts)["what is handed over"] == [3.0, 2.0]
        assert not any("validation loss" in label for label in rows(facts))


def test_scores_are_those_of_what_is_handed_over_beside_the_same_floors(search, answered):
    one = answered(search(0.1), 4.0, 3.0, **{"last value": 8.0, "ridge": 6.0})
    other = answered(search(0.2, title="other"), 5.0, **{"last value": 8.0, "ridge": 5.5})
    facts = compared(one, other)
    found = rows(facts)
    assert found["what is handed over"] == [3.0, 5.0] and found["best network alone"] == [4.0, 5.0]
    assert found["ridge"] == [6.0, 5.5] and found["last value"] == [8.0, 8.0]
    assert found["its error against that of last value"] == ["38 %", "62 %"], "the floor that both share"
    assert (
        "On the test part, what sales hands over misses units by less: RMSE 3; other by 5, 67 % more."
        in facts["sentences"]
    )
    assert "disagree" not in " ".join(facts["sentences"])


@pytest.mark.parametrize(
    ("floor", "told"), [(0.5, "800 %"), (0.1, "40.0 times"), (1e-8, "more than a thousand times")]
)
def test_an_error_far_above_a_floor_is_told_in_times(search, answered, floor, told):
    facts = compared(*(answered(search(0.1, title=name), 4.0, ridge=floor) for name in ("one", "other")))
    assert rows(facts)["its error against that of ridge"] == [told, told]


def test_where_validation_and_test_disagree_it_is_said(search, answered):
    facts = compared(answered(search(0.1), 5.0), answered(search(0.2, title="other"), 4.0))
    assert (
        "The validation part and the test part disagree, so neither is shown to be better."
        in facts["sentences"]
    )


def test_a_search_without_an_answer_says_so(search, answered):
    facts = compared(answered(search(0.1), 5.0), search(0.2, title="other"))
    assert "other has no answer yet, so nothing is known of the test part." in facts["sentences"]
    assert "what is handed over" not in rows(facts)
    both = compared(search(0.1), search(0.2, title="other"))["sentences"]
    assert "sales and other have no answer yet, so nothing is known of the test part." in both
    nothing = compared(search(), search(title="other"))
    assert nothing["sentences"][0].startswith("One of them has no trial with a score yet")


def test_seeds_of_both_searches_say_what_luck_does(search, trial):
    one = search(trial(0, 0.1, again=(0.101, 0.102)))
    other = search(trial(0, 0.2, again=(0.199, 0.201)), title="other")
    assert compared(one, other)["sentences"][1].startswith("That is more than another seed")


def test_one_feature_more_names_the_study_that_decides(search):
    facts = compared(search(0.2), search(0.1, title="with", features=("my price",)))
    assert facts["sentences"][-1] == (
        "They differ in features alone: my price. “narrows study RUN --feature 'my price'”, with the run "
        "that has it, trains the same network with it and without it, with several seeds each: that decides."
    )


def test_searches_of_one_title_are_told_apart_and_one_alone_is_not_compared(search):
    assert [one.name for one in sides(search(0.1), search(0.2))] == ["sales (a)", "sales (b)"]
    with pytest.raises(CannotCompare, match="A search cannot be compared with itself"):
        of_searches([("a", search(0.1)), ("a", search(0.1))])


def test_what_was_asked_comes_back_with_the_head_and_is_bounded(search):
    found = search(0.1)
    assert RecordedSearch.from_head(found.head_json(), found.trials) == found
    names = some(f"column {number} {'x' * 500}" for number in range(5000))
    assert len(names) == MOST and names[-1] == "4,941 more" and max(map(len, names)) <= LONGEST
    assert some(["a", "b"]) == ("a", "b") and short("x" * LONGEST) == "x" * LONGEST


@pytest.mark.parametrize("scores", [5, {"LSTM": 5}, {"LSTM": {"units": {"RMSE": "much"}}}])
def test_a_forged_answer_is_unreadable(search, answered, scores):
    one = answered(search(0.1), 5.0)
    forged = replace(one, title="forged", answer={**one.answer, "scores": scores})
    with pytest.raises(Unreadable):
        compared(one, forged)


def test_an_answer_without_targets_or_scores_is_no_fault(search, answered):
    one = answered(search(0.1), 5.0)
    for scores in ({}, {"LSTM": {}}, {"LSTM": {"units": {}}}):
        compared(one, replace(one, title="bare", answer={**one.answer, "scores": scores}))
        compared(replace(one, title="bare", answer={**one.answer, "scores": scores}), one)
