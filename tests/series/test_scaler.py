"""Scaler: the numbers against scikit-learn, and that nothing but the training rows is looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import StandardScaler

from narrows.tuning.series.scaler import Scaler, category_texts
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows

ROWS = 30


def series(values=None, codes=None):
    if values is None:
        values = np.random.default_rng(0).normal(5, 3, (ROWS, 2))
    codes = np.tile(np.int32([0, 2, 0, -1, 2]), 6)[:, None] if codes is None else codes
    return Series(
        name="s",
        targets=("y",),
        features=("x",),
        values=values,
        categorical=("wind",),
        codes=codes,
        categories=(("NE", "NW", "SE", "calm"),),
    )


def test_numbers_become_standard_scores_as_in_scikit_learn():
    data, train = series(), np.arange(20)
    scaler = Scaler.fit(data, train)
    other = StandardScaler().fit(data.values[train])
    np.testing.assert_allclose(scaler.mean, other.mean_)
    np.testing.assert_allclose(scaler.std, other.scale_)
    inputs = scaler.inputs(data)
    assert inputs.dtype == np.float32
    np.testing.assert_allclose(inputs[:, :2], other.transform(data.values), rtol=1e-5, atol=1e-6)


def test_a_row_mask_and_row_numbers_mean_the_same():
    data, mask = series(), np.arange(ROWS) < 20
    one, two = Scaler.fit(data, mask), Scaler.fit(data, np.flatnonzero(mask))
    assert (one.mean == two.mean).all() and (one.std == two.std).all()
    assert all((a == b).all() for a, b in zip(one.categories, two.categories, strict=True))


def test_a_category_is_one_column_and_unseen_or_missing_ones_are_zeros():
    codes = np.int32([[0], [2], [2], [-1]] * 5 + [[1]] * 9 + [[3]])
    data = series(codes=codes)
    scaler = Scaler.fit(data, np.arange(20))
    assert scaler.input_names(data) == ("y", "x", "wind=NE", "wind=SE")
    assert category_texts(data, scaler) == [["NE", "SE"]]
    hot = scaler.inputs(data)[:, 2:]
    assert hot[:4].tolist() == [[1, 0], [0, 1], [0, 1], [0, 0]]
    assert not hot[20:].any()


@pytest.mark.parametrize("constant", [0.0, 0.1, -7e9, 1e-30])
def test_a_constant_column_has_deviation_1_and_score_0(constant):
    values = np.column_stack([np.arange(ROWS, dtype=float), np.full(ROWS, constant)])
    scaler = Scaler.fit(series(values), np.arange(20))
    assert scaler.std[1] == 1
    np.testing.assert_allclose(scaler.inputs(series(values))[:, 1], 0, atol=1e-5)


@pytest.mark.parametrize("unit", [1e-15, 1e-3, 1.0, 1e12])
def test_the_unit_of_a_column_does_not_matter(unit):
    data = series()
    small = replace(data, values=data.values * unit)
    ours, theirs = (Scaler.fit(each, np.arange(20)).inputs(each) for each in (small, data))
    np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@settings(deadline=None)
@given(
    arrays(float, (ROWS - 18, 2), elements=st.floats(-1e12, 1e12)),
    arrays(np.int32, (ROWS - 18, 1), elements=st.integers(-1, 3)),
)
def test_no_later_value_or_category_changes_the_scaler_of_windows(values, codes):
    data = series()
    changed = replace(
        data,
        values=np.concatenate([data.values[:18], values]),
        codes=np.concatenate([data.codes[:18], codes]),
    )
    before, after = (Windows(each, 3, 2, "0.6,0.2,0.2").scaler for each in (data, changed))
    assert (before.mean == after.mean).all()
    assert (before.std == after.std).all()
    assert all((a == b).all() for a, b in zip(before.categories, after.categories, strict=True))


def test_a_training_value_does_change_the_scaler_of_windows():
    data = series()
    values = data.values.copy()
    values[17] += 1
    before, after = (
        Windows(each, 3, 2, "0.6,0.2,0.2").scaler for each in (data, replace(data, values=values))
    )
    assert (before.mean != after.mean).all()
