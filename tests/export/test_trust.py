"""A model is code: exports of this user are loaded, all others when they are to be trusted."""

import os
import shutil
import sys

import pytest
import tensorflow as tf

from narrows.search_spaces.errors import UserError
from narrows.tuning.cli import main
from narrows.tuning.models import trust
from narrows.tuning.models.forecast import forecast

from .conftest import frame


@pytest.fixture
def stranger(monkeypatch, tmp_path):
    """A user who has exported nothing."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def no_loading(monkeypatch):
    def load(*_):
        raise AssertionError("it was loaded")

    monkeypatch.setattr(tf.saved_model, "load", load)


def test_an_export_of_this_user_is_loaded_wherever_it_was_moved(model, tmp_path):
    shutil.copytree(model, tmp_path / "moved")
    assert forecast(tmp_path / "moved", frame()).equals(forecast(model, frame()))


def test_an_export_of_someone_else_is_not_loaded(model, stranger, no_loading):
    with pytest.raises(UserError) as refused:
        forecast(model, frame())
    assert str(refused.value) == (
        f"{model} was not exported by you on this machine, and a model is code that runs when it is loaded: "
        "give --trust (from Python trust=True) if you know who made it"
    )
    with pytest.raises(UserError, match="holds no model that can be loaded: it was loaded"):
        forecast(model, frame(), trust=True)


def test_the_command_takes_what_is_trusted(model, stranger, monkeypatch, capsys):
    frame().write_csv(stranger / "load.csv")

    def run(*more):
        monkeypatch.setattr(
            sys, "argv", ["narrows", "forecast", str(model), str(stranger / "load.csv"), *more]
        )
        with pytest.raises(SystemExit) as exit:
            main()
        return exit.value.code, capsys.readouterr()

    code, said = run()
    assert code == 2 and "give --trust" in said.err and not said.out
    code, said = run("--trust")
    assert code == 0 and said.out.startswith("when,load,load-lo-90,load-hi-90,price,")


def test_another_graph_in_the_place_of_an_export_is_not_loaded(tmp_path):
    (tmp_path / "saved_model.pb").write_bytes(b"mine")
    trust.remember(tmp_path, "savedmodel")
    trust.check_trusted(tmp_path, "savedmodel")
    (tmp_path / "model.keras").write_bytes(b"theirs")
    (tmp_path / "saved_model.pb").write_bytes(b"theirs")
    for format in ("savedmodel", "keras"):
        with pytest.raises(UserError, match="was not exported by you"):
            trust.check_trusted(tmp_path, format)


def test_a_list_that_others_may_write_tells_nothing(tmp_path, stranger):
    (tmp_path / "saved_model.pb").write_bytes(b"mine")
    trust.remember(tmp_path, "savedmodel")
    assert trust.exports_file() == stranger / "state" / "narrows" / "exports"
    assert trust.exports_file().stat().st_mode & 0o777 == 0o600
    trust.check_trusted(tmp_path, "savedmodel")
    trust.exports_file().chmod(0o622)
    with pytest.raises(UserError, match="was not exported by you"):
        trust.check_trusted(tmp_path, "savedmodel")
    trust.exports_file().chmod(0o600)
    moved = trust.exports_file().rename(stranger / "elsewhere")
    trust.exports_file().symlink_to(moved)
    with pytest.raises(UserError, match="was not exported by you"):
        trust.check_trusted(tmp_path, "savedmodel")


def test_a_state_folder_that_cannot_be_written_costs_no_export(tmp_path, monkeypatch):
    (tmp_path / "saved_model.pb").write_bytes(b"mine")
    monkeypatch.setenv("XDG_STATE_HOME", os.devnull)
    trust.remember(tmp_path, "savedmodel")
    with pytest.raises(UserError, match="was not exported by you"):
        trust.check_trusted(tmp_path, "savedmodel")


def test_a_folder_without_a_model_is_told(tmp_path):
    with pytest.raises(UserError, match="holds no model that can be read: No such file"):
        trust.check_trusted(tmp_path, "savedmodel")
