"""Pages, tables and facts as plain data."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from types import ModuleType
from typing import Any

import pytest

from narrows.callbacks import pages, trial_table
from narrows.callbacks.figures import VIEWS, pictures
from narrows.callbacks.narrowing import Narrowing, Verdict
from narrows.callbacks.recorded import RecordedSearch, RecordedTrial
from narrows.callbacks.study_facts import study_facts
from narrows.callbacks.trial_facts import trial_facts
from narrows.search_spaces.trial import Status, Trial

Make = Callable[..., RecordedSearch]


@pytest.mark.parametrize(
    ("view", "count"),
    [(view, count) for view in VIEWS for count in (0, 1, 60) if count or view != "trial"],
)
def test_a_page_has_every_picture_of_its_view_with_a_figure_or_a_reason(
    make_search: Make, view: str, count: int
) -> None:
    search = make_search(count)
    page = pages.page(search, view, search.best if view == "trial" else None)
    assert page["view"] == view
    shown = page["pictures"]
    drawn, empty = ([one["name"] for one in shown if bool(one["figure"]) == there] for there in (True, False))
    assert [one["name"] for one in shown] == [*drawn, *empty], "what has nothing to show comes last"
    wanted = [n for n, p in pictures().items() if p.view == view]
    assert [n for n in wanted if n in drawn] == drawn and [n for n in wanted if n in empty] == empty
    assert {*drawn, *empty} == {*wanted}
    for one in shown:
        assert one["title"] and one["sentence"] and one["note"]
        assert (one["figure"] is None) == bool(one["nothing"])
    if not count:
        assert all(one["nothing"] for one in shown)


def test_a_page_becomes_json_that_can_stand_in_a_script(make_search: Make) -> None:
    search = make_search(30)
    worst = replace(search.trials[0], values=search.trials[0].values | {"scaling": "</script><b>"})
    page = pages.page(replace(search, trials=(worst, *search.trials[1:])), "search")
    text = pages.to_json(page)
    assert "<" not in text
    history = next(one for one in json.loads(text)["pictures"] if one["name"] == "history")
    assert len(history["figure"]["data"][0]["customdata"]) == 27


def test_light_and_dark_pages_differ_in_colour(make_search: Make) -> None:
    search = make_search(5)
    light, dark = (pages.page(search, "search", dark=dark)["pictures"][0] for dark in (False, True))
    ink = [one["figure"]["layout"]["font"]["color"] for one in (light, dark)]
    assert ink[0] != ink[1]


def test_the_heading_tells_how_the_search_stands(make_search: Make) -> None:
    search = make_search(60)
    best = search.best
    assert best is not None
    assert pages.heading(search) == {
        "title": "made up",
        "loss": "mse",
        "ended": 60,
        "asked": None,
        "state": "",
        "failed": 6,
        "best": {"number": best.number, "name": best.name, "loss": best.score},
        "answer": None,
    }
    assert pages.heading(replace(search, answer={"sentences": ["So it is."]}))["answer"] == ["So it is."]
    assert pages.heading(make_search(0))["best"] is None


def test_the_table_has_a_row_for_every_trial_and_no_column_for_what_is_fixed(make_search: Make) -> None:
    search = make_search(60)
    table = trial_table.table(search)
    names = [column["name"] for column in table["columns"]]
    assert names == [
        *("trial", "profile", "loss", "status", "parameters", "worst_kept", "narrowest", "effective"),
        *("epochs", "secs", "reason", "num_layers", "units_1", "units_2", "units_3", "bottleneck"),
        *("learning_rate", "batch_size", "scaling"),
    ]
    assert [row[0] for row in table["rows"]] == list(range(60))
    trial = search.trials[5]
    row = dict(zip(names, table["rows"][5], strict=True))
    assert row["profile"] == trial.profile
    assert row["loss"] == trial.score
    assert row["narrowest"] == min(trial.units)
    assert (row["epochs"], row["reason"]) == (10, "")
    assert [row[f"units_{layer}"] for layer in (1, 2, 3)] == [
        trial.values.get(f"units_{layer}") for layer in (1, 2, 3)
    ]
    assert len(row["effective"].split("-")) == len(trial.units)
    assert row["learning_rate"] == trial.values["learning_rate"]


def test_the_table_says_null_for_what_is_not_known(make_search: Make) -> None:
    search = make_search(4)
    failed = replace(search.trials[3], units=(), parameters=0, values={"learning_rate": math.nan})
    table = trial_table.table(replace(search, trials=(failed,)))
    names = [column["name"] for column in table["columns"]]
    row = dict(zip(names, table["rows"][0], strict=True))
    unknown = ("loss", "parameters", "worst_kept", "narrowest", "learning_rate", "scaling")
    assert [row[name] for name in unknown] == [None] * len(unknown)
    assert row["status"] == Status.FAILED
    json.dumps(table, allow_nan=False)


def test_the_facts_of_a_trial_have_its_verdicts_in_words(make_search: Make) -> None:
    search = make_search(60)
    trial = next(one for one in search.ranked if len(one.units) == 3)
    facts = trial_facts(replace(search, notes={str(trial.number): "too slow"}), trial)
    assert facts["note"] == "too slow"
    assert trial.narrowing is not None
    said = [boundary.verdict for boundary in trial.narrowing.boundaries]
    assert [(one["word"], one["sentence"]) for one in facts["boundaries"]] == [
        (verdict.word, verdict.sentence) for verdict in said
    ]
    assert [one["where"] for one in facts["boundaries"]] == ["layer 1 to layer 2", "layer 2 to layer 3"]
    assert facts["boundaries"][0]["kept"] == trial.kept[0]
    assert facts["unmeasured"] == facts["repeat"] == ""
    assert [layer["units"] for layer in facts["layers"]] == list(trial.units)
    json.dumps(facts, allow_nan=False)


def test_the_facts_of_a_trial_say_where_its_loss_depends_on_rounding(make_search: Make) -> None:
    search = make_search(5)
    trial = search.ranked[0]
    assert trial.best_val_loss is not None
    facts = trial_facts(search, replace(trial, repeated=(1.31 * trial.best_val_loss,)))
    assert facts["repeat"].startswith("a repeat of its training ended with a loss 31% higher")


def test_the_boundary_from_the_input_comes_first(make_search: Make) -> None:
    search = make_search(20)
    trial = next(one for one in search.ranked if len(one.units) == 2)
    measured = trial.narrowing
    assert measured is not None
    entry = replace(
        measured.boundaries[0], before=9, verdict=Verdict("too narrow", "9 input channels to 2 units.")
    )
    found = Narrowing(measured.layers, measured.boundaries, 500, 7, entry)
    facts = trial_facts(search, replace(trial, measured=found.to_plain()))
    assert [one["where"] for one in facts["boundaries"]] == ["input to layer 1", "layer 1 to layer 2"]
    assert facts["boundaries"][0]["word"] == "too narrow"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": Status.FAILED, "measured": None}, "The trial failed, so nothing was measured."),
        ({"measured": None}, "The layers of this trial were not measured."),
        ({}, "One layer: there is no boundary at which anything could be lost."),
    ],
)
def test_why_there_are_no_verdicts_is_said(make_search: Make, change: dict[str, Any], reason: str) -> None:
    search = make_search(40)
    trial = replace(next(one for one in search.ranked if len(one.units) == 1), **change)
    facts = trial_facts(search, trial)
    assert facts["boundaries"] == []
    assert facts["unmeasured"] == reason


def test_why_a_trial_could_not_be_measured_is_said(make_search: Make) -> None:
    trial = Trial(4, {}, epochs=10, status=Status.COMPLETED, units=(8, 4), best_val_loss=0.5, best_epoch=2)
    kept = RecordedTrial.of(trial, '{"unmeasured": "ValueError: the states of layer 1 hold NaN"}')
    facts = trial_facts(make_search(2), kept)
    assert facts["boundaries"] == []
    assert facts["unmeasured"] == (
        "The layers of this trial could not be measured: ValueError: the states of layer 1 hold NaN"
    )


def test_neighbours_are_told_by_rank_and_by_number(make_search: Make) -> None:
    search = make_search(12)
    ranking = [trial.number for trial in search.ranked]
    first = trial_facts(search, search.ranked[0])
    assert (first["rank"], first["ranked"]) == (1, 11)
    assert first["by_rank"] == {"previous": None, "next": ranking[1]}
    last = trial_facts(search, search.ranked[-1])
    assert last["by_rank"] == {"previous": ranking[-2], "next": None}
    failed = trial_facts(search, search.trials[3])
    assert failed["rank"] is None
    assert failed["by_rank"] == {"previous": None, "next": None}
    assert failed["by_number"] == {"previous": 2, "next": 4}


def test_the_facts_of_a_study_have_a_row_for_each_arm(make_search: Make, studies: ModuleType) -> None:
    study = studies.layer_study()
    facts = study_facts(replace(make_search(1), studies=(study,)), study)
    assert [column["label"] for column in facts["columns"]] == [
        *("units of layer 2", "verdict", "loss", "95 % interval", "seeds", "profile", "parameters"),
        "learning rate",
    ]
    assert facts["rows"][0]["cells"] == ["32", "reference", "", "", "8", "32-32", "8,320", "0.01"]
    cells = facts["rows"][-1]["cells"]
    assert cells[:3] == ["1", "too narrow", "+240 %"] and cells[3].startswith("+209 % to +")
    assert [row["more"] for row in facts["rows"] if row["more"]] == ["about 14 more seeds would decide"]
    assert facts["sentences"] == list(study.sentences)
    assert "143 trainings of 1,000 steps" in facts["about"] and "up to +5 % does not matter" in facts["about"]
    json.dumps(facts, allow_nan=False)


def test_a_margin_larger_than_asked_for_has_its_reason(make_search: Make, studies: ModuleType) -> None:
    study = replace(studies.layer_study(), margin=0.65)
    about = study_facts(make_search(1), study)["about"]
    assert about.endswith("of up to +65 % (a hundredth of what there is to forecast) does not matter.")


def test_what_is_not_known_of_an_arm_is_left_empty(make_search: Make, studies: ModuleType) -> None:
    study = studies.layer_study()
    lost = replace(
        study.arms[1], word="not shown", losses=(None, 0.1), cost=None, low=None, high=None, rate=math.nan
    )
    open_end = replace(study.arms[2], word="not shown", further_seeds=None)
    facts = study_facts(make_search(1), replace(study, arms=(study.arms[0], lost, open_end)))
    assert facts["rows"][1]["cells"][1:5] == ["not shown", "", "", "2, 1 diverged"]
    assert facts["rows"][1]["cells"][-1] == "" and facts["rows"][1]["more"] == ""
    assert facts["rows"][2]["more"] == "too close to the line: hundreds of seeds would not decide"
    json.dumps(facts, allow_nan=False)
