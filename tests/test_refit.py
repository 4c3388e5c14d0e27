"""A trial's network trained again on what the search held back."""

import numpy as np
import polars as pl
import pytest

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import GO_ON
from narrows.tuning import tune
from narrows.tuning.cli.forecast_file import csv_of
from narrows.tuning.engines.base import Task
from narrows.tuning.engines.keras.training import Training
from narrows.tuning.models.forecast import forecast
from narrows.tuning.models.refit import refit
from narrows.tuning.series.ridge import refitted, ridge
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

SPACE = {"num_layers": 1, "units": 4, "bottleneck": 0, "learning_rate": 0.02, "scaling": "last"}
SEARCH = {"lookback": 6, "horizon": 2, "trials": 1, "epochs": 4, "progress": False, "split": "300,60,80"}


def table(rows=450):
    """A level that is another one in each part, and a category that only the last part has."""
    t = np.arange(rows)
    rng = np.random.default_rng(0)
    sold = 500 + 40 * np.sin(t / 4) ** 3 + 100 * (t >= 300) + 200 * (t >= 360) + rng.normal(size=rows)
    start = np.datetime64("2021-01-30", "us")
    kind = np.where(t < 360, np.where(t % 3, "a", "b"), "late")
    return pl.DataFrame({"day": start + t * np.timedelta64(1, "D"), "sold": sold, "kind": kind})


@pytest.fixture(scope="module", params=["none", "ridge"])
def run(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("refit") / "run"
    options = {
        "target": "sold",
        "time": "day",
        "features": "kind",
        "space": SPACE | {"linear": request.param},
    }
    return tune(table(), **options, out=folder, **SEARCH)


@pytest.mark.parametrize(("on", "rows"), [("train", 300), ("validation", 360), ("all", 450)])
def test_training_windows_reach_as_far_as_is_learned(on, rows):
    values = np.random.default_rng(0).normal(size=(450, 1))
    windows = Windows(Series("s", ("y",), values), 6, 2, "300,60,80", on)
    plain = Windows(Series("s", ("y",), values), 6, 2, "300,60,80")
    np.testing.assert_array_equal(windows.parts["train"], np.arange(6, rows - 1))
    for part in ("validation", "test"):
        np.testing.assert_array_equal(windows.parts[part], plain.parts[part])
    assert windows.scaler.mean[0] == pytest.approx(values[:rows].mean())
    assert windows.scaler.std[0] == pytest.approx(values[:rows].std())


def test_a_regression_that_is_fitted_again_to_the_same_windows_is_the_same():
    values = np.random.default_rng(0).normal(size=(450, 2)).cumsum(axis=0)
    series = Series("s", ("y",), values, features=("x",))
    windows = Windows(series, 6, 2, "300,60,80")
    found = ridge(windows)
    np.testing.assert_allclose(refitted(found, windows).fits[0].weights, found.fits[0].weights)
    more = refitted(found, Windows(series, 6, 2, "300,60,80", "all"))
    assert (more.fits[0].penalty, more.fits[0].rows) == (found.fits[0].penalty, found.fits[0].rows)
    assert np.abs(more.fits[0].weights - found.fits[0].weights).max() > 1e-6


@pytest.mark.parametrize("on", ["validation", "all"])
def test_it_is_the_last_average_of_plain_keras_on_these_rows(run, on):
    again = refit(run, run.best, on)
    assert again.epochs == run.best.best_epoch
    rows = again.windows.parts["test"]
    if run.best.best_epoch == 0:
        linear = refitted(ridge(run.windows), again.windows).linear
        z = linear(again.windows.inputs(rows))
    else:
        training = Training(again.engine.space, again.windows)
        task = Task(0, run.best.values, run.best.best_epoch, seed=run.best.seed, keep_state=True)
        outcome = training.train(task, lambda epoch: GO_ON)
        average = outcome.state[-5:]
        z = training.predict(run.best.values, [*average, *outcome.weights[5:]], rows)
    expected = again.windows.raw(z, rows)
    np.testing.assert_allclose(again.forecast(rows), expected, rtol=1e-3)


def test_the_export_says_what_it_learned_from_beside_the_honest_scores(run, tmp_path):
    plain = run.export(tmp_path / "plain")
    assert "refit" not in plain and plain["categories"] == {"kind": ["a", "b"]}
    part = run.export(tmp_path / "part", refit="validation")
    assert part["test_scores"] == plain["test_scores"]
    assert part["refit"]["on"] == "train and validation" and part["refit"]["epochs"] == run.best.best_epoch
    assert part["refit"]["windows"] == 353 and part["refit"]["test_scores"]["sold"]["RMSE"] > 0
    whole = run.export(tmp_path / "whole", refit="all")
    assert whole["refit"]["on"] == "all rows" and whole["refit"]["test_scores"] is None
    assert whole["categories"] == {"kind": ["a", "b", "late"]}
    assert whole["test_scores"] == plain["test_scores"]
    told = [csv_of(forecast(tmp_path / name, table())) for name in ("plain", "part", "whole")]
    assert len(set(told)) == 3
    assert plain["unseen"] == part["unseen"] == "those from 2022-01-25 on"
    assert whole["unseen"] == "those that came after the data it was trained on"


def test_what_cannot_be_is_told_before_anything_is_written(run, tmp_path):
    with pytest.raises(UserError, match="refit: 'test' is not one of validation, all"):
        run.export(tmp_path / "model", refit="test")
    assert not (tmp_path / "model").exists()
