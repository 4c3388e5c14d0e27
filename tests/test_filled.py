"""A search on data with missing values: what was filled in is in no loss, no score and no forecast."""

from __future__ import annotations

import dataclasses
import logging
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning import job_data, tune
from narrows.tuning.cli import main
from narrows.tuning.series import read_series
from narrows.tuning.series.series import MEASURED
from narrows.tuning.studies.asked import windows_without

SHOPS, DAYS = "abcdef", 60
SPACE = {"num_layers": 1, "units": 2, "bottleneck": 0, "linear": "ridge", "scaling": "standard"}


def sales():
    """Six shops that end one after the other, each with rows without sales at its end."""
    rng = np.random.default_rng(0)
    frames = []
    for number, shop in enumerate(SHOPS):
        days = np.arange(25 + 7 * number)
        sold = np.round(np.sin(days) + rng.normal(size=len(days)), 3)
        sold[-2:] = np.nan
        price = np.where(rng.uniform(size=len(days)) < 0.8, days % 5, np.nan)
        price[0] = 1.0
        frames.append(pl.DataFrame({"shop": shop, "day": days, "sold": sold, "price": price}))
    return pl.concat(frames)


ROLES = {"target": "sold", "features": "price", "time": "day", "id": "shop", "missing": "ffill"}


def search(folder, engine, source=None):
    return tune(
        sales() if source is None else source,
        **ROLES,
        lookback=4,
        horizon=2,
        folds=1,
        space=SPACE,
        engine=engine,
        trials=2,
        epochs=2,
        progress=False,
        out=folder,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return search(tmp_path_factory.mktemp("filled") / "run", "fused")


@pytest.mark.parametrize("engine", ["fused", "keras"])
def test_no_loss_and_no_score_changes_with_what_filled_targets_hold(run, engine, tmp_path, monkeypatch):
    # No window but those that are left out shows the last rows of a shop.
    if engine != "fused":
        run = search(tmp_path / "as-filled", engine)

    def poisoned(*args, **kwargs):
        series = read_series(*args, **kwargs)
        values = series.values.copy()
        values[:, 0] = np.where(series.filled[:, 0] == MEASURED, values[:, 0], 1e6)
        return dataclasses.replace(series, values=values)

    monkeypatch.setattr(job_data, "read_series", poisoned)
    other = search(tmp_path / "poisoned", engine)
    assert (other.series.values == 1e6).sum() == 2 * len(SHOPS)
    assert [trial.best_val_loss for trial in other.trials] == [trial.best_val_loss for trial in run.trials]
    assert other.answer["scores"] == run.answer["scores"]
    assert other.store.meta("answer")["sentences"] == run.store.meta("answer")["sentences"]
    assert (
        other.recorded_trial(other.best).narrowing.summary()
        == run.recorded_trial(run.best).narrowing.summary()
    )
    assert sum(left.filled for left in run.windows.left_out.values()) > 6


def test_a_forecast_begins_after_the_last_measured_row_and_says_so(run, caplog):
    with caplog.at_level(logging.WARNING):
        made = run.forecast(sales())
    days = list(made.select("shop", "day").iter_rows())
    assert days == [(shop, 23 + 7 * n + step) for n, shop in enumerate(SHOPS) for step in range(2)]
    no_interval, behind, told, filled = caplog.messages
    assert no_interval.startswith("no 90% interval: the test windows begin at ")
    assert told.startswith(
        "data: the newest rows of 6 series lack a measured target, so the forecast begins earlier: 'a' after "
        "22, 2 rows before the end, 'b' after 29, 2 rows before the end, "
    )
    assert "filled in, of the rows that the forecast looks back on: price 5" in filled
    assert behind.startswith(
        "data: a forecast begins where its series ends; for 5 of 6 series that is before"
    )
    # Rows that were never measured change nothing of it.
    caplog.clear()
    measured = sales().filter(pl.col("sold").is_not_nan())
    assert run.forecast(measured).equals(made)
    assert [text for text in caplog.messages if "lack" in text] == []


def test_the_command_tells_on_standard_error_where_a_forecast_begins(run, tmp_path, monkeypatch, capsys):
    frame = sales().filter((pl.col("shop") == "f") & (pl.col("day") != 59))
    frame.write_csv(tmp_path / "sales.csv")
    monkeypatch.setattr("sys.argv", ["narrows", "forecast", str(run.folder), str(tmp_path / "sales.csv")])
    with pytest.raises(SystemExit) as exit:
        main()
    out, err = capsys.readouterr()
    assert not exit.value.code and out.splitlines()[1].startswith("f,58,")
    assert (
        "sales: the newest rows of 1 series lack a measured target, so the forecast begins earlier: 'f' "
        "after 57, 1 row before the end\n"
    ) in err


def test_a_series_whose_measured_rows_are_too_few_is_not_forecast(run):
    few = sales().filter((pl.col("shop") == "a") & ((pl.col("day") < 3) | (pl.col("day") > 22)))
    with pytest.raises(UserError) as caught:
        run.forecast(few)
    assert "looks back on 4 unbroken rows up to the last one with measured targets" in str(caught.value)
    assert "they have fewer: 'a' (3 rows)" in str(caught.value)


def test_a_search_says_how_many_windows_are_left_out(run, tmp_path, monkeypatch, capsys):
    sales().write_csv(tmp_path / "sales.csv")
    told = ["--target", "sold", "--features", "price", "--time", "day", "--id", "shop", "--missing", "ffill"]
    small = [
        "--layers",
        "1",
        "--units",
        "2",
        "--lookback",
        "4",
        "--horizon",
        "2",
        "--trials",
        "1",
        "--epochs",
        "1",
    ]
    monkeypatch.setattr(
        "sys.argv",
        ["narrows", "tune", str(tmp_path / "sales.csv"), *told, *small, "-o", str(tmp_path / "run")],
    )
    with pytest.raises(SystemExit) as exit:
        main()
    assert not exit.value.code
    note = "windows to train, validate and test, because a value that they would forecast was filled in."
    assert note in capsys.readouterr().err
    from narrows.tuning.report.about import searched

    assert note.removesuffix(".") in str(searched(run))


def test_a_study_of_a_feature_leaves_the_same_windows_out(run):
    job = {"identity": run.job["identity"]}
    without = windows_without(SimpleNamespace(windows=run.windows, series=run.series, job=job), "price")
    assert without.series.columns == ("sold",)
    for part, rows in run.windows.parts.items():
        np.testing.assert_array_equal(without.parts[part], rows)
    assert without.left_out == run.windows.left_out


@pytest.mark.parametrize("missing", ["ffill", "interpolate"])
def test_nothing_is_found_in_white_noise_with_half_of_its_values_missing(missing, tmp_path):
    values = np.random.default_rng(1).normal(size=1500)
    values[np.random.default_rng(2).uniform(size=1500) < 0.5] = np.nan
    found = tune(
        {"y": values},
        target="y",
        missing=missing,
        lookback=8,
        space=SPACE,
        trials=1,
        epochs=5,
        progress=False,
        out=tmp_path / "run",
    )
    actual = found.windows.raw_targets(found.windows.parts["test"])
    scores = {name: score["y"]["RMSE"] for name, score in found.answer["scores"].items()}
    assert 0.97 < scores["LSTM"] / actual.std() < 1.1
    # A longer past may have been chosen by luck; the regression on the window stands beside it then.
    assert scores["LSTM"] > 0.98 * min(score for name, score in scores.items() if "ridge" in name)
