"""Numbers that no error can be computed with are refused by name, before anything is trained."""

import re

import numpy as np
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows


def windows(values, features=0):
    values = np.asarray(values, float).reshape(len(values), -1)
    names = ("sales", "price")[: values.shape[1]]
    own = len(names) - features
    data = Series("shop", names[:own], values, features=names[own:], starts=np.array([0]), ids=("",))
    return Windows(data, 4, 1, "0.6,0.2,0.2")


def normal(rows=100, columns=1):
    return np.random.default_rng(0).normal(10, 1, (rows, columns))


@pytest.mark.parametrize("row", [10, 70, 90])
@pytest.mark.parametrize("value", [1e308, -1.7e308, 1e101])
@pytest.mark.parametrize("column", [0, 1])
def test_one_cell_that_is_too_large_is_named_whatever_part_it_is_in(row, value, column):
    values = normal(columns=2)
    values[row, column] = value
    name = ("sales", "price")[column]
    with pytest.raises(
        UserError, match=re.escape(f"column '{name}' has the value {value:g}, and no error can")
    ):
        windows(values, features=1)


@pytest.mark.parametrize("row", [70, 90])
def test_one_cell_far_from_all_that_was_trained_on_is_named(row):
    values = normal()
    values[row] = 1e30
    with pytest.raises(
        UserError, match=r"has the value 1e\+30, 1e\+30 standard deviations of the training part"
    ):
        windows(values)
    values[row] = 1e9
    assert windows(values)


def test_a_target_whose_squares_vanish_is_named():
    with pytest.raises(
        UserError, match="target 'sales' varies by .*e-200 in the training part, and no error"
    ):
        windows(normal() * 1e-200)
    # A feature that hardly varies is a constant, as ever.
    assert windows(np.column_stack([normal(), 1e-200 * normal()]), features=1)


@pytest.mark.parametrize("unit", [1e-90, 1e-9, 1e9, 1e90])
def test_any_other_unit_will_do(unit):
    ours, theirs = windows(unit * normal()).scaler.std, windows(normal()).scaler.std
    np.testing.assert_allclose(ours, unit * theirs, rtol=1e-12)


def test_all_mistakes_are_told_at_once():
    values = normal(columns=2)
    values[3] = 1e200
    with pytest.raises(UserError) as error:
        windows(values)
    assert "'sales'" in str(error.value) and "'price'" in str(error.value)
