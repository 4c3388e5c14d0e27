"""What was filled in: never forecast, never judged by, and never drawn from what comes after a forecast."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from narrows.search_spaces.errors import UserError
from narrows.tuning.runs.snapshot import load_series, save_series
from narrows.tuning.series import read_series
from narrows.tuning.series.floors import floors
from narrows.tuning.series.measured import measured_windows
from narrows.tuning.series.metrics import mase_scale, scores
from narrows.tuning.series.reading import write_series
from narrows.tuning.series.scaler import Scaler
from narrows.tuning.series.series import INTERPOLATED, MEASURED, REPEATED, Series
from narrows.tuning.series.splits import PARTS
from narrows.tuning.series.windows import Windows

NAN, SPLIT = float("nan"), "0.6,0.2,0.2"


def with_holes(seed: int = 0, rows: int = 4000, share: float = 0.5) -> np.ndarray:
    """White noise of variance 1 with a share of its values missing."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=rows)
    values[rng.uniform(size=rows) < share] = NAN
    return values


@pytest.mark.parametrize("missing", ["ffill", "interpolate"])
@pytest.mark.parametrize("seed", range(3))
def test_half_of_white_noise_missing_is_forecast_no_better_than_white_noise(missing: str, seed: int) -> None:
    windows = Windows(read_series({"y": with_holes(seed)}, target="y", missing=missing), 24, 1, SPLIT)
    actual = windows.raw_targets(windows.parts["test"])
    rmse = {name: scores(actual, f, windows)["y"]["RMSE"] for name, f in floors(windows).forecasts.items()}
    # No forecast has less than the standard deviation; that of the last value has the root of 2.
    assert 0.98 < rmse["ridge autoregression"] / actual.std() < 1.1
    assert rmse["last value"] / actual.std() == pytest.approx(2**0.5, abs=0.1)


def test_every_second_value_of_white_noise_missing_is_forecast_no_better_or_refused() -> None:
    values = np.random.default_rng(0).normal(size=4000)
    values[1::2] = NAN
    windows = Windows(read_series(values, target=None, missing="ffill"), 24, 1, SPLIT)
    actual = windows.raw_targets(windows.parts["test"])
    assert len(actual) == 400
    rmse = scores(actual, floors(windows).forecasts["ridge autoregression"], windows)["y"]["RMSE"]
    assert 0.98 < rmse / actual.std() < 1.1
    with pytest.raises(UserError) as caught:
        Windows(read_series(values, target=None, missing="interpolate"), 24, 1, SPLIT)
    assert str(caught.value) == (
        "data: the train part has no window left of 2,376: in 1,188 a value to forecast was filled in; "
        "1,188 would begin inside an interpolated gap and read a value that comes after; use --missing "
        "ffill, which reads nothing that comes after, more data or another --split"
    )


numbers = st.one_of(st.none(), st.integers(0, 9).map(float))
texts = st.sampled_from(["u", "v", None])


@st.composite
def two_tables(draw: Any) -> tuple[dict[str, list], dict[str, list], int]:
    """Return two tables of two series that are equal before a moment, and that moment."""
    rows = draw(st.integers(4, 20))
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 3]), min_size=rows, max_size=rows))
    times = np.tile(np.cumsum(steps), 2)
    origin = int(draw(st.sampled_from(times.tolist())))

    def column(cells: st.SearchStrategy) -> tuple[list, list]:
        one, other = (draw(st.lists(cells, min_size=2 * rows, max_size=2 * rows)) for _ in range(2))
        return one, [b if t >= origin else a for a, b, t in zip(one, other, times, strict=True)]

    keys = {"id": ["a"] * rows + ["b"] * rows, "t": times.tolist()}
    columns = {name: column(texts if name == "c" else numbers) for name in ("y", "z", "x", "c")}
    first, second = ({**keys, **{name: both[n] for name, both in columns.items()}} for n in range(2))
    return first, second, origin


@settings(max_examples=400, deadline=None)
@given(two_tables(), st.sampled_from(["ffill", "interpolate", "drop"]))
def test_no_window_reads_anything_that_comes_after_its_origin(tables: Any, missing: str) -> None:
    *both, origin = tables
    past = []
    for table in both:
        try:
            series = read_series(table, target=["y", "z"], features="x,c", time="t", id="id", missing=missing)
        except UserError:
            return  # a column is empty, or no row is complete
        times = series.times
        assert times is not None
        first = series.starts[np.searchsorted(series.starts, np.arange(series.rows), "right") - 1]
        rows = np.flatnonzero((times == origin) & (first < np.arange(series.rows)))
        kept, _ = measured_windows(series, rows, 1)
        # All of the past, and not only a lookback: floors look a season back.
        past.append(
            {
                series.ids[np.searchsorted(series.starts, row, "right") - 1]: (
                    series.values[first[row] : row].tolist(),
                    [series.categories[0][code] for code in series.codes[first[row] : row, 0]],
                )
                for row in kept
            }
        )
    one, other = past
    for name in one.keys() & other.keys():
        event("compared")
        assert one[name] == other[name]


@st.composite
def filled_series(draw: Any) -> Series:
    lengths = draw(st.lists(st.integers(3, 25), min_size=1, max_size=3))
    rows = sum(lengths)
    states = st.sampled_from([MEASURED] * 6 + [REPEATED, INTERPOLATED])
    filled = np.array(draw(st.lists(states, min_size=3 * rows, max_size=3 * rows)), np.int8).reshape(rows, 3)
    return Series(
        name="s",
        targets=("y", "z"),
        features=("x",),
        values=np.random.default_rng(rows).normal(size=(rows, 3)),
        starts=np.cumsum([0, *lengths[:-1]]),
        ids=("",) * len(lengths),
        filled=filled,
    )


@settings(max_examples=300, deadline=None)
@given(filled_series(), st.integers(1, 4), st.integers(1, 3))
def test_the_windows_left_are_those_of_the_definition_and_the_others_are_counted(
    data: Series, lookback: int, horizon: int
) -> None:
    filled = data.filled
    assert filled is not None
    complete = dataclasses.replace(data, filled=None)
    try:
        everything = Windows(complete, lookback, horizon, SPLIT).parts
    except UserError:
        return  # too few rows: test_windows.py
    found: dict[str, list[int]] = {part: [] for part in PARTS}
    told = {part: [0, 0] for part in PARTS}
    for part, rows in everything.items():
        for row in rows.tolist():
            if any(filled[r, column] for r in range(row, row + horizon) for column in range(2)):
                told[part][0] += 1
            elif any(filled[row - 1, column] == INTERPOLATED for column in range(3)):
                told[part][1] += 1
            else:
                found[part].append(row)
    try:
        windows = Windows(data, lookback, horizon, SPLIT)
    except UserError as error:
        assert not all(found.values()) or "constant" in str(error)
        return
    event("cut")
    assert {part: rows.tolist() for part, rows in windows.parts.items()} == found
    assert {part: [one.filled, one.ahead] for part, one in windows.left_out.items()} == told


def panel(missing: str = "ffill") -> Series:
    """Two shops of 200 days with a tenth of the sales and of the prices missing."""
    rng = np.random.default_rng(5)
    sold, price = rng.normal(size=(2, 400))
    sold[rng.uniform(size=400) < 0.1], price[rng.uniform(size=400) < 0.1] = NAN, NAN
    sold[[0, 200]], price[[0, 200]] = 1.0, 2.0
    table = {"shop": ["a"] * 200 + ["b"] * 200, "day": [*range(200)] * 2, "sold": sold, "price": price}
    return read_series(table, target="sold", features="price", time="day", id="shop", missing=missing)


@pytest.mark.parametrize("missing", ["ffill", "interpolate"])
def test_no_score_changes_with_what_a_filled_target_holds(missing: str) -> None:
    data = panel(missing)
    assert data.filled is not None
    values = np.where(data.filled == MEASURED, data.values, 1e6)
    poisoned = dataclasses.replace(data, values=values)
    one, other = (Windows(series, 7, 3, SPLIT) for series in (data, poisoned))
    for part in PARTS:
        rows = one.parts[part]
        assert (rows == other.parts[part]).all() and (one.raw_targets(rows) == other.raw_targets(rows)).all()
    assert (one.scaler.mean == other.scaler.mean).all() and (one.scaler.std == other.scaler.std).all()
    assert mase_scale(one) == mase_scale(other)
    rows = one.parts["test"]
    forecast = floors(one).forecasts["ridge autoregression"]
    assert scores(one.raw_targets(rows), forecast, one) == scores(other.raw_targets(rows), forecast, other)


@pytest.mark.parametrize("missing", ["ffill", "interpolate"])
def test_a_missing_feature_costs_no_window(missing: str) -> None:
    price = np.random.default_rng(1).normal(size=100)
    table = {"sold": np.arange(100.0) % 7, "price": price}
    whole = Windows(read_series(table, target="sold", features="price"), 7, 3, SPLIT)
    price[1::3] = NAN
    holes = Windows(read_series(table, target="sold", features="price", missing=missing), 7, 3, SPLIT)
    for part in PARTS:
        assert (whole.parts[part] == holes.parts[part]).all()
    assert holes.series.filled is not None and holes.notes == ()
    np.testing.assert_array_equal(holes.series.values[1::3, 1], holes.series.values[0::3, 1][:33])


def test_scaling_is_fitted_on_what_was_measured() -> None:
    values = np.random.default_rng(2).normal(3, 2, size=(60, 2))
    values[np.random.default_rng(3).uniform(size=values.shape) < 0.4] = NAN
    values[0] = 1.0
    series = read_series({"y": values[:, 0], "x": values[:, 1]}, target="y", features="x", missing="ffill")
    scaler = Scaler.fit(series, np.arange(60) < 40)
    np.testing.assert_allclose(scaler.mean, np.nanmean(values[:40], axis=0))
    np.testing.assert_allclose(scaler.std, np.nanstd(values[:40], axis=0))


def test_a_feature_that_training_never_measured_is_scaled_by_what_it_was_filled_with() -> None:
    table = {"y": [NAN, *range(1, 40)], "x": [5.0] + [NAN] * 30 + [*range(9)]}
    series = read_series(table, target="y", features="x", missing="ffill")
    scaler = Scaler.fit(series, np.arange(series.rows) < 20)
    assert (scaler.mean[1], scaler.std[1]) == (5.0, 1.0)


def test_the_mase_divides_by_steps_between_measured_rows() -> None:
    windows = Windows(panel(), 7, 3, SPLIT)
    series = windows.series
    assert series.filled is not None
    steps = [
        abs(series.values[row, 0] - series.values[row - series.season, 0])
        for row in range(series.rows)
        if row - series.season >= series.starts[np.searchsorted(series.starts, row, "right") - 1]
        and windows.part_of_row[row] == 0
        and not series.filled[row, 0]
        and not series.filled[row - series.season, 0]
    ]
    assert mase_scale(windows)[0] == pytest.approx(np.mean(steps))


def test_what_is_left_out_is_told_in_sentences() -> None:
    values = np.arange(60.0) % 7
    values[[10, 11, 40, 50, 51, 52]] = NAN
    windows = Windows(read_series(values, target=None, missing="interpolate"), 4, 2, "36,12,12")
    assert windows.notes == (
        "left out: 3/2/4 windows to train, validate and test, because a value that they would forecast was "
        "filled in.",
        "left out: 1/1/1 windows to train, validate and test, because they would begin inside an "
        "interpolated gap and read a value that comes after.",
    )
    assert Windows(read_series(np.arange(60.0), target=None), 4, 2, "36,12,12").notes == ()


def test_a_part_without_a_measured_window_is_told_in_numbers() -> None:
    values = np.arange(60.0) % 7
    values[49::2] = NAN
    with pytest.raises(UserError) as caught:
        Windows(read_series(values, target=None, missing="ffill"), 4, 2, "36,12,12")
    assert str(caught.value) == (
        "data: the test part has no window left of 11: in 11 a value to forecast was filled in; use "
        "a smaller horizon, more data or another --split"
    )


def test_a_target_that_is_constant_where_it_was_measured_is_refused() -> None:
    table = {"y": [9.0, NAN, *[3.0] * 30, *range(28)], "x": [NAN, *range(59)]}
    series = read_series(table, target="y", features="x", missing="ffill")
    assert series.values[0, 0] == 9, "filled from a row that was cut off"
    with pytest.raises(UserError, match=r"target 'y' is constant \(3\) in the training part"):
        Windows(series, 2, 1, "20,15,15")


def test_what_was_filled_is_part_of_the_fingerprint_and_is_kept(tmp_path: Any) -> None:
    data = panel()
    complete = dataclasses.replace(data, filled=None)
    save_series(tmp_path / "series.npz", data)
    read = load_series(tmp_path / "series.npz")
    assert read.digest() == data.digest() != complete.digest()
    np.testing.assert_array_equal(read.filled, data.filled)
    save_series(tmp_path / "complete.npz", complete)
    assert load_series(tmp_path / "complete.npz").filled is None


def test_complete_data_have_the_fingerprint_they_always_had() -> None:
    values = np.arange(12.0).reshape(6, 2)
    assert Series("s", ("a",), values, features=("b",)).digest() == "39632054d812b2d8"


def test_a_filled_series_that_is_written_and_read_is_the_same(tmp_path: Any) -> None:
    data = panel()
    path = write_series(data, tmp_path / "panel.csv")
    roles: dict[str, Any] = {"target": "sold", "features": "price", "time": "day", "id": "shop"}
    assert read_series(path, **roles, missing="ffill").digest() == data.digest()
    with pytest.raises(UserError, match="missing values"):
        read_series(path, **roles)


def test_marks_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match=r"filled must be \(6, 1\) like values, not \(5, 1\)"):
        Series("s", ("a",), np.zeros((6, 1)), filled=np.zeros((5, 1), np.int8))
