"""`Forecaster`: a search and its forecasts as an estimator of scikit-learn's kind."""

import gc
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.base import clone

import narrows
from narrows.search_spaces.errors import UserError

OPTIONS = {
    "target": "y",
    "time": "ds",
    "horizon": 2,
    "lookback": 4,
    "trials": 1,
    "epochs": 1,
    "folds": 1,
    "space": {"num_layers": 1, "units": 2, "bottleneck": 0, "learning_rate": 0.01, "linear": "ridge"},
}


def sales():
    days = np.datetime64("2024-01-01", "us") + np.timedelta64(1, "D") * np.arange(200)
    return pl.DataFrame({"ds": days, "y": 5 + np.sin(np.arange(200) / 3)}).to_pandas()


@pytest.fixture(scope="module")
def fitted():
    return narrows.Forecaster(**OPTIONS).fit(sales())


def test_it_forecasts_what_the_run_forecasts_in_the_users_kind_of_frame(fitted):
    made = fitted.predict(sales(), name="LSTM")
    assert list(made.columns) == ["ds", "LSTM", "LSTM-lo-90", "LSTM-hi-90"] and len(made) == 2
    assert made.equals(fitted.run_.forecast(sales(), name="LSTM"))
    assert len(fitted.predict(sales(), origins=3)) == 6


def test_a_clone_has_its_options_and_is_not_fitted(fitted):
    copy = clone(fitted)
    assert copy.get_params() == fitted.get_params() == {"progress": False, **OPTIONS}
    with pytest.raises(UserError, match=r"not fitted: call fit\(data\) first"):
        copy.predict(sales())
    assert copy.set_params(horizon=3).get_params()["horizon"] == 3
    assert fitted.get_params()["horizon"] == 2


@pytest.mark.parametrize("make", [lambda **one: narrows.Forecaster(**one), narrows.Forecaster().set_params])
def test_an_option_that_there_is_not_is_told(make):
    with pytest.raises(UserError, match="a Forecaster has no option 'horizn'; did you mean 'horizon'?"):
        make(horizn=7)


def test_a_run_without_a_folder_goes_with_its_forecaster(monkeypatch):
    def tune(data, *, out, **options):
        Path(out).mkdir()
        made.append(Path(out))

    made = []
    monkeypatch.setattr("narrows.tuning.forecaster.tune", tune)
    forecaster = narrows.Forecaster().fit(None)
    assert made[0].is_dir()
    forecaster.fit(None)
    assert not made[0].exists() and made[1].is_dir()
    del forecaster
    gc.collect()
    assert not made[1].parent.exists()
    kept = narrows.Forecaster(out=made[0].parent / "kept")
    made[0].parent.mkdir()
    kept.fit(None)
    assert made[2].is_dir() and made[2].name == "kept"
    made[2].rmdir(), made[0].parent.rmdir()
