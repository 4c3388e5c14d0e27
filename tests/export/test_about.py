"""narrows.json is of the model beside it, or no forecast is made."""

import json
import shutil

import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.models.forecast import forecast

from .conftest import frame


@pytest.fixture
def copied(model, tmp_path):
    return shutil.copytree(model, tmp_path / "copied")


@pytest.mark.parametrize(
    "change",
    [
        {"lookback": 12},
        {"horizon": 2},
        {"values": ["price", "load", "temperature"]},
        {"categories": {"wind": ["NW", "SE"]}},
        {"missing": "ffill"},
    ],
)
def test_what_is_said_of_a_model_cannot_be_another(copied, change):
    path = copied / "narrows.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(UserError, match="does not belong to the model beside it: one of the two was changed"):
        forecast(copied, frame())


def test_the_description_of_another_export_does_not_fit(run, copied, tmp_path):
    run.export(tmp_path / "other", trial=next(t.number for t in run.trials if t.number != run.best.number))
    shutil.copy(tmp_path / "other" / "narrows.json", copied)
    with pytest.raises(UserError, match="does not belong to the model beside it"):
        forecast(copied, frame())


def test_a_model_whose_file_was_changed_is_refused(copied):
    (weights,) = (copied / "variables").glob("variables.data*")
    content = bytearray(weights.read_bytes())
    content[100] ^= 1
    weights.write_bytes(content)
    with pytest.raises(UserError, match="does not belong to the model beside it"):
        forecast(copied, frame())


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "3"])
def test_a_description_that_is_none_is_told(copied, text):
    (copied / "narrows.json").write_text(text)
    with pytest.raises(UserError, match="cannot be read as that of an export: .* export the run again"):
        forecast(copied, frame())


def test_an_export_that_is_whole_forecasts(copied, run):
    assert forecast(copied, frame()).equals(run.forecast(frame()))


def test_what_a_user_puts_beside_a_model_is_no_part_of_it(copied, run):
    (copied / "notes.txt").write_text("for the meeting on Monday")
    (copied / "variables" / ".DS_Store").write_bytes(b"\0")
    assert forecast(copied, frame()).equals(run.forecast(frame()))


def test_a_file_of_the_model_that_is_not_there_is_told(copied):
    (copied / "variables" / "variables.index").unlink()
    with pytest.raises(UserError, match=r"variables.index is not there, and is part of the model"):
        forecast(copied, frame())


def test_what_an_export_returns_is_what_it_wrote(run, tmp_path):
    about = run.export(tmp_path / "model")
    assert about == json.loads((tmp_path / "model" / "narrows.json").read_text())


def test_shapes_are_told_as_the_model_itself_tells_them(run, tmp_path):
    about = run.export(tmp_path / "model", format="keras")
    import keras

    model = keras.models.load_model(tmp_path / "model" / "model.keras")
    for said, tensors in ((about["inputs"], model.input), (about["outputs"], model.output)):
        assert {name: tuple(one["shape"]) for name, one in said.items()} == {
            name: tensor.shape for name, tensor in tensors.items()
        }
        assert all(tensor.dtype in said[name]["dtype"] for name, tensor in tensors.items())
