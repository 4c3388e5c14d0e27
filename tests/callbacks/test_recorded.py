"""What is kept of a search goes to text and back; what TensorBoard keeps of it; which runs stay."""

from __future__ import annotations

import json
import math
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

from narrows.callbacks.kept_runs import KeptRuns
from narrows.callbacks.metrics import measured, metrics
from narrows.callbacks.recorded import Declared, RecordedSearch, RecordedTrial
from narrows.callbacks.tab_record import TabRecord
from narrows.search_spaces.best import best_of, ranked
from narrows.search_spaces.plain import to_plain
from narrows.search_spaces.trial import Status, Trial

FAILED = RecordedTrial(
    3,
    {"x": math.nan},
    epochs=10,
    status=Status.FAILED,
    reason="loss is <NaN>",
    units=(8, 2),
    parameters=500,
    best_val_loss=math.inf,
    secs=1.5,
)


def test_a_trial_comes_back_from_its_text(make_search):
    for trial in make_search(25).trials:
        assert RecordedTrial.from_json(trial.to_json()) == trial


def test_what_is_not_finite_is_null_in_the_text():
    def refuse(name):
        raise AssertionError(f"{name} is no JSON")

    found = json.loads(FAILED.to_json(), parse_constant=refuse)
    assert found["best_val_loss"] is None and found["values"] == {"x": None}
    assert RecordedTrial.from_json(FAILED.to_json()).reason == "loss is <NaN>"


def test_a_search_comes_back_from_its_head_and_its_trials(make_search):
    search = make_search(12)
    assert RecordedSearch.from_head(search.head_json(), search.trials) == search
    assert "trials" not in json.loads(search.head_json())


def test_studies_come_back_with_the_head_and_none_take_no_room(make_search, studies):
    search = make_search(3)
    assert "studies" not in json.loads(search.head_json())
    made = (studies.layer_study(), studies.bottleneck_study(), studies.shape_study())
    studied = replace(search, studies=made)
    found = RecordedSearch.from_head(studied.head_json(), search.trials)
    assert found == studied
    assert [arm.place for arm in found.studies[1].arms] == [None, 1, 1, 1, 2, 2, 2]


def test_a_study_is_found_by_its_name_and_else_it_is_the_newest(make_search, studies):
    old, new = studies.layer_study(), studies.shape_study()
    search = replace(make_search(1), studies=(old, new))
    assert search.study() is new and search.study("layer 2") is old
    assert search.study("layer 7") is None and make_search(1).study() is None


def test_numbers_of_a_study_that_are_not_finite_are_null(make_search, studies):
    study = studies.layer_study()
    lost = replace(study, arms=(replace(study.arms[0], rate=math.nan, losses=(None, 0.5)),))
    head = replace(make_search(1), studies=(lost,)).head_json()
    assert "NaN" not in head
    (arm,) = RecordedSearch.from_head(head, ()).studies[0].arms
    assert math.isnan(arm.rate) and arm.losses == (None, 0.5)


def test_trials_are_ranked_by_loss_and_failed_ones_left_out(make_search):
    search = make_search(40)
    losses = [trial.score for trial in search.ranked]
    assert losses == sorted(losses) and len(losses) == 36
    assert search.best is search.ranked[0] and search.trial(search.best.number) is search.best
    assert search.trial(3).score is None and search.trial(999) is None
    assert RecordedSearch("none", "mse", ()).best is None


def test_kept_is_what_the_boundaries_of_the_narrowing_say(make_search):
    for trial in make_search(30).trials:
        if trial.narrowing is None:
            assert trial.kept == ()
        else:
            expected = [boundary.kept.shown for boundary in trial.narrowing.boundaries]
            assert trial.kept == pytest.approx(expected, abs=1e-4)


def test_names_are_those_the_store_gives():
    assert FAILED.name == "t0003 8-2"
    assert RecordedTrial(12, {}, epochs=10).name == "t0012"


def test_every_event_is_there_and_steps_rise(make_search, tmp_path: Path):
    search = make_search(5)
    record = TabRecord(tmp_path, search)
    record.add(search.trials[2])
    record.tell(search)
    record.close()
    events = [event for event in _events(tmp_path) if event.summary.value]
    assert [event.step for event in events] == list(range(8))
    tags = [event.summary.value[0].tag for event in events]
    assert tags == ["search", *["trials"] * 6, "search"]
    texts = [event.summary.value[0].tensor.string_val[0] for event in events]
    assert RecordedTrial.from_json(texts[6]) == search.trials[2]
    assert {event.summary.value[0].metadata.plugin_data.plugin_name for event in events} == {"narrowing"}


def test_a_later_start_writes_the_record_anew(make_search, tmp_path: Path):
    TabRecord(tmp_path, make_search(5)).close()
    TabRecord(tmp_path, make_search(2)).close()
    assert len([event for event in _events(tmp_path) if event.summary.value]) == 3


def test_times_never_fall_and_starts_rise_whatever_the_clock_does(make_search, tmp_path: Path, monkeypatch):
    clock = [2e9]
    monkeypatch.setattr(time, "time", lambda: clock[0])
    monkeypatch.setattr(time, "time_ns", lambda: int(1e9 * clock[0]))
    search, starts = make_search(5), []
    for _ in range(3):
        record = TabRecord(tmp_path, search)
        clock[0] -= 86_400
        record.tell(search)
        record.close()
        events = _events(tmp_path)
        assert [event.wall_time for event in events] == [events[0].wall_time] * len(events)
        told = {event.summary.value[0].tensor.string_val[1] for event in events if event.summary.value}
        starts += [int(start) for start in told]
    assert starts == [2 * 10**18, 2 * 10**18 + 1, 2 * 10**18 + 2]


def _events(folder: Path):
    (path,) = (folder / "search").iterdir()
    return list(EventFileLoader(str(path)).Load())


@pytest.mark.parametrize("most", [2, 5, 40])
def test_the_best_and_the_newest_stay_as_a_plain_sort_says(most: int):
    losses = [None if n % 7 == 3 else float(x) for n, x in enumerate(np.random.default_rng(0).random(120))]
    kept, rule = set(), KeptRuns(most)
    for number, loss in enumerate(losses):
        kept.add(number)
        kept.discard(rule.add(Trial(number, {}, epochs=1, status=Status.COMPLETED, best_val_loss=loss)))
        newest = set(range(number + 1)[-(most - most // 2) :])
        older = sorted(set(range(number + 1)) - newest, key=lambda n: (losses[n] or math.inf, n))
        assert kept == newest | set(older[: most // 2])


def test_the_best_trial_keeps_its_run_where_many_have_a_lower_loss():
    rule = KeptRuns(4)
    losses = [0.98, 1.0, *(0.97 + number / 1000 for number in range(20))]
    trials = [
        Trial(number, {"scaling": "last" if number == 1 else "none"}, epochs=1, best_val_loss=loss)
        for number, loss in enumerate(losses)
    ]
    gone = {rule.add(trial) for trial in trials}
    assert best_of(trials).number == 1 and 1 not in gone
    assert set(range(22)) - gone == {1, 2, 20, 21}, "the best, the least loss, the newest two"


@pytest.mark.parametrize("seed", range(6))
def test_of_the_older_runs_the_last_in_rank_goes_whatever_makes_a_trial_the_best(seed: int):
    luck, most, rule = random.Random(seed), 8, KeptRuns(8)
    newest, older = [], []
    for number in range(80):
        known = {"best_val_loss": luck.choice([None, round(luck.uniform(0.9, 1.1), 2)])}
        if luck.random() < 0.1:
            known["again"] = (luck.uniform(0.5, 1.1), luck.uniform(0.5, 1.1))
        trial = Trial(number, {"scaling": luck.choice(["last", *["none"] * 6])}, epochs=1, **known)
        newest.append(trial)
        older += [newest.pop(0)] if len(newest) > most // 2 else []
        expected = None
        if len(older) > most // 2:
            scored = ranked(older)
            gone = [*scored, *(one for one in older if one not in scored)][-1]
            older.remove(gone)
            expected = gone.number
        assert rule.add(trial) == expected


class _Column:
    def __init__(self, name: str) -> None:
        self.name = name


COLUMNS = [_Column(name) for name in ("num_layers", "units_1", "units_2", "bottleneck", "learning_rate")]


def test_there_is_a_metric_for_each_layer_there_may_be():
    assert [name for name in metrics(COLUMNS) if "effective" in name] == [
        f"narrowing/effective_units_{layer}" for layer in (1, 2, 3)
    ]


@pytest.mark.parametrize(
    ("units", "summary", "expected"),
    [
        ((8,), {}, {}),
        (
            (8,),
            {"narrowest": 8.0, "effective_units_1": 3.0},
            {"worst_kept": 1, "narrowest": 8, "effective_units_1": 3, "effective_units_2": 0},
        ),
        (
            (8, 4),
            {"worst_kept": 0.25, "effective_units_1": 3.0, "effective_units_2": 2.0},
            {"worst_kept": 0.25, "effective_units_1": 3, "effective_units_2": 2},
        ),
        ((8, 4), {"narrowest": 4.0}, {"narrowest": 4}),  # narrows, and how much was kept is not known
    ],
)
def test_metrics_tell_what_is_absent_and_not_what_is_unknown(units, summary, expected):
    trial = RecordedTrial(
        0, {}, epochs=10, units=units, parameters=10, best_val_loss=0.5, best_epoch=2, summary=summary
    )
    found = measured(metrics(COLUMNS), trial)
    assert found.items() >= {"best/val_loss": 0.5, "parameters": 10, "best/epoch": 2}.items()
    narrowing = {
        name.removeprefix("narrowing/"): value for name, value in found.items() if name[:9] == "narrowing"
    }
    assert narrowing.items() >= expected.items()
    assert ("worst_kept" in narrowing) == ("worst_kept" in expected)


def test_declared_columns_have_the_scale_and_the_conditions_of_the_space():
    from narrows.callbacks.hparams import declared
    from narrows.search_spaces import StackedLSTM

    space = StackedLSTM(num_layers=(1, 2), units=(4, 128), dropout=0.0, bottleneck=0)
    found = {one.name: one for one in declared(space.hyperparameters())}
    assert list(found)[:2] == ["num_layers", "units_1"]
    ends = {"low": 4, "high": 128, "whole": True}
    assert found["units_1"] == Declared("units_1", numeric=True, log=True, **ends)
    assert found["units_2"] == Declared("units_2", numeric=True, log=True, always=False, **ends)
    assert found["dropout"].fixed and not found["learning_rate"].fixed and found["learning_rate"].log
    assert not found["scaling"].numeric
    assert found["scaling"].options == ("standard", "last") and found["scaling"].low is None
    assert found["dropout"].options == (0.0,)


def test_declared_columns_hold_the_values_of_every_kind_and_of_all_scopes():
    import keras_tuner

    from narrows.callbacks.hparams import declared

    hp = keras_tuner.HyperParameters()
    hp.Int("rows", 10, 40, step=10)
    hp.Int("doubled", 1, 64, step=2, sampling="log")
    hp.Float("share", 0.0, 1.0, step=0.25)
    hp.Boolean("deep")
    for deep, high in ((True, 8), (False, 16.5)):
        with hp.conditional_scope("deep", [deep]):
            hp.Float("width", 2.0 if deep else 1.0, high)
            hp.Choice("cell", ["lstm", "gru"] if deep else ["gru", "rnn"])
    found = {one.name: one for one in declared(hp)}

    def seen(name):
        one = found[name]
        return one.options or (one.low, one.high, one.whole, one.step)

    assert seen("rows") == (10, 40, True, 10)
    assert seen("doubled") == (1, 64, True, None), "it is multiplied"
    assert seen("share") == (0.0, 1.0, False, 0.25)
    assert seen("deep") == (True, False) or seen("deep") == (False, True)
    assert seen("width") == (1.0, 16.5, False, None)
    assert seen("cell") == ("lstm", "gru", "rnn")
    assert Declared.all_of(json.loads(json.dumps(to_plain(declared(hp))))) == declared(hp)
