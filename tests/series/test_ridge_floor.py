"""The linear floor: a longer past than the window, chosen on validation as a naive loop chooses it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.linear_model import Ridge as SklearnRidge

from narrows.search_spaces import linear_fit
from narrows.tuning.series.floors import floors
from narrows.tuning.series.ridge import ridge
from narrows.tuning.series.ridge_floor import longer_windows, ridge_floor
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

ETTH1 = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "ETTh1.csv"


def series(*columns, starts=(0,), season=1, features=0):
    values = np.column_stack(columns)
    names = tuple(f"y{number}" for number in range(values.shape[1]))
    own = len(names) - features
    return Series(
        "s", names[:own], values, features=names[own:], starts=np.array(starts), ids=("",) * len(starts),
        season=season,
    )  # fmt: skip


def echo(rows, lag, seed=0):
    """A series whose values say nothing of each other but `lag` rows apart."""
    values = np.random.default_rng(seed).normal(size=rows)
    for t in range(lag, rows):
        values[t] += 0.9 * values[t - lag]
    return values


def test_each_target_reads_the_past_that_a_naive_loop_over_validation_chooses():
    data = series(echo(1500, 40), echo(1500, 15, seed=1), np.random.default_rng(2).normal(size=1500))
    windows = Windows(data, 10, 2, "1000,250,250")
    longer = {rows: Windows(data, rows, 2, windows.split) for rows in (20, 40, 80, 160)}
    first, found = ridge(windows), ridge_floor(windows)
    rows = windows.parts["validation"]
    assert len(rows) == 249 and all((one.parts["validation"] == rows).all() for one in longer.values())
    for target in range(3):
        error = first.fits[target].error
        reads, forecast = first.fits[target].rows, first.forecast(rows)[..., target]
        for count, one in longer.items():
            tried = ridge(one, first).forecast(rows)[..., target]
            truth = windows.raw_targets(rows)[..., target]
            other = np.square((tried - truth) / windows.scaler.std[target]).mean()
            if other < 0.95 * error:
                error, reads, forecast = other, count, tried
        assert found.reads[target] == reads
        np.testing.assert_allclose(found.forecast(rows)[..., target], forecast, rtol=1e-9, atol=1e-9)
    assert found.reads[:2] == (40, 20) and found.reads[2] <= 10


def test_a_longer_past_is_a_ridge_of_scikit_learn_in_the_form_found_for_the_window():
    windows = Windows(series(echo(900, 30), np.arange(900.0) % 7, features=1), 16, 1, "0.6,0.2,0.2")
    long = Windows(windows.series, 32, 1, windows.split)
    own = ridge(windows)
    (one,) = ridge(long, own).fits
    assert (one.rows, one.level, one.features) == (32, own.fits[0].level, own.fits[0].features) == (32, 1, 0)
    rows = long.parts["train"]
    x, y = long.inputs(rows)[:, :, 0].astype(float), long.targets(rows)[:, :, 0]
    inputs = np.column_stack([x[:, :-1] - x[:, -1:], x[:, -1]])
    alpha = one.penalty * np.square(inputs - inputs.mean(axis=0)).mean() * inputs.size / inputs.shape[1]
    theirs = SklearnRidge(alpha).fit(inputs, y - x[:, -1:])
    np.testing.assert_allclose(one.weights[:32, 0], theirs.coef_.ravel(), atol=1e-5)


def test_features_that_are_too_many_for_a_longer_past_are_left_out(monkeypatch):
    x = np.random.default_rng(3).normal(size=800)
    data = series(np.roll(x, 1) + 0.1 * echo(800, 3), x, features=1)
    windows, long = (Windows(data, rows, 1, "0.6,0.2,0.2") for rows in (8, 16))
    own = ridge(windows)
    assert own.fits[0].features and ridge(long, own).fits[0].features
    monkeypatch.setattr(linear_fit, "MOST_INPUTS", 31)
    assert not ridge(long, own).fits[0].features
    assert ridge_floor(windows).reads[0] <= 8, "the feature says more than a longer past without it"


@pytest.mark.parametrize(
    ("rows", "season", "lookback", "tried"),
    [
        (4000, 1, 10, [20, 40, 80, 160, 320]),  # to 336 rows
        (2000, 300, 75, [150, 300]),  # a quarter of 1200 rows
        (8000, 300, 75, [150, 300, 600]),  # to two seasons
        (100, 1, 10, []),  # a quarter of 60 rows
        (2000, 1, 200, []),
    ],
)
def test_the_past_is_doubled_up_to_its_bounds(rows, season, lookback, tried):
    windows = Windows(series(echo(rows, 3), season=season), lookback, 1, "0.6,0.2,0.2")
    assert [one.lookback for one in longer_windows(windows)] == tried


def test_every_window_that_is_scored_has_its_whole_past():
    # The last stretch, with all test windows, begins 30 rows before the test part.
    windows = Windows(series(echo(1000, 40), starts=(0, 770)), 10, 1, "600,200,200")
    assert [one.lookback for one in longer_windows(windows)] == []
    windows = Windows(series(echo(1000, 40), starts=(0, 20)), 10, 1, "600,200,200")
    assert [one.lookback for one in longer_windows(windows)] == [20, 40, 80]
    # Of many short series none has a training window of 40 rows.
    many = series(np.tile(echo(60, 5), 20), starts=tuple(range(0, 1200, 60)))
    many = replace(many, ids=tuple("abcdefghijklmnopqrst"))
    assert [one.lookback for one in longer_windows(Windows(many, 10, 1, "36,12,12"))] == [20]


def test_no_test_value_reaches_the_choice():
    windows = Windows(series(echo(1500, 40)), 10, 2, "1000,250,250")
    values = windows.series.values.copy()
    values[windows.part_of_row == 2] *= -50
    other = Windows(replace(windows.series, values=values), 10, 2, windows.split)
    rows = windows.parts["validation"]
    assert ridge_floor(other).reads == ridge_floor(windows).reads == (40,)
    assert (ridge_floor(other).forecast(rows) == ridge_floor(windows).forecast(rows)).all()


def test_the_floors_tell_what_is_read_beyond_the_window():
    windows = Windows(
        series(echo(1500, 40), np.random.default_rng(2).normal(size=1500)), 10, 2, "0.6,0.2,0.2"
    )
    found = floors(windows)
    assert found.reads == {"y0": 40}
    rows = windows.parts["test"]
    long, own = (found.forecasts[name] for name in ("ridge autoregression", "ridge on the window"))
    np.testing.assert_array_equal(long, ridge_floor(windows).forecast(rows))
    np.testing.assert_array_equal(own, ridge(windows).forecast(rows))
    assert (long[..., 0] != own[..., 0]).any() and (long[..., 1] == own[..., 1]).all()
    wide = floors(Windows(windows.series, 40, 2, windows.split))
    assert wide.reads == {} and "ridge on the window" not in wide.forecasts


def test_a_window_of_half_a_day_of_etth1_is_no_easier_to_beat_than_one_of_four_days():
    if not ETTH1.exists():
        pytest.skip("ETTh1.csv is not among the shared data")
    oil = pl.read_csv(ETTH1)["OT"].to_numpy()
    windows = Windows(series(oil, season=24), 12, 24, "8640,2880,2880")
    rows = windows.parts["test"]

    def error(forecast):
        return np.square((forecast - windows.raw_targets(rows)) / windows.scaler.std).mean()

    assert round(error(ridge(windows).forecast(rows)), 4) == 0.0304
    found = ridge_floor(windows)
    assert error(found.forecast(rows)) <= 0.0265
    assert found.reads == (192,)
