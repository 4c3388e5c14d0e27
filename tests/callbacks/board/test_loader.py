"""What TensorBoard imports when it starts."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from argparse import Namespace
from importlib.metadata import entry_points

import pytest

from narrows.callbacks.board.loader import Loader


def test_tensorboard_finds_the_loader() -> None:
    (found,) = entry_points(group="tensorboard_plugins", name="narrowing")
    assert found.load() is Loader


@pytest.mark.parametrize(
    ("module", "banned"),
    [
        ("loader", {"tensorflow", "keras", "plotly", "numpy", "sklearn", "optuna", "werkzeug"}),
        ("plugin", {"tensorflow", "keras", "keras_tuner"}),
    ],
)
def test_nothing_that_could_fail_or_is_slow_is_imported(module: str, banned: set[str]) -> None:
    code = f"import sys; import narrows.callbacks.board.{module}; sys.stdout.write(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert not banned & set(done.stdout.split())


@pytest.mark.parametrize(
    ("given", "then"),
    [({}, {"narrowing": 0}), ({"scalars": 9}, {"scalars": 9, "narrowing": 0}), ({"narrowing": 37},) * 2],
)
def test_every_trial_is_read_unless_the_user_says_otherwise(
    given: dict[str, int], then: dict[str, int]
) -> None:
    flags = Namespace(samples_per_plugin=dict(given))
    Loader().fix_flags(flags)
    assert flags.samples_per_plugin == then


@pytest.mark.parametrize("flags", [Namespace(), Namespace(samples_per_plugin=None)])
def test_flags_it_does_not_know_stop_nothing(flags: Namespace) -> None:
    before = dict(vars(flags))
    Loader().fix_flags(flags)
    assert vars(flags) == before


def test_a_broken_tab_is_told_in_the_log_and_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "narrows.callbacks.board.plugin", None)
    with caplog.at_level(logging.WARNING):
        assert Loader().load(None) is None
    assert "the Narrowing tab cannot be shown" in caplog.text


def test_the_first_page_is_made_ready_while_tensorboard_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    ready = threading.Event()
    monkeypatch.setattr("narrows.callbacks.board.plugin.NarrowingPlugin.prepare", lambda self: ready.set())
    assert Loader().load(Namespace(data_provider=None)) is not None
    assert ready.wait(10)
