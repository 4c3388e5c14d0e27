"""Hostile data frames: each is read, or one message names the column that cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from narrows.search_spaces.errors import UserError
from narrows.tuning import api, tune
from narrows.tuning.series.reading import POLICIES, read_series

from .odd_columns import DAYS, SOLD, cells, pandas_columns, polars_columns
from .odd_frames import names, shapes

ODD = "odd one"
MOST_TOLD = 1000
ROLES: dict[str, dict[str, Any]] = {
    "target": {"target": ODD},
    "feature": {"target": "sold", "features": ODD},
    "time": {"target": "sold", "time": ODD, "missing": "drop"},
    "id": {"target": "sold", "id": ODD},
    "no role": {"target": "sold", "time": "day"},
}
ASKED: list[dict[str, Any]] = [
    {"target": None}, {"target": "sold"}, {"target": "sold", "features": "all"}, {"target": 1},
    {"target": "sold", "time": "day"}, {"target": ["sold"], "id": "price"}, {"target": ("a", 1)}, {"id": 5},
]  # fmt: skip
MAKERS: dict[str, Callable[[list[Any]], Any]] = {
    "pandas": lambda odd: pd.DataFrame({"sold": SOLD, ODD: pd.Series(odd, dtype=object), "day": DAYS}),
    "pandas, inferred": lambda odd: pd.DataFrame({"sold": SOLD, ODD: odd, "day": DAYS}),
    "polars": lambda odd: pl.DataFrame({"sold": SOLD, ODD: pl.Series(odd, dtype=pl.Object), "day": DAYS}),
    "a dict": lambda odd: {"sold": SOLD, ODD: odd, "day": DAYS},
    "pyarrow": lambda odd: pa.table({"sold": SOLD, ODD: odd, "day": DAYS}),
}


def frames() -> Iterator[tuple[str, Any]]:
    """Yield frames with an odd column, and what they are."""
    for name, odd in cells().items():
        for kind, make in MAKERS.items():
            with suppress(ValueError, TypeError, pa.ArrowException):  # what a library itself does not take
                yield f"{kind}: {name}", make(odd)
    for name, odd in pandas_columns().items():
        yield f"pandas: {name}", pd.DataFrame({"sold": SOLD, ODD: odd, "day": DAYS})
        yield f"a dict: {name}", {"sold": SOLD, ODD: odd, "day": DAYS}
    for name, column in polars_columns().items():
        frame = pl.DataFrame({"sold": SOLD, ODD: column, "day": DAYS})
        yield f"polars: {name}", frame
        yield f"lazy: {name}", frame.lazy()
        yield f"a dict: {name}", {"sold": SOLD, ODD: column, "day": DAYS}


def told(read: Callable[..., Any], frame: Any, asked: dict[str, Any]) -> str:
    """Return the message about a frame, none where it is read."""
    try:
        read(frame, **asked)
    except UserError as error:
        assert str(error) and len(str(error)) < MOST_TOLD, error
        return str(error)
    return ""


@pytest.fixture(scope="module")
def odd() -> dict[str, Any]:
    return dict(frames())


@pytest.mark.parametrize("role", ROLES)
def test_a_frame_with_an_odd_column_is_read_or_the_column_is_named(role: str, odd: dict[str, Any]) -> None:
    messages = {name: told(read_series, frame, ROLES[role]) for name, frame in odd.items()}
    unnamed = {name: message for name, message in messages.items() if message and ODD not in message}
    assert not unnamed
    assert not all(messages.values()), "some of them are only odd"
    if role == "no role":
        assert not any(messages.values()), "what is not asked for is nobody's mistake"


def test_an_odd_name_or_shape_is_read_or_told_in_one_message() -> None:
    for frame in (names() | shapes()).values():
        for asked in ASKED:
            told(read_series, frame, {"target": None} | asked)


def test_a_search_on_an_odd_frame_begins_or_tells_what_is_odd(
    odd: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Trains(Exception):
        pass

    def trains(*_: object) -> None:
        raise Trains

    monkeypatch.setattr(api, "search_into", trains)
    monkeypatch.setattr(api, "load_tensorflow", lambda: None)
    began = 0
    asked = [(frame, {"features": ODD, "time": "day"}) for frame in list(odd.values())[::4]]
    asked += [(frame, {"features": "all"}) for frame in shapes().values()]
    for place, (frame, roles) in enumerate(asked):
        try:
            tune(frame, target="sold", **roles, missing="drop", out=tmp_path / f"run {place}")
        except Trains:
            began += 1
        except UserError as error:
            assert len(str(error)) < MOST_TOLD
    assert began > 10


CELLS = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.fractions(), st.text()),
    *(st.binary(), st.complex_numbers(), st.dates(), st.datetimes(), st.timedeltas(), st.times()),
    *(st.datetimes(timezones=st.just(dt.UTC)), st.lists(st.integers()), st.just(pd.NA), st.just(pd.NaT)),
    st.sampled_from([np.float32(1), np.int8(1), np.datetime64("2021"), Decimal("sNaN"), print, 10**5000]),
)
NAMES = st.sampled_from(["a", "b", 1, None, ("a", 1), ""])


@settings(derandomize=True, deadline=None, max_examples=100, database=None)
@given(data=st.data())
def test_any_small_frame_is_read_or_told(data: st.DataObject) -> None:
    rows = data.draw(st.integers(0, 4))
    kind = data.draw(st.sampled_from([CELLS, st.integers(), st.floats(), st.text(), st.datetimes()]))
    column = st.lists(kind, min_size=rows, max_size=rows)
    held = data.draw(st.dictionaries(NAMES, column, min_size=1, max_size=3))
    made = [
        lambda: held,
        lambda: pd.DataFrame({name: pd.Series(one, dtype=object) for name, one in held.items()}),
        lambda: pl.DataFrame([pl.Series(str(name), one, dtype=pl.Object) for name, one in held.items()]),
    ]
    asked = {name: data.draw(st.none() | NAMES) for name in ("target", "time", "id", "features")}
    missing = data.draw(st.sampled_from(POLICIES))
    with suppress(UserError):
        read_series(data.draw(st.sampled_from(made))(), missing=missing, **asked)


def test_masked_values_are_missing() -> None:
    masked = np.ma.masked_less(np.arange(4.0), 2)
    text = np.ma.array(["1", "x", "3", "4"], mask=[0, 1, 0, 0])
    for frame in (masked, {"y": masked}, {"y": masked.astype(int)}, text):
        assert "missing value" in told(read_series, frame, {"target": "y"})


def test_a_number_and_its_text_are_no_two_columns() -> None:
    for frame in ({1: SOLD, "1": SOLD}, pd.DataFrame({1: SOLD, "1": SOLD})):
        assert told(read_series, frame, {"target": 1}).startswith("the data repeat a column name: 1")


def test_the_fields_of_a_structured_array_are_columns() -> None:
    rows = np.array([(1.0, 2), (3.0, 4)], [("sold", float), ("price", int)])
    for array in (rows, rows.view(np.recarray)):
        series = read_series(array, target="sold", features="price")
        assert series.columns == ("sold", "price") and series.values.tolist() == [[1, 2], [3, 4]]


def test_times_at_an_offset_keep_it() -> None:
    days = pd.date_range("2021-01-01", periods=len(SOLD), tz=dt.timezone(dt.timedelta(hours=5.5)))
    series = read_series(pd.DataFrame({"sold": SOLD, "day": days}), target="sold", time="day")
    assert series.zone == "+05:30" and series.times[0] == np.datetime64("2020-12-31T18:30")


def test_there_are_many_hostile_frames(odd: dict[str, Any]) -> None:
    assert len(odd) * len(ROLES) + len(names() | shapes()) * len(ASKED) > 1500
