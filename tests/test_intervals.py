"""Prediction intervals: what they hold, in the answer, in forecasts and in exported models."""

import csv
import io
import math

import numpy as np
import polars as pl
import pytest
import tensorflow as tf

from narrows.callbacks.narrowing import lstm_states
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.linear import stack_weights
from narrows.tuning import tune
from narrows.tuning.answers.against_words import covered
from narrows.tuning.cli.forecast_file import csv_of
from narrows.tuning.models.forecast import forecast
from narrows.tuning.models.intervals import FEWEST, Covered, Interval, band, coverage, enough
from narrows.tuning.models.raw import raw_inputs
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

SPACE = {"num_layers": 1, "units": 4, "bottleneck": 0, "learning_rate": 0.02, "scaling": "last"}
SEARCH = {"lookback": 6, "horizon": 2, "trials": 1, "epochs": 3, "progress": False}


def table(rows):
    t = np.arange(rows)
    rng = np.random.default_rng(0)
    sold = 500 + 40 * np.sin(t / 4) + rng.normal(size=rows)
    start = np.datetime64("2021-01-30", "us")
    return pl.DataFrame(
        {
            "day": start + t * np.timedelta64(1, "D"),
            "sold": sold,
            "left": 9 + np.cos(t / 9) * rng.random(rows),
        }
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two targets, 89 test windows."""
    folder = tmp_path_factory.mktemp("intervals") / "run"
    return tune(table(600), target=["sold", "left"], time="day", space=SPACE, out=folder, **SEARCH)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """One target, 14 test windows."""
    folder = tmp_path_factory.mktemp("few") / "run"
    return tune(table(100), target="sold", time="day", space=SPACE, out=folder, **SEARCH)


def residuals(run):
    from narrows.tuning.models.rebuilt import engine_of_run
    from narrows.tuning.models.rebuilt import test_forecast as forecast_of

    made = forecast_of(run, engine_of_run(run), run.best)
    return run.windows.raw_targets(run.windows.parts["test"]) - made


def test_the_forecasts_that_are_kept_are_those_of_the_best_model(run):
    """Naive: by a loop over the last windows, a horizon apart, one target after the other."""
    missed, rows, targets = residuals(run), run.windows.parts["test"], run.series.targets
    kept = run.recorded().forecasts
    assert [line.target for line in kept.lines] == list(targets) and kept.horizon == 2
    for column, line in enumerate(kept.lines):
        places = range((len(rows) - 1) % 2, len(rows), 2)
        actual = [run.series.values[rows[place] + step, column] for place in places for step in (0, 1)]
        own = [a - missed[place, step, column] for a, (place, step) in zip(
            actual, ((place, step) for place in places for step in (0, 1)), strict=True
        )]  # fmt: skip
        spread = max(actual) - min(actual)
        assert line.actual == pytest.approx(actual, abs=1e-4 * spread)
        assert line.forecast == pytest.approx(own, abs=2e-4 * spread)
        first = run.series.times[rows[places[0]]].astype("datetime64[D]")
        assert line.times[:2] == (str(first), str(first + 1)) and kept.dates
        error = run.answer["scores"]["LSTM"][line.target]["RMSE"]
        assert line.error == pytest.approx(error, rel=1e-4)
        by_step = kept.errors[line.target]["LSTM"]
        assert by_step == pytest.approx(np.sqrt((missed[..., column] ** 2).mean(axis=0)), rel=1e-3)
        scores = {name: one[line.target]["RMSE"] for name, one in list(run.answer["scores"].items())[1:]}
        assert kept.floors[line.target] == min(scores, key=scores.get)
    ends = Interval.of(missed, 90.0)
    assert kept.ends["sold"].lower == pytest.approx(ends.lower[:, 0], rel=1e-3)
    assert "forecasts" not in run.answer, "the answer is what people read"


def test_what_the_units_of_the_best_trial_did_is_kept_and_drawn(run):
    kept, weights = run.recorded().units, run.weights(run.best)
    assert not kept.why and [layer.units for layer in kept.layers] == [4]
    apart = run.best.values.get("channels") == "apart"
    for place, window in enumerate(kept.windows):
        past = run.windows.inputs(np.array([window.row]))
        column = run.series.targets.index(window.target)
        own = past[..., [column]] if apart else past
        last = own[:, -1:]
        states = lstm_states(stack_weights(weights, 1), own - last).layers[0][0, -6:]
        assert kept.values(1, "h")[place] == pytest.approx(states, abs=0.004)
    assert "units" not in run.answer, "the answer is what people read"
    names = [trace.name for trace in run.figure("unit").data]
    assert names[:2] == ["forecast", "truth"] and "remembered" in names


def test_the_search_knows_the_losses_of_each_epoch(run):
    (trial,) = run.recorded().trials
    epochs = run.store.epochs(0)
    assert trial.learning.epoch == tuple(one.epoch for one in epochs)
    assert trial.learning.validation == pytest.approx([one.val_loss for one in epochs], rel=1e-4)
    assert run.recorded_trial(run.best).curve == trial.curve


@pytest.mark.parametrize("name", ["forecast", "forecast_steps", "epochs", "learning"])
def test_a_run_has_these_pictures(run, name):
    assert run.figure(name).data


@pytest.mark.parametrize("level", [50, 80, 90, 95, 99])
def test_the_ends_are_the_order_statistics_of_split_conformal_prediction(level):
    """Naive: of the sorted residuals of a step, with n + 1 in place of n, the share a / 2 on either side."""
    r = np.random.default_rng(0).normal(size=(199, 2, 1))
    found = Interval.of(r, level)
    tail = (100 - level) / 200
    for step in (0, 1):
        ordered = sorted(r[:, step, 0])
        assert found.lower[step, 0] == ordered[math.floor(200 * tail) - 1]
        assert found.upper[step, 0] == ordered[math.ceil(200 * (1 - tail)) - 1]
    assert found.held(r).mean() == pytest.approx(level / 100, abs=0.011)


@pytest.mark.parametrize("count", [19, 40, 199])
def test_new_values_lie_outside_at_most_as_often_as_is_said(count):
    rng = np.random.default_rng(1)
    held = []
    for _ in range(2000):
        r = rng.standard_t(3, size=(count + 1, 1, 1))
        held.append(Interval.of(r[:-1], 90.0).held(r[-1:])[0, 0, 0])
    assert 0.89 <= np.mean(held) <= 0.9 + 2 / (count + 1) + 0.015


@pytest.mark.parametrize(
    ("count", "horizon", "level", "is_enough"),
    [
        (18, 1, 90, False),
        (19, 1, 90, True),
        (40, 12, 90, False),
        (FEWEST * 12, 12, 90, True),
        (99, 1, 99, False),
    ],
)
def test_an_interval_takes_windows_that_do_not_overlap_and_enough_for_its_ends(
    count, horizon, level, is_enough
):
    assert enough(np.arange(count), horizon, level) == is_enough
    assert enough(np.repeat(np.arange(count), 7), horizon, level) == is_enough, (
        "series of a panel share times"
    )
    if is_enough and horizon == 1:
        assert np.isfinite(Interval.of(np.zeros((count, 1, 1)), level).lower).all()


def test_each_half_of_the_windows_is_tried_by_the_other():
    """Naive: by a loop over the halves, those near the middle left out."""
    r, moments, horizon = np.random.default_rng(2).normal(size=(101, 3, 2)), np.arange(101), 3
    r[60:] *= 2
    found = coverage(r, moments, horizon, 80.0)
    first, second = np.arange(101) <= 48, np.arange(101) >= 52
    for here, there in ((first, second), (second, first)):
        made = Interval.of(r[here], 80.0)
        np.testing.assert_array_equal(found[there], (r[there] >= made.lower) & (r[there] <= made.upper))
    assert np.isnan(found[49:52]).all() and not np.isnan(found[:49]).any()
    assert coverage(r[:30], moments[:30], horizon, 80.0) is None


def test_the_band_is_that_of_independent_windows():
    low, high = band(90.0, 500, 1)
    hits = np.random.default_rng(0).binomial(500, 0.9, 100_000) / 5
    np.testing.assert_allclose((low, high), np.quantile(hits, (0.025, 0.975)), atol=0.3)
    wide = band(90.0, 500, 24)
    assert wide[0] < low and wide[1] == 100.0
    # Of 50 coverages all lie in theirs in 95 of 100 cases.
    low, high = band(90.0, 500, 1, of=50)
    hits = np.random.default_rng(0).binomial(500, 0.9, (4000, 50)) / 5
    assert ((hits >= low) & (hits <= high)).all(axis=1).mean() == pytest.approx(0.95, abs=0.02)


def noise(shops=("",), later=1.0, rows=1200):
    """White noise; in the last tenth of the rows of the last series `later` times as strong."""
    values = np.random.default_rng(3).normal(size=(len(shops), rows))
    values[-1, -rows // 10 :] *= later
    starts = np.arange(len(shops)) * rows
    return Series(
        "noise", ("y",), values.reshape(-1, 1), starts=starts, ids=tuple(shops),
        id_column="shop" if len(shops) > 1 else None,
    )  # fmt: skip


def test_the_answer_tells_how_often_intervals_held():
    windows = Windows(noise(), 4, 1, "0.4,0.1,0.5")
    found, (said,) = covered(np.zeros((len(windows.parts["test"]), 1, 1)), windows)
    whole = found.whole
    assert whole.as_meant and found.each == {}
    assert said == (
        "Intervals meant to hold 90% of what comes, made from one half of the test part, held "
        f"{whole.held:.0f}% in the other half ({whole.low:.0f} to {whole.high:.0f}% may be chance)."
    )
    assert covered(np.zeros((12, 1, 1)), Windows(noise(rows=80), 4, 1, "0.7,0.15,0.15")) == (None, [])


def test_series_of_which_they_do_not_hold_are_named():
    windows = Windows(noise(("a", "b", "c"), later=8.0), 4, 1, "0.4,0.1,0.5")
    rows = windows.parts["test"]
    found, (said,) = covered(np.zeros((len(rows), 1, 1)), windows)
    # One interval serves all: too narrow for the last series, too wide for the others.
    a, b, c = (found.each["y"][name] for name in "abc")
    assert c.held < c.low and a.held > a.high and b.held > b.high
    listed = f"a ({a.held:.0f}%), b ({b.held:.0f}%) and c ({c.held:.0f}%)"
    assert said.endswith(f"By more than chance it is another share for {listed}.")


def test_series_of_few_windows_each_are_not_said_to_be_off():
    windows = Windows(noise(tuple(map(str, range(60))), rows=120), 4, 1, "0.4,0.1,0.5")
    found, (said,) = covered(np.zeros((len(windows.parts["test"]), 1, 1)), windows)
    assert len(found.each["y"]) == 60 and "another share" not in said


def test_coverage_by_series_is_what_a_loop_over_them_finds():
    windows = Windows(noise(tuple("abcdefg"), later=3.0, rows=400), 4, 2, "0.4,0.1,0.5")
    rows = windows.parts["test"]
    residuals = windows.raw_targets(rows)
    held = coverage(residuals, windows.moments[rows], 2, 90.0)
    found = Covered.of(residuals, windows)
    for number, name in enumerate("abcdefg"):
        own = (rows >= 400 * number) & (rows < 400 * (number + 1))
        assert found.each["y"][name].held == pytest.approx(100 * np.nanmean(held[own]))
    assert found.whole.held == pytest.approx(100 * np.nanmean(held))
    many = Windows(noise(tuple(map(str, range(201))), rows=100), 4, 1, "0.4,0.1,0.5")
    found = Covered.of(many.raw_targets(many.parts["test"]), many)
    assert found.each == {} and 85 < found.whole.held < 95


def test_the_answer_of_a_run_has_its_coverage(run, few):
    told, expected = run.answer["interval"], Covered.of(residuals(run), run.windows)
    assert told == expected.plain
    assert any(said.startswith("Intervals meant to hold 90%") for said in run.answer["sentences"])
    assert few.answer["interval"] is None
    assert not any("Intervals meant to hold" in said for said in few.answer["sentences"])


def read(table):
    return list(csv.DictReader(io.StringIO(csv_of(table))))


def test_a_forecast_has_the_ends_of_its_interval_beside_it(run):
    made = Interval.of(residuals(run), 90.0)
    rows = read(run.forecast(table(600)))
    assert list(rows[0]) == [
        "day", "sold", "sold-lo-90", "sold-hi-90", "left", "left-lo-90", "left-hi-90",
    ]  # fmt: skip
    for step, row in enumerate(rows):
        for column, name in enumerate(("sold", "left")):
            for end, off in (("lo", made.lower), ("hi", made.upper)):
                off_by = float(row[f"{name}-{end}-90"]) - float(row[name])
                assert off_by == pytest.approx(off[step, column], rel=1e-5, abs=1e-6)
    narrow = read(run.forecast(table(600), level=50))
    assert float(narrow[0]["sold-lo-50"]) > float(rows[0]["sold-lo-90"])
    with pytest.raises(UserError, match="level: 120 is outside 50 to 99.9"):
        run.forecast(table(600), level=120)


def test_where_test_windows_are_few_there_is_no_interval_and_it_is_said(few, tmp_path):
    said = []
    made = forecast(few, table(100), note=said.append)
    assert made.columns == ["day", "sold"]
    assert said == [
        "no 90% interval: the test windows begin at 14 different times, and it takes 19; more data, a longer "
        "test part (--split) or a lower --level would do"
    ]
    about = few.export(tmp_path / "model", note=said.append)
    assert said[1] == said[0]
    assert about["level"] is None and list(about["outputs"]) == ["forecast"]
    assert list(read(forecast(few, table(100), level=80, note=pytest.fail))[0])[-1] == "sold-hi-80"


@pytest.mark.parametrize("format", ["savedmodel", "keras"])
def test_an_exported_model_gives_lower_and_upper(run, tmp_path, format):
    about = run.export(tmp_path / "model", level=80, format=format)
    assert about["level"] == 80 and list(about["outputs"]) == ["forecast", "lower", "upper"]
    made = Interval.of(residuals(run), 80)
    inputs = {"values": tf.constant(raw_inputs(run.series, 6, run.windows.parts["test"])["values"])}
    if format == "savedmodel":
        loaded = tf.saved_model.load(str(tmp_path / "model"))
        told = loaded.signatures["serving_default"](**inputs)
    else:
        import keras

        told = keras.models.load_model(tmp_path / "model" / "model.keras")(inputs)
    for end, off in (("lower", made.lower), ("upper", made.upper)):
        assert told[end].dtype == tf.float64
        np.testing.assert_allclose(
            told[end] - told["forecast"], np.broadcast_to(off, told[end].shape), atol=2e-3
        )
    assert forecast(tmp_path / "model", table(600)).equals(run.forecast(table(600), level=80))
    with pytest.raises(UserError, match="was exported with the interval of 80%; narrows export --level 95"):
        forecast(tmp_path / "model", table(600), level=95)
