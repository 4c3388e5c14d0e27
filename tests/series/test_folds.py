"""Rolling-origin folds: each its own past, nothing of what came later."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from narrows.search_spaces.errors import UserError
from narrows.tuning.defaults import FOLDS, older_folds_of
from narrows.tuning.series.folds import LEAST_SHARE, folds_that_fit, older_folds
from narrows.tuning.series.ridge import ridge
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows


def series_of(values, lengths=None, times=None):
    lengths = lengths or [len(values)]
    return Series(
        name="sales",
        targets=("y",),
        features=tuple(f"x{number}" for number in range(values.shape[1] - 1)),
        values=values,
        starts=np.cumsum([0, *lengths[:-1]]),
        ids=("",) if len(lengths) == 1 else tuple("abc"[: len(lengths)]),
        times=times,
    )


def noise(rows, columns=2, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, columns))


@st.composite
def cut(draw):
    """Windows of one to three series, with common moments or without, and their older folds."""
    lengths = draw(st.lists(st.integers(40, 90), min_size=1, max_size=3))
    hours = np.datetime64("2020-01-01", "us") + np.concatenate([np.arange(one) for one in lengths]) * (
        np.timedelta64(1, "h")
    )
    split = draw(st.sampled_from(["0.7,0.15,0.15", "20,7,6", "0.5,0.1,0.2", "dates"]))
    times = hours if split == "dates" or draw(st.booleans()) else None
    if split == "dates":
        split = "2020-01-02T01:00,2020-01-02T09:00"
    seed = draw(st.integers(0, 99))
    series = series_of(noise(sum(lengths), seed=seed), lengths, times)
    windows = Windows(series, draw(st.integers(1, 4)), draw(st.integers(1, 4)), split)
    found = folds_that_fit(windows, draw(st.integers(2, 4)))
    assume(found)
    return windows, found


@given(cut())
@settings(max_examples=60, deadline=None)
def test_a_fold_ends_where_the_one_after_it_begins_to_validate(case):
    windows, found = case
    for later, earlier in zip((windows, *found), found, strict=False):
        validates = earlier.part_of_row == 1
        trained_later = later.part_of_row == 0
        # In the order of time: train, validation, and then what the later fold validates on.
        assert (trained_later == (earlier.part_of_row <= 1)).all()
        assert not (validates & (later.part_of_row == 1)).any()


@given(cut(), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_nothing_of_what_came_later_is_seen_by_an_earlier_fold(case, seed):
    windows, found = case
    for fold in found:
        later = fold.part_of_row > 1
        changed = windows.series.values.copy()
        changed[later] = 1000 * noise(int(later.sum()), changed.shape[1], seed + 1) + 10**6
        series = windows.series
        other = Windows(
            series_of(changed, list(series.ends - series.starts), series.times),
            fold.lookback,
            fold.horizon,
            fold.split,
        )
        for part in ("train", "validation"):
            rows = fold.parts[part]
            assert (other.parts[part] == rows).all()
            assert (other.inputs(rows) == fold.inputs(rows)).all()
            assert (other.targets(rows) == fold.targets(rows)).all()
        assert (other.scaler.mean == fold.scaler.mean).all()
        assert (other.scaler.std == fold.scaler.std).all()
        mine, theirs = ridge(fold).linear, ridge(other).linear
        window = fold.inputs(fold.parts["validation"])
        assert (mine(window) == theirs(window)).all()


def test_data_that_are_too_short_for_so_many_folds_say_how_many_they_have():
    windows = Windows(series_of(noise(100)), 5, 2, "0.7,0.15,0.15")
    assert len(older_folds(windows, 1)) == 0 and len(older_folds(windows, 3)) == 2
    with pytest.raises(UserError, match="too short for 9 folds; use at most 5: sales: the train part has no"):
        older_folds(windows, 9)


def test_as_many_folds_are_made_as_leave_half_of_the_training_rows():
    windows = Windows(series_of(noise(100)), 5, 2, "0.7,0.15,0.15")
    found = folds_that_fit(windows, 9)
    trained = [int((one.part_of_row == 0).sum()) for one in found]
    assert trained == [55, 40] and trained[-1] >= LEAST_SHARE * 70


@pytest.mark.parametrize(("rows", "horizon", "folds"), [(100, 4, FOLDS), (100, 1, 1), (2000, 4, 1)])
def test_folds_are_used_by_themselves_where_validation_windows_are_few(rows, horizon, folds):
    windows = Windows(series_of(noise(rows)), 5, horizon, "0.7,0.15,0.15")
    assert 1 + len(older_folds_of(windows, None)) == folds
