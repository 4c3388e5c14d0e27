"""What the pictures of learning curves promise: of the best trials together, and of one trial."""

from __future__ import annotations

import json
import math
import time
from dataclasses import replace
from itertools import groupby

import pytest

from narrows.callbacks.curve import Curve
from narrows.callbacks.figures import NothingToShow, draw
from narrows.callbacks.figures.learning import MOST, MOST_EARLY
from narrows.callbacks.recorded import RecordedSearch, RecordedTrial
from narrows.search_spaces.plain import Unreadable, to_plain
from narrows.search_spaces.trial import Status

LOSSES = [(0, 0.9, 0.8), (1, 0.6, 0.7), (2, 0.4, 0.5), (3, 0.2, 0.6)]
HOSTILE = "<img src=x onerror=alert(1)>"


def trial_of(number=0, losses=LOSSES, **known):
    facts = {"status": Status.COMPLETED, "best_val_loss": 0.5, "best_epoch": 2, "units": (8,)} | known
    return RecordedTrial(number, {}, epochs=9, curve=to_plain(Curve.of(losses)), **facts)


def search_of(*trials):
    return RecordedSearch("made by hand", "mse", (), trials)


def named(figure, name):
    return next(trace for trace in figure.data if trace.name == name)


def numbers_in(trace):
    return {number for number in trace.customdata if number is not None}


def test_a_trial_shows_its_losses_its_best_epoch_and_where_it_began():
    figure = draw("epochs", search_of(), trial_of())
    assert named(figure, "on training data").y[:-1] == (0.9, 0.6, 0.4, 0.2)
    assert named(figure, "on the validation part").x[:-1] == (0, 1, 2, 3)
    best = named(figure, "best epoch")
    assert (*best.x, *best.y) == (2, 0.5)
    assert set(named(figure, "linear forecast, where it began").y) == {0.8}
    assert figure.layout.yaxis.type == "log"


def test_a_trial_without_a_linear_forecast_has_no_level():
    names = [trace.name for trace in draw("epochs", search_of(), trial_of(losses=LOSSES[1:])).data]
    assert "linear forecast, where it began" not in names


def test_other_seeds_and_folds_are_marks_at_the_end():
    trial = trial_of(again=(0.55, None, 0.45), folds=(0.5, 0.7, math.nan))
    figure = draw("epochs", search_of(), trial)
    assert named(figure, "other seeds").y == (0.55, 0.45)
    assert named(figure, "other folds").y == (0.7,), "the first one is the curve's own"
    assert named(figure, "other seeds").x[0] > 3


def test_a_loss_below_zero_makes_the_scale_linear_and_a_lost_one_a_gap():
    trial = trial_of(losses=[(1, math.nan, 0.5), (2, -1.0, -2.0), (3, None, math.inf)])
    figure = draw("epochs", search_of(), trial)
    assert figure.layout.yaxis.type == "linear"
    assert named(figure, "on training data").y == (None, -1.0, None, None)
    assert named(figure, "best epoch").y == (-2.0,)


@pytest.mark.parametrize(
    ("trial", "said"),
    [
        (RecordedTrial(0, {}, epochs=9), "The epochs of this trial are not known."),
        (trial_of(losses=[(1, math.nan, math.nan)]), "The epochs of this trial are not known."),
        (
            RecordedTrial(0, {}, epochs=9, status=Status.FAILED),
            "The trial failed before an epoch was finished.",
        ),
    ],
)
def test_without_an_epoch_it_says_why(trial, said):
    with pytest.raises(NothingToShow) as caught:
        draw("epochs", search_of(trial), trial)
    assert str(caught.value) == said


def test_the_best_ten_trials_are_drawn_and_those_that_ended_early_are_faint():
    best = [trial_of(number, best_val_loss=0.5 + number) for number in range(15)]
    early = [trial_of(n, status=Status.STOPPED, best_val_loss=99.0) for n in range(15, 15 + MOST_EARLY + 5)]
    figure = draw("learning", search_of(*best, *early))
    assert numbers_in(named(figure, "best")) == {0}
    assert numbers_in(named(figure, "next best")) == set(range(1, MOST))
    faint = named(figure, "ended early")
    assert numbers_in(faint) == set(range(20, 15 + MOST_EARLY + 5)), "the newest"
    runs = [[*some] for known, some in groupby(faint.customdata, lambda one: one is not None) if known]
    assert len(runs) == MOST_EARLY and all(len(set(run)) == 1 for run in runs), "a gap after each"


def test_a_search_whose_epochs_are_not_known_says_so():
    with pytest.raises(NothingToShow, match="^The epochs of these trials are not known.$"):
        draw("learning", search_of(replace(trial_of(), curve=None)))


@pytest.mark.parametrize("name", ["learning", "epochs"])
def test_texts_of_a_record_are_shown_literally(name):
    trial = trial_of(reason=HOSTILE, again=(0.4,))
    search = replace(search_of(trial), loss=HOSTILE, title=HOSTILE)
    figure = draw(name, search, trial if name == "epochs" else None)
    assert "<img" not in json.dumps(json.loads(figure.to_json(), parse_constant=pytest.fail))


def test_curves_of_different_lengths_are_refused():
    broken = replace(trial_of(), curve={"epoch": [1, 2], "train": [0.5], "validation": [0.5, 0.4]})
    with pytest.raises(Unreadable, match="not one for each epoch"):
        draw("epochs", search_of(), broken)


def test_a_thousand_long_curves_are_drawn_at_once():
    long = [(epoch, 1 / epoch, 1.1 / epoch) for epoch in range(1, 401)]
    curve = trial_of(losses=long).curve
    trials = [
        replace(trial_of(n, status=Status.STOPPED if n % 2 else Status.COMPLETED), curve=curve)
        for n in range(1000)
    ]
    begun = time.perf_counter()
    figure = draw("learning", search_of(*trials))
    assert sum(len(trace.x) for trace in figure.data) < 15_000
    assert time.perf_counter() - begun < 2
