"""The split of the rows: nothing is shared between the parts, and every part gets its share."""

import numpy as np
import pytest

from narrows.callbacks.narrowing.split import DRAWS, SHIFTS, Split

CASES = {
    "every row, short windows": (np.arange(2000), 6),
    "every row, long windows": (np.arange(2000), 120),
    "drawn from a long series": (np.sort(np.random.default_rng(0).choice(20000, 2000, replace=False)), 150),
    "independent rows": (np.arange(300), 1),
    "two stretches far apart": (np.concatenate([np.arange(400), np.arange(9000, 9400)]), 30),
    "few": (np.arange(160), 12),
    "twenty series at the same times": (np.repeat(np.arange(100), 20), 4),
}


@pytest.mark.parametrize("times, span", CASES.values(), ids=CASES.keys())
def test_no_row_shares_anything_with_a_row_of_another_part(times, span):
    split = Split.of(times, span)
    assert not split.few
    for one, other in [(split.train, split.test), (split.fit, split.choose)]:
        apart = np.abs(times[one][:, None] - times[other])
        assert apart.min() >= span
    assert set(split.fit) | set(split.choose) <= set(split.train)


@pytest.mark.parametrize("times, span", CASES.values(), ids=CASES.keys())
def test_half_of_the_rows_train_and_half_test_with_a_fifth_lost_to_gaps_at_most(times, span):
    split = Split.of(times, span)
    assert len(split.train) + len(split.test) >= 0.75 * len(times)
    assert 0.4 < len(split.train) / (len(split.train) + len(split.test)) < 0.65
    assert 0.5 < len(split.fit) / (len(split.fit) + len(split.choose)) < 0.75


@pytest.mark.parametrize("times, span", CASES.values(), ids=CASES.keys())
def test_a_shift_pairs_each_row_with_another_row_of_its_part(times, span):
    split = Split.of(times, span)
    assert split.orders.shape == (SHIFTS, len(times))
    for order in split.orders:
        for part in (split.train, split.test):
            assert sorted(order[part]) == sorted(part)
            assert (order[part] != part).all()


@pytest.mark.parametrize("times, span", CASES.values(), ids=CASES.keys())
def test_the_bootstrap_draws_whole_stretches_of_at_least_one_span(times, span):
    split = Split.of(times, span)
    assert split.draws.shape == (DRAWS, split.blocks[-1] + 1)
    assert (split.draws.sum(axis=1) == split.draws.shape[1]).all()
    tested = times[split.test]
    firsts = np.flatnonzero(np.diff(split.blocks))
    assert all(tested[start + 1] - tested[split.blocks == split.blocks[start]][0] >= span for start in firsts)


def test_all_parts_come_from_all_over_the_time_so_that_a_drift_is_in_each():
    split = Split.of(np.arange(2000), 20)
    for part in (split.fit, split.choose, split.test):
        assert all(np.isin(np.arange(start, start + 500), part).any() for start in range(0, 2000, 500))


@pytest.mark.parametrize("rows, span", [(1, 1), (2, 1), (50, 10), (500, 400), (2000, 5000)])
def test_too_few_rows_are_told(rows, span):
    few = Split.of(np.arange(rows), span).few
    assert few.startswith(f"{rows} rows give ") and few.endswith(
        (" stretches to test on, 5 are needed", "1 stretch to test on, 5 are needed")
    )
    assert "1 stretches" not in few


def test_windows_of_one_time_are_never_parted():
    times = np.repeat(np.arange(300), 7)
    split = Split.of(times, 5)
    for part in (split.train, split.test, split.fit, split.choose):
        assert set(np.unique(times[part], return_counts=True)[1]) == {7}
    blocks = [set(times[split.test][split.blocks == block]) for block in range(split.blocks[-1] + 1)]
    assert len(set().union(*blocks)) == sum(map(len, blocks))
