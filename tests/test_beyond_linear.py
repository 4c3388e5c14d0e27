"""What the answer says of the LSTM beside a linear forecast of the same windows."""

import math

import numpy as np
import pytest

from narrows.tuning import tune
from narrows.tuning.answers import concluding
from narrows.tuning.answers.beyond_linear import MARGIN, BeyondLinear, beyond_linear
from narrows.tuning.cli.output import open_question
from narrows.tuning.models.rebuilt import engine_of_run
from narrows.tuning.series.losses import linear_losses
from narrows.tuning.series.ridge import ridge

SPACE = {"num_layers": 1, "units": 8, "bottleneck": 0, "learning_rate": [0.02], "scaling": "standard"}


def searched(folder, values, **more):
    options = {"lookback": 6, "trials": 2, "epochs": 6, "algorithm": "grid", "progress": False}
    return tune({"v": values}, target="v", out=folder, space=SPACE | more, **options)


def ar(rows):
    noise = np.random.default_rng(0).normal(size=rows)
    values = np.zeros(rows)
    for t in range(1, rows):
        values[t] = 0.7 * values[t - 1] + noise[t]
    return values


def logistic(rows):
    """Each value is a parabola of the one before: a line tells nothing of it."""
    values = np.full(rows, 0.3)
    for t in range(1, rows):
        values[t] = 3.9 * values[t - 1] * (1 - values[t - 1])
    return values


def test_no_width_is_recommended_where_a_linear_forecast_is_as_good(tmp_path, monkeypatch):
    monkeypatch.setattr(concluding, "confirm", lambda *_: pytest.fail("no wider layer is to be tried"))
    run = searched(tmp_path / "run", ar(700))
    assert {trial.values["linear"] for trial in run.trials} == {"none", "ridge"}
    _, loss = linear_losses(ridge(run.windows).linear, run.windows, "mse")
    ended = [trial for trial in run.trials if trial.values["linear"] == "ridge"]
    assert all(run.store.epochs(trial.number)[0].val_loss == pytest.approx(loss) for trial in ended)
    assert all(trial.best_val_loss <= loss * (1 + 1e-9) for trial in ended)
    answer = run.answer
    assert answer["adds_nothing"]
    assert answer["sentences"][-1].startswith("The LSTM alone is no better than a linear forecast here")
    assert not any("Layer" in said or "units" in said for said in answer["sentences"])
    assert open_question(run, run.best) == ""
    # What validation shows is believed where the test part cannot tell, and not where it objects.
    found = beyond_linear(run, engine_of_run(run), shown=True)
    assert found.sure and found.nothing == (found.gain < MARGIN)


def test_what_the_lstm_adds_is_told_where_it_adds_something(tmp_path):
    run = searched(tmp_path / "run", logistic(700), linear="ridge")
    assert not run.answer["adds_nothing"]
    assert not any("is no better than a linear" in one for one in run.answer["sentences"])
    assert any(one.startswith("Units that do different work") for one in run.answer["sentences"])
    # Measures are of what the linear forecast misses, and sentences say so.
    assert any("what the linear forecast misses" in one for one in run.answer["sentences"])
    assert open_question(run, run.best).startswith("narrows study ")


def test_a_search_without_linear_forecasts_says_nothing_of_them(tmp_path):
    run = searched(tmp_path / "run", ar(300), linear="none")
    assert not run.answer["adds_nothing"]
    assert not any("linear forecast" in said for said in run.answer["sentences"])


@pytest.mark.parametrize(
    "best, sure, nothing", [(0.98, True, False), (0.98, False, True), (0.995, True, True), (1.2, False, True)]
)
def test_less_than_a_percent_of_the_loss_is_nothing_and_so_is_what_may_be_chance(best, sure, nothing):
    found = BeyondLinear(1.0, best, 50, sure)
    assert found.nothing == nothing
    assert ("is no better than a linear" in found.sentence) == nothing
    assert ("test windows can show" in found.sentence) == (best == 0.98 and not sure)


def test_nothing_can_be_taken_off_a_loss_of_zero():
    assert BeyondLinear(0.0, 0.0, 50, sure=False).nothing


@pytest.mark.parametrize(
    "linear, best", [(math.inf, 1.0), (1.0, math.nan), (math.inf, math.inf), (1.0, math.inf)]
)
def test_a_loss_that_is_no_number_adds_nothing(linear, best):
    found = BeyondLinear(linear, best, 50, sure=False)
    assert found.nothing and found.sentence.startswith("Losses on the test part are no numbers")
