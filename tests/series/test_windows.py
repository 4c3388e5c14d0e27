"""Windows: every eligible window, no look into a later split, no step over a gap, little memory.

The values of the property tests are row numbers, so a gathered window tells which rows it shows.
"""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import event, given, settings
from hypothesis import strategies as st

from narrows.search_spaces.errors import UserError
from narrows.tuning.series.series import Series
from narrows.tuning.series.splits import PARTS, Split
from narrows.tuning.series.window_parts import window_parts
from narrows.tuning.series.windows import Windows, ahead, past


def series(lengths, ids=None, times=None, targets=1, columns=1):
    rows = sum(lengths)
    return Series(
        name="sales",
        targets=tuple(f"y{number}" for number in range(targets)),
        features=tuple(f"x{number}" for number in range(columns - targets)),
        values=np.arange(rows, dtype=float)[:, None] + 1000.0 * np.arange(columns),
        starts=np.cumsum([0, *lengths[:-1]]),
        ids=tuple(ids or [""] * len(lengths)),
        times=times,
    )


@st.composite
def any_series(draw):
    """One to three series of one to three stretches, with moments (gaps between stretches) or without."""
    lengths, ids, times = [], [], []
    for name in "abc"[: draw(st.integers(1, 3))]:
        now = draw(st.integers(0, 10))
        for _ in range(draw(st.integers(1, 3))):
            length = draw(st.integers(1, 25))
            lengths.append(length)
            ids.append(name)
            times.append(now + np.arange(length))
            now += length + draw(st.integers(1, 5))
    hours = np.datetime64("2020-01-01", "us") + np.concatenate(times) * np.timedelta64(1, "h")
    return series(lengths, ids, times=draw(st.sampled_from([hours, np.concatenate(times), None])))


@st.composite
def any_split(draw):
    if draw(st.booleans()):
        share = np.array(draw(st.lists(st.integers(1, 9), min_size=4, max_size=4)))
        return Split("fractions", tuple(share[:3] / share.sum()))
    return Split("counts", tuple(draw(st.lists(st.integers(1, 8), min_size=3, max_size=3))))


def rows_shown(windows, part):
    """Return the rows that the windows of a part gather: (windows, lookback) and (windows, horizon)."""
    first = windows.parts[part]
    inputs = windows.inputs(first)[..., 0] * windows.scaler.std[0] + windows.scaler.mean[0]
    targets = windows.raw(windows.targets(first), first)[..., 0]
    return np.round(inputs).astype(int), np.round(targets).astype(int)


def eligible(data, lookback, horizon, split):
    """The definition, row by row: {part: first-target rows}."""
    part_of = split.parts_of(data)
    stretch = np.repeat(np.arange(len(data.starts)), data.ends - data.starts)
    found = {part: [] for part in PARTS}
    for row in range(data.rows):
        shown = range(row - lookback, row + horizon)
        if shown[0] < 0 or shown[-1] >= data.rows or len({stretch[i] for i in shown}) > 1:
            continue
        for number, part in enumerate(PARTS):
            own = shown if part == "train" else shown[lookback:]
            if all(part_of[i] == number for i in own):
                found[part].append(row)
    return found


@settings(max_examples=300, deadline=None)
@given(any_series(), any_split(), st.integers(1, 6), st.integers(1, 5))
def test_every_eligible_window_is_there_and_no_other(data, split, lookback, horizon):
    try:
        found = eligible(data, lookback, horizon, split)
    except UserError:
        return  # more rows asked for than there are: test_splits.py
    try:
        windows = Windows(data, lookback, horizon, split)
    except UserError:
        assert not all(found.values())
        event("refused")
        return
    event("cut")
    assert {part: rows.tolist() for part, rows in windows.parts.items()} == found
    for part in PARTS:
        inputs, targets = rows_shown(windows, part)
        first = windows.parts[part][:, None]
        assert (inputs == first + np.arange(-lookback, 0)).all()
        assert (targets == first + np.arange(horizon)).all()


@settings(max_examples=300, deadline=None)
@given(any_series(), any_split(), st.integers(1, 6), st.integers(1, 5))
def test_no_target_of_a_split_is_seen_by_an_earlier_one(data, split, lookback, horizon):
    try:
        windows = Windows(data, lookback, horizon, split)
    except UserError:
        return
    event("cut")
    shown = {part: rows_shown(windows, part) for part in PARTS}
    owner = np.repeat(np.unique(data.ids, return_inverse=True)[1], data.ends - data.starts)
    for earlier, later in (("train", "validation"), ("train", "test"), ("validation", "test")):
        seen = np.concatenate([rows.ravel() for rows in shown[earlier]])
        targets = np.unique(shown[later][1])
        assert not np.intersect1d(seen, targets).size
        if data.times is not None:  # then not even another series shows the moment, or a later one
            assert data.times[seen].max() < data.times[targets].min()
        for number in np.unique(owner[targets]):
            assert seen[owner[seen] == number].max(initial=-1) < targets[owner[targets] == number].min()


@settings(max_examples=200, deadline=None)
@given(any_series(), any_split(), st.integers(1, 6), st.integers(1, 5))
def test_no_window_crosses_from_one_stretch_into_the_next(data, split, lookback, horizon):
    try:
        windows = Windows(data, lookback, horizon, split)
    except UserError:
        return
    stretch = np.repeat(np.arange(len(data.starts)), data.ends - data.starts)
    for part in PARTS:
        rows = np.concatenate(rows_shown(windows, part), axis=1)
        assert (stretch[rows] == stretch[rows[:, :1]]).all()


def test_the_ett_protocol_has_as_many_windows_as_published():
    windows = Windows(series([17420]), 336, 24, "8640,2880,2880")
    assert {part: len(rows) for part, rows in windows.parts.items()} == {
        "train": 8640 - 336 - 24 + 1,
        "validation": 2880 - 24 + 1,
        "test": 2880 - 24 + 1,
    }


def test_windows_have_the_announced_shapes_and_types():
    windows = Windows(series([60], targets=2, columns=3), 5, 4, "0.6,0.2,0.2")
    rows = windows.parts["test"][:3]
    assert windows.input_shape == (5, 3)
    assert windows.output_shape == (4, 2)
    assert windows.inputs(rows).shape == (3, 5, 3)
    assert windows.targets(rows).shape == windows.raw_targets(rows).shape == (3, 4, 2)
    assert windows.inputs(rows).dtype == windows.targets(rows).dtype == np.float32
    assert windows.raw_targets(rows).dtype == np.float64
    assert windows.raw_targets(rows)[0, :, 1].tolist() == [1000.0 + rows[0] + step for step in range(4)]


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_rows_of_a_window_are_the_same_of_arrays_and_of_tensors(dtype):
    rows = np.array([3, 10], dtype)
    for kind in (rows, tf.constant(rows)):
        assert np.asarray(past(kind, 3)).tolist() == [[0, 1, 2], [7, 8, 9]]
        assert np.asarray(ahead(kind, 2)).tolist() == [[3, 4], [10, 11]]
    assert past(tf.constant(rows), 3).dtype == ahead(tf.constant(rows), 2).dtype == dtype


def test_one_window_in_each_part_is_enough():
    windows = Windows(series([5]), 2, 1, "3,1,1")
    assert [rows.tolist() for rows in windows.parts.values()] == [[2], [3], [4]]


MEND = "use a smaller lookback or horizon, more data, or another --split"


@pytest.mark.parametrize(
    ("lengths", "lookback", "horizon", "split", "message"),
    [
        ([50], 0, 1, "0.7,0.15,0.15", "lookback and horizon must be at least 1, not 0 and 1"),
        ([50], 3, 0, "0.7,0.15,0.15", "lookback and horizon must be at least 1, not 3 and 0"),
        (
            [20, 20],
            18,
            3,
            "0.7,0.15,0.15",
            "sales: lookback 18 + horizon 3 needs at least 21 rows in a row, the longest unbroken stretch "
            "has 20; use a smaller lookback or horizon, or more data",
        ),
        (
            [100],
            60,
            12,
            "0.7,0.15,0.15",
            "sales: the train part has no complete window: lookback 60 + horizon 12 needs 72 rows in a row; "
            f"the part has 70 of the 100 rows; {MEND}",
        ),
        (
            [100],
            12,
            16,
            "0.7,0.15,0.15",
            "sales: the validation part has no complete window: horizon 16 needs 16 rows after 12 rows of "
            f"lookback, in a row; the part has 15 of the 100 rows; {MEND}",
        ),
        (
            [100],
            12,
            6,
            "80,15,5",
            "sales: the test part has no complete window: horizon 6 needs 6 rows after 12 rows of lookback, "
            f"in a row; the part has 5 of the 100 rows; {MEND}",
        ),
    ],
)
def test_too_few_rows_are_told_in_numbers(lengths, lookback, horizon, split, message):
    with pytest.raises(UserError) as error:
        Windows(series(lengths), lookback, horizon, split)
    assert str(error.value) == message


def test_constant_targets_are_all_named_and_a_constant_feature_is_allowed():
    data = series([100], targets=2, columns=3)
    data.values[:70, 2] = 4
    Windows(data, 5, 1, "0.7,0.15,0.15")
    data.values[:70, 0], data.values[:70, 1] = 7, 0.5
    with pytest.raises(UserError) as error:
        Windows(data, 5, 1, "0.7,0.15,0.15")
    assert str(error.value) == (
        "several things need mending:\n"
        "  - sales: target 'y0' is constant (7) in the training part; there is nothing to learn\n"
        "  - sales: target 'y1' is constant (0.5) in the training part; there is nothing to learn"
    )


MEMORY = """
import re
from pathlib import Path
import numpy as np
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])

start = peak()
values = np.random.default_rng(0).normal(size=(1_000_000, 8))
names = tuple("abcdefgh")
series = Series(name="big", targets=names[:1], features=names[1:], values=values)
windows = Windows(series, 168, 24, "0.7,0.15,0.15")
rows = windows.parts["train"][:256]
assert windows.inputs(rows).shape == (256, 168, 8) and windows.targets(rows).shape == (256, 24, 1)
print(peak() - start)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_a_million_rows_of_eight_columns_stay_far_below_a_gibibyte(tmp_path):
    # Not resource.getrusage: its peak outlives exec, so a child would start at the parent's peak.
    run = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert int(run.stdout) < 0.5 * 2**20


def test_which_windows_there_are_is_what_a_loop_finds_and_takes_little_memory_to_say():
    rng, rows = np.random.default_rng(0), 200_000
    starts = np.unique(np.append(0, rng.integers(0, rows, 4000)))
    series = Series("long", ("y",), rng.normal(size=(rows, 1)), starts=starts, ids=("",) * len(starts))
    parts = np.sort(rng.integers(0, 3, rows)).astype(np.int8)
    tracemalloc.start()
    found, _ = window_parts(series, parts, parts == 0, 6, 3)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2.5 * 8 * rows  # those that are found are up to a column of whole numbers themselves
    for number, part in enumerate(found):
        chosen = set(found[part].tolist())
        for row in rng.integers(6, rows - 3, 2000):
            stretch = np.searchsorted(starts, [row - 6, row + 2], side="right")
            whole = (parts[row - (6 if number == 0 else 0) : row + 3] == number).all()
            assert (row in chosen) == (stretch[0] == stretch[1] and whole)
