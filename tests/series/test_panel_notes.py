"""Series that have no window in a part are named with what they have; nothing is silent."""

import numpy as np
import pytest

from narrows.tuning.series.panel import owners
from narrows.tuning.series.reading import read_series
from narrows.tuning.series.windows import Windows


@pytest.fixture(scope="module")
def ragged(panel_columns):
    """Four series of 200 hours: s0 ends after 100, s2 begins at 150, s3 has 10 at the end."""
    columns = panel_columns((1.0, 1.1, 1.2, 1.3), 200)
    hour = np.tile(np.arange(200), 4)
    kept = np.ones(800, bool)
    kept[(columns["shop"] == "s0") & (hour >= 100)] = False
    kept[(columns["shop"] == "s2") & (hour < 150)] = False
    kept[(columns["shop"] == "s3") & (hour < 190)] = False
    series = read_series(
        {name: one[kept] for name, one in columns.items()}, target="sold", time="hour", id="shop"
    )
    return Windows(series, 12, 4, "0.7,0.15,0.15")


def test_who_has_no_window_is_named_with_the_rows_it_has(ragged):
    train, validation, test = ragged.notes
    assert train == (
        "2 of 4 series have no window to train on, as they have no 16 rows in a row in that part; they are "
        "forecast by what the others teach: s2 (0 rows there), s3 (0 rows there)."
    )
    assert "s0 (0 rows there), s2 (20 rows there), s3 (0 rows there)" not in validation
    assert (
        validation.startswith("2 of 4 series have no window to validate on")
        and "s0 (0 rows there)" in validation
    )
    assert test.startswith("2 of 4 series have no window to test on") and "s3 (10 rows there)" in test


def test_what_is_said_is_what_a_loop_finds(ragged):
    names, owner = owners(ragged.series)
    for note, rows in zip(ragged.notes, ragged.parts.values(), strict=True):
        without = {name for number, name in enumerate(names) if not (owner[rows] == number).any()}
        assert {name for name in names if f"{name} (" in note} == without


def test_moments_are_places_in_the_own_series_where_there_are_no_times(ragged):
    series = read_series(
        {"shop": ["b", "a", "b", "a", "b"] * 8, "sold": np.arange(40.0) % 7}, target="sold", id="shop"
    )
    windows = Windows(series, 2, 1, "0.6,0.2,0.2")
    assert windows.moments.tolist() == [*range(16), *range(24)]


def test_features_that_differ_in_size_are_told_and_those_of_a_level_or_a_region_are_not(panel_columns):
    columns = panel_columns((1.0, 1.0, 1.0, 1.0), 100)
    number = np.repeat(np.arange(4.0), 100)
    wave = np.tile(np.sin(np.arange(100.0)), 4)
    columns |= {"cost": wave * 10**number, "price": wave + 900 * number, "size": number, "heat": wave}
    columns["offer"] = 1.0 * (np.random.default_rng(0).uniform(size=400) < 0.5 ** (1 + number * 2))
    roles = {"target": "sold", "time": "hour", "id": "shop", "static": "size", "calendar": "hour"}
    told = Windows(
        read_series(columns, **roles, features="cost,price,heat,offer"), 12, 4, "0.7,0.15,0.15"
    ).notes
    assert len(told) == 1 and "these differ in size (standard deviation): cost (" in told[0]
    assert not any(name in told[0] for name in ("price", "heat", "offer", "sin"))
    assert not Windows(
        read_series(columns, **roles, features="price,heat,offer"), 12, 4, "0.7,0.15,0.15"
    ).notes
