"""What is kept of the epochs of a trial is small, and has what matters."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from narrows.callbacks.curve import MOST, Curve, rounded, thinned


@pytest.mark.parametrize("count", [0, 1, 2, MOST, MOST + 1, 137, 5000])
def test_a_long_curve_is_thinned_evenly_to_its_bound_with_first_last_and_best(count):
    for keep in {0, 1, count // 3, max(count - 2, 0)} if count else {0}:
        places = thinned(count, keep)
        assert len(places) == len(set(places)) <= MOST and places == sorted(places)
        if count <= MOST:
            assert places == list(range(count))
        else:
            assert places[0] == 0 and places[-1] == count - 1 and keep in places
            gaps = [after - before for before, after in pairwise(places)]
            assert max(gaps) <= math.ceil(count / (MOST - 2))


def test_the_best_epoch_stays_exactly():
    losses = [(epoch, 1.0, 0.123456789 if epoch == 778 else 1.0) for epoch in range(2000)]
    found = Curve.of(losses)
    assert found.validation[found.epoch.index(778)] == 0.12346
    assert len(found.epoch) <= MOST


def test_losses_that_are_no_numbers_are_none_and_never_the_best():
    found = Curve.of([(1, math.nan, math.nan), (2, math.inf, 0.5), (3, None, None)])
    assert found == Curve((1, 2, 3), (None, None, None), (None, 0.5, None))


@pytest.mark.parametrize(
    ("value", "shown"), [(1.23456789, 1.2346), (1e-300, 1e-300), (123456789.0, 123460000.0), (-0.0, 0.0)]
)
def test_numbers_have_five_digits(value, shown):
    assert rounded(value) == shown
