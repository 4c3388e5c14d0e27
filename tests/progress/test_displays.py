"""What a user sees of a search: on a terminal, in a notebook, in a file, from Python."""

import io
import sys
from types import SimpleNamespace

import pytest
from rich.console import Console

from narrows.search_spaces.trial import Epoch, Outcome, Status, Trial
from narrows.tuning.progress import display, notebook, shown_from_python
from narrows.tuning.progress.base import Progress
from narrows.tuning.progress.json_lines import JsonProgress
from narrows.tuning.progress.lines import LineProgress, trial_line
from narrows.tuning.progress.live import LiveProgress
from narrows.tuning.progress.notebook import NotebookProgress


def a_run():
    return SimpleNamespace(folder="runs/x", trials=[], best=None)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(progress, trials=3, epochs=100):
    """Tell a display a search in which the second trial fails."""
    run = a_run()
    progress.start(run, trials)
    for number in range(trials):
        trial = Trial(number, {}, seed=0, epochs=epochs, units=(8, number + 1))
        progress.began(trial)
        for epoch in range(1, epochs + 1):
            progress.epoch(Epoch(number, epoch, 1.0, 1 / epoch, 0.01, 0.1))
        if number == 1:
            ended = Trial(
                1, {}, seed=0, epochs=epochs, status=Status.FAILED, reason="<b>NaN</b>", units=(8, 2)
            )
        else:
            known = {"status": Status.COMPLETED, "best_val_loss": 0.5 - number / 10, "best_epoch": 7}
            ended = Trial(number, {}, seed=0, epochs=epochs, units=(8, number + 1), **known)
            run.best = ended  # as the store, which is told first
        progress.ended(ended, Outcome(number, ended.status))
    progress.finished()


class Cell:
    """The output of a cell: what was displayed, and what replaced it."""

    def __init__(self):
        self.outputs, self.drawn = [], 0

    def display(self, bundle, *, raw, display_id):
        assert raw and display_id
        self.outputs.append(bundle)
        place = len(self.outputs) - 1
        return SimpleNamespace(update=lambda bundle, *, raw: self.replace(place, bundle))

    def replace(self, place, bundle):
        self.drawn += 1
        self.outputs[place] = bundle


@pytest.fixture
def cell(monkeypatch):
    """A notebook, as far as a display sees of it."""
    cell = Cell()
    shell = SimpleNamespace(kernel=None)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=cell.display))
    return cell


def test_a_notebook_has_one_small_output_whatever_happens(cell, monkeypatch):
    monkeypatch.setattr(notebook, "REFRESH_SECS", 0.0)
    progress = shown_from_python(True)
    assert isinstance(progress, NotebookProgress)
    progress.note("<b>note</b>")
    watched(progress)
    (output,) = cell.outputs
    assert cell.drawn > 300, "each epoch was drawn"
    assert output["text/plain"].splitlines() == [
        "3/3 trials  0 s",
        "<b>note</b>",
        "best  t0002 8-3  val_loss 0.3",
    ]
    assert '<progress value="3" max="3"></progress> 3/3 trials' in output["text/html"]
    assert "&lt;b&gt;note" in output["text/html"] and "<b>" not in output["text/html"]


def test_a_notebook_is_not_drawn_more_often_than_one_can_see(cell):
    watched(shown_from_python(True), trials=30)
    assert cell.drawn < 12, "3,000 epochs in a moment"


def test_an_interrupted_search_says_in_a_notebook_how_to_go_on(cell):
    progress = shown_from_python(True)
    progress.start(a_run(), 3)
    progress.interrupted()
    progress.finished()
    assert "interrupted; the same call goes on where it stopped" in cell.outputs[0]["text/plain"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_what_is_shown_depends_on_where_it_is_shown(monkeypatch, stream):
    def shown():
        return display(False, False) if stream == "stdout" else shown_from_python(True)

    monkeypatch.setattr(sys, stream, Terminal())
    assert isinstance(shown(), LiveProgress) and shown().console.file is getattr(sys, stream)
    monkeypatch.setattr(sys, stream, io.StringIO())
    assert isinstance(shown(), LineProgress) and shown().stream is getattr(sys, stream)


def test_a_call_shows_nothing_or_what_it_is_given():
    assert type(shown_from_python(False)) is Progress and type(display(True, False)) is Progress
    assert isinstance(display(True, True), JsonProgress)
    own = LineProgress(io.StringIO())
    assert shown_from_python(own) is own


def test_a_terminal_keeps_a_line_of_each_trial_and_nothing_else():
    stream = io.StringIO()
    watched(LiveProgress(Console(file=stream, width=100)))
    lines = [line.rstrip() for line in stream.getvalue().splitlines() if line.strip()]
    assert [line.split()[0] for line in lines[:3]] == ["t0000", "t0001", "t0002"]
    assert lines[1] == "t0001 8-2  failed: <b>NaN</b>"


def test_a_file_has_a_line_for_the_start_and_for_each_trial():
    stream = io.StringIO()
    watched(LineProgress(stream))
    lines = stream.getvalue().splitlines()
    assert lines[0] == "runs/x: 3 trials" and len(lines) == 4
    assert lines[2].startswith("2/3  t0001 8-2  failed: <b>NaN</b>  best t0000 8-1 0.5")


def test_a_trial_that_ended_early_is_said_to_have():
    known = {"units": (8,), "best_val_loss": 0.5, "best_epoch": 7, "secs": 3.0}
    whole, early = (Trial(1, {}, 9, status=one, **known) for one in (Status.COMPLETED, Status.STOPPED))
    assert trial_line(whole) == "t0001 8  val_loss 0.5 (epoch 7, 3 s)"
    assert trial_line(early) == "t0001 8  val_loss 0.5 (epoch 7, 3 s)  ended early"
