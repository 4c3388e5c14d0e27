"""What is known of the rows to forecast: where it stands in a window, and how rows to come are read."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.search_spaces.errors import UserError
from narrows.tuning.series.ahead import known_ahead
from narrows.tuning.series.calendar import column_names, columns, read_calendar
from narrows.tuning.series.conventions import Conventions
from narrows.tuning.series.reading import read_series
from narrows.tuning.series.reading.read import read_as
from narrows.tuning.series.reading.selection import select_columns
from narrows.tuning.series.ridge import ridge
from narrows.tuning.series.windows import Windows, ahead

DAY = np.timedelta64(1, "D")
ASKED = {
    "target": "y", "time": "day", "id": None, "wide": None, "features": None, "known": ["price", "event"],
    "static": None, "calendar": None, "missing": "error", "season": None,
}  # fmt: skip


def table(rows=120, later=4, start="2023-12-01"):
    """`later` rows at the end have no target."""
    t = np.arange(rows)
    rng = np.random.default_rng(0)
    price = rng.integers(1, 9, rows).astype(float)
    y = 3 * price + np.array([0.0, 5.0])[(t // 3) % 2] + 0.1 * rng.normal(size=rows)
    return pl.DataFrame(
        {
            "day": (np.datetime64(start, "us") + t * DAY).astype("datetime64[us]"),
            "y": [float(one) if place < rows - later else None for place, one in enumerate(y)],
            "price": price,
            "event": np.array(["calm", "fair"])[(t // 3) % 2],
        }
    )


def read(frame, **options):
    return read_as(frame, Conventions(), **ASKED | options)


@settings(max_examples=25, deadline=None)
@given(horizon=st.integers(1, 6), more=st.integers(0, 5), breaks=st.sets(st.integers(30, 90), max_size=2))
def test_the_newest_rows_of_a_window_hold_what_is_known_of_the_rows_to_forecast(horizon, more, breaks):
    """By a loop over windows, rows and features; a window never reads a row after its targets."""
    series, _ = read(table(), calendar="weekday")
    keep = [row not in breaks for row in range(120)]
    frame = table().filter(pl.Series("keep", keep))
    series, _ = read(frame, calendar="weekday", missing="drop")
    windows = Windows(series, horizon + more, horizon, "0.6,0.2,0.2")
    names, z = windows.input_names, windows.scaler.exact_inputs(series)
    plain = windows.scaler.input_names(series)
    later = f", {horizon} row{'s' * (horizon > 1)} later"
    assert [name for name in names if name.endswith(later)] == [
        f"{name}{later}" for name in ("price", "weekday sin", "weekday cos", "event=calm", "event=fair")
    ]
    assert "weekday sin" not in names and "price" in names
    for part in windows.parts.values():
        for row in part:
            window = windows.inputs(np.array([row]))[0]
            for place, name in enumerate(names):
                shift = horizon if name.endswith(later) else 0
                column = z[:, plain.index(name.removesuffix(later))]
                seen = column[row - windows.lookback + shift : row + shift]
                np.testing.assert_array_equal(window[:, place], seen.astype(np.float32))


def test_a_linear_forecast_of_what_a_price_decides_is_as_good_as_the_noise():
    series, _ = read(table(rows=600))
    blind = select_columns(series, None, ["price", "event"])
    object.__setattr__(blind, "ahead", ())
    errors = {}
    for name, one in {"known": series, "past": blind}.items():
        windows = Windows(one, 12, 4, "0.6,0.2,0.2")
        rows = windows.parts["test"]
        errors[name] = np.sqrt(np.mean((ridge(windows).forecast(rows) - windows.raw_targets(rows)) ** 2))
    assert errors["known"] < 0.15 and errors["past"] > 5


def test_rows_to_come_are_read_and_not_learned_from():
    series, future = read(table())
    assert series.rows == 116 and "4 rows after the last measured target" in " ".join(series.notes)
    assert series.values[-1, 0] == table()["y"][115]
    found, _, _ = future.ahead(series, {"": 115}, 4)
    np.testing.assert_array_equal(found["known"], table()["price"].to_numpy()[None, 116:, None])
    assert found["known_categories"][0, :, 0].tolist() == table()["event"][116:].to_list()
    # The same from rows that were measured later.
    whole, _ = read(table(later=0))
    told = known_ahead(whole, ahead(np.array([116]), 4))
    np.testing.assert_array_equal(found["known"], told["known"])
    assert (found["known_categories"] == told["known_categories"]).all()


def test_series_of_a_panel_have_rows_to_come_of_their_own():
    both = [table(later=later).with_columns(shop=pl.lit(name)) for name, later in (("a", 4), ("b", 6))]
    series, future = read(pl.concat(both), id="shop")
    lasts = {"a": 115, "b": 116 + 113}
    found, _, _ = future.ahead(series, lasts, 4)
    price = table()["price"].to_numpy()
    np.testing.assert_array_equal(found["known"][:, :, 0], [price[116:120], price[114:118]])
    found, those, told = future.ahead(series, lasts, 5)
    np.testing.assert_array_equal(found["known"][:, :, 0], [price[114:119]])
    assert those == {"b": 229} and told == [
        "1 of 2 series of data cannot be forecast: a forecast needs price, event of the next 5 rows, which "
        "are not all there: 'a' (4 of 5 rows come after the last measured one); add rows with their time and "
        "these columns, and leave the targets empty"
    ]
    with pytest.raises(UserError, match=r"^2 of 2 series of data cannot.*'a' \(4 of 7 rows.*'b' \(6 of 7"):
        future.ahead(series, lasts, 7)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda t: t.head(118), "needs price, event of the next 4 rows, and 2 of 4 rows come after the last"),
        (
            lambda t: t.filter(pl.col("day") != t["day"][117]),
            "one at 2024-03-27 is expected, and there is one at",
        ),
        (
            lambda t: t.with_columns(price=pl.when(pl.col("day") < t["day"][118]).then(pl.col("price"))),
            "'price' is missing 3 rows after the last measured one: add rows",
        ),
        (
            lambda t: t.with_columns(event=pl.when(pl.col("day") < t["day"][116]).then(pl.col("event"))),
            "'event' is missing 1 row after the last measured one",
        ),
    ],
)
def test_rows_to_come_that_are_not_what_is_needed_are_refused(change, told):
    frame = pl.concat([table(), table().tail(1).with_columns(day=pl.col("day") + DAY)])
    series, future = read(change(frame))
    with pytest.raises(UserError, match=told):
        future.ahead(series, {"": 115}, 4)


def test_windows_shorter_than_the_horizon_are_refused():
    series, _ = read(table())
    with pytest.raises(UserError, match="price, event are known for 4 rows ahead.*at least the horizon, 4"):
        Windows(series, 3, 4, "0.6,0.2,0.2")


def test_a_static_feature_is_spread_over_its_series_and_may_not_change():
    frame = pl.DataFrame(
        {
            "id": ["a"] * 3 + ["b"] * 3,
            "y": [1.0, 2, 3, 4, 5, 6],
            "size": [7.0, None, 7, None, None, 2],
            "town": ["Ulm", "Ulm", None, "Bonn", "Bonn", "Bonn"],
        }
    )
    series = read_series(frame, target="y", id="id", static="size,town")
    assert series.values[:, 1].tolist() == [7, 7, 7, 2, 2, 2] and series.static == ("size", "town")
    assert [series.categories[0][code] for code in series.codes[:, 0]] == ["Ulm"] * 3 + ["Bonn"] * 3
    changing = frame.with_columns(size=pl.Series([7.0, 8, 7, 2, 2, 2]))
    with pytest.raises(UserError, match=r"'size' is given as static, and changes within its series.*'a'"):
        read_series(changing, target="y", id="id", static="size,town")


def test_the_calendar_is_that_of_the_wall_clock():
    """Each place in a cycle by the standard library; the distance of neighbours is the same at its turn."""
    times = np.datetime64("2024-02-27T00", "us") + np.arange(24 * 6) * np.timedelta64(1, "h")
    parts = read_calendar("hour,weekday,monthday,yearday,month")
    made = columns(parts, times, "Europe/Berlin")
    import datetime as dt
    from zoneinfo import ZoneInfo

    for time, row in zip(times.tolist(), made, strict=True):
        wall = time.replace(tzinfo=dt.UTC).astimezone(ZoneInfo("Europe/Berlin"))
        days = 29 if wall.month == 2 else 31
        shares = [
            wall.hour / 24, wall.weekday() / 7, (wall.day - 1) / days,
            (wall.timetuple().tm_yday - 1) / 366, (wall.month - 1) / 12,
        ]  # fmt: skip
        expected = [turn(2 * np.pi * share) for share in shares for turn in (np.sin, np.cos)]
        np.testing.assert_allclose(row, expected, atol=1e-12)


def test_holidays_are_those_of_a_country_or_a_part_of_it():
    pytest.importorskip("holidays")
    days = np.array(["2024-01-01", "2024-01-06", "2024-12-25", "2024-12-27"], "datetime64[us]")
    assert columns(read_calendar("holidays=DE"), days, None)[:, 0].tolist() == [1, 0, 1, 0]
    assert columns(read_calendar("holidays=DE-BY"), days, None)[:, 0].tolist() == [1, 1, 1, 0]
    with pytest.raises(UserError, match="holidays=XX"):
        read_calendar("holidays=XX")


def test_a_calendar_that_there_is_not_is_refused():
    with pytest.raises(UserError, match=r"no calendar feature 'weekdays'.*did you mean 'weekday'"):
        read_calendar("hour,weekdays")
    with pytest.raises(UserError, match="--calendar weekday needs dates that follow each other"):
        read_series({"y": np.arange(9.0)}, target="y", calendar="weekday")
    with pytest.raises(UserError, match="has a column 'weekday sin' already"):
        frame = table().rename({"price": "weekday sin"})
        read(frame, known="weekday sin", calendar="weekday")
    assert column_names(read_calendar("hour,hour, holidays=DE ")) == ("hour sin", "hour cos", "holidays=DE")


def test_synthetic_series_have_a_calendar_and_nothing_to_come():
    series = read_series("synthetic:seasonal_sales,rows=50", target=None, calendar="weekday")
    assert series.ahead == ("weekday sin", "weekday cos")
    with pytest.raises(UserError, match="has no rows to come"):
        read_series("synthetic:seasonal_sales", target=None, known="promotion")
