"""Exports of strangers that are trusted: forged with digests, they forecast or one message says why not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import keras
import numpy as np
import polars as pl
import pytest
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.tuning.models import about as abouts
from narrows.tuning.models.forecast import forecast

from .conftest import other_values
from .made_exports import ABOUT, DATA, HORIZON, LOOKBACK, ROWS, last, save, told, told_of

FORMATS = ("savedmodel", "keras")
"""Those whose models are code of their makers."""
Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of a SavedModel and of a `.keras` file; not to be changed."""
    folders = {format: tmp_path_factory.mktemp(format) / "model" for format in FORMATS}
    save(folders["savedmodel"], lambda values, categories: {
        end: last(values, categories) for end in ("forecast", "lower", "upper")
    })  # fmt: skip
    inputs = {
        "values": keras.Input((LOOKBACK, 2), name="values", dtype="float64"),
        "categories": keras.Input((LOOKBACK, 1), name="categories", dtype="string"),
    }
    ahead = keras.layers.RepeatVector(HORIZON, dtype="float64")(inputs["values"][:, -1, :1])
    folders["keras"].mkdir()
    keras.Model(inputs, {"forecast": ahead}).save(folders["keras"] / "model.keras")
    for format, folder in folders.items():
        told_of(folder, format=format)
    return folders


@pytest.fixture(params=FORMATS)
def folder(request: pytest.FixtureRequest, made: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of an export."""
    return shutil.copytree(made[request.param], tmp_path / "model")


def descriptions(plain: dict[str, Any]) -> Iterator[str]:
    """Yield other texts in the place of `narrows.json`."""
    yield from ("", "5", "null", "[]", "{}", "[" * 99_999, '{"format": NaN}', "\0", '{"a": "\ud800"}')
    yield from other_values(plain, 3, 4)


def forge(folder: Path, text: str) -> None:
    """Put a text in the place of `narrows.json`, with the digest of what it says where it has one."""
    try:
        plain = json.loads(text)
        if "digest" in plain:
            del plain["digest"]
            text = json.dumps(plain | {"digest": abouts._digest(folder, plain)})
    except Exception:  # what is no description has no digest
        pass
    (folder / ABOUT).write_bytes(text.encode("utf-8", "surrogatepass"))


def test_an_export_as_it_was_made_forecasts(folder: Path) -> None:
    assert told(folder) == ""


def test_a_forged_description_forecasts_or_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The model stays as it is: loaded once.
    monkeypatch.setattr(tf.saved_model, "load", lru_cache(tf.saved_model.load))
    monkeypatch.setattr(keras.models, "load_model", lru_cache(keras.models.load_model))
    messages = []
    for text in descriptions(json.loads((folder / ABOUT).read_text())):
        forge(folder, text)
        messages.append(told(folder))
    assert len(messages) > 80 and len([said for said in messages if said]) > len(messages) / 2


ODD = {
    "frequency": ("0d", "99999999999999999999y", "1e999", "d", "-1d", "1mo", "9999999999y"),
    "zone": ("../../etc/passwd", "Nowhere/City", "+99:99", "UTC\0", "x" * 300, "+05:30"),
    "season": (0, -7, 10**9, 7.5), "lookback": (0, -4, 10**12, ROWS, ROWS + 1), "horizon": (0, -1, 10**12, 3),
    "targets": (["price"], ["shop"], ["y", "y"], ["y", "price"], ["\0"]),
    "values": (["y"], ["price", "y"], ["y", "y"], ["y", "shop"]),
    "categories": ({"y": ["a"]}, {"shop": []}, {"none": ["a"]}, {"shop": ["a"] * 100_000}),
    "time": (["shop"], ["day", "day"], ["y"], []), "id": ("shop", "y", "", "day"),
    "level": (0.0, -1.0, 1e308, 50.0),
    "files": (["../../../etc/passwd"], ["/etc/passwd"], ["."], ["\0"], ["narrows.json"], ["x" * 5000], []),
}  # fmt: skip


@pytest.mark.parametrize("key", ODD)
def test_a_description_with_an_odd_value_forecasts_or_is_told(
    key: str, made: dict[str, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(made["savedmodel"], tmp_path / "model")
    plain = json.loads((folder / ABOUT).read_text())
    for value in ODD[key]:
        forge(folder, json.dumps(plain | {key: value}))
        told(folder)


def damages(folder: Path) -> Iterator[tuple[str, Change]]:
    """Yield what may happen to the files of an export."""
    files = [path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file()]
    for name in files:
        content = (folder / name).read_bytes()
        for other in [b"", content[:1], content[: len(content) // 2], content[:-2], content[::-1]]:
            yield f"{name} cut", lambda at, name=name, other=other: (at / name).write_bytes(other)
        yield f"{name} gone", lambda at, name=name: (at / name).unlink()
        yield f"{name} a folder", lambda at, name=name: ((at / name).unlink(), (at / name).mkdir())
        for other in files:
            if other != name:
                yield f"{name} for {other}", lambda at, a=name, b=other: shutil.copy(at / a, at / b)
    yield "nothing", lambda at: shutil.rmtree(at)
    yield "a file", lambda at: (shutil.rmtree(at), at.write_bytes(b""))


def test_files_that_are_damaged_are_told_also_with_their_digest(folder: Path, tmp_path: Path) -> None:
    whole = folder.rename(tmp_path / "whole")
    plain = json.loads((whole / ABOUT).read_text())
    for name, damage in damages(whole):
        for forged in (False, True):
            shutil.copytree(whole, folder)
            damage(folder)
            if forged and (folder / ABOUT).is_file():
                told_of(folder, **{key: plain[key] for key in ("format", "level")})
            said = told(folder)
            assert said or forged, name  # an index, say, may be of another model
            if folder.is_dir():
                shutil.rmtree(folder)
            else:
                folder.unlink(missing_ok=True)


def test_there_are_many_hostile_exports(made: dict[str, Path]) -> None:
    texts = [text for at in made.values() for text in descriptions(json.loads((at / ABOUT).read_text()))]
    files = [damage for at in made.values() for damage in damages(at)]
    assert len(texts) + 2 * len(files) + sum(map(len, ODD.values())) > 350


@pytest.mark.parametrize("days", [range(ROWS), np.arange(ROWS) / 7], ids=["whole", "parts"])
def test_a_model_of_dates_is_not_asked_for_numbers(days: Any, made: dict[str, Path]) -> None:
    with pytest.raises(UserError, match="do not go on in steps of 1d, .* not numbers"):
        forecast(made["keras"], DATA.with_columns(day=pl.Series(days)), trust=True)


def test_a_model_of_counted_times_is_not_asked_for_dates(folder: Path) -> None:
    told_of(folder, format=json.loads((folder / ABOUT).read_text())["format"], frequency="1")
    assert "do not go on in steps of 1, " in told(folder)
