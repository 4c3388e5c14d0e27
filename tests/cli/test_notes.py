"""A note on a trial stays in the run and is shown wherever its trials are."""

import csv
import io
import sys

import pytest

from narrows.callbacks.trial_table import table
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Status, Trial
from narrows.tuning import Run
from narrows.tuning.cli import main
from narrows.tuning.job import Job
from narrows.tuning.notes import MOST, write_note
from narrows.tuning.runs.start import held, started


@pytest.fixture
def run(tmp_path):
    """The folder of a run with two trials, without a record."""
    job = Job("synthetic:trend", trials=2)
    prepared = job.prepare()
    with started(tmp_path / "run", job.describe(prepared), prepared.series) as opened:
        for number in range(2):
            known = {"status": Status.COMPLETED, "best_val_loss": 0.4 + number, "best_epoch": 1}
            opened.store.end(Trial(number, {}, 3, units=(8,), **known), {})
    return tmp_path / "run"


def said(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["narrows", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit:
        main()
    assert not exit.value.code
    return capsys.readouterr().out


def test_a_note_is_kept_shown_replaced_and_taken_away(run, monkeypatch, capsys):
    assert "note" not in said(monkeypatch, capsys, "trials", run)
    assert said(monkeypatch, capsys, "note", run, 1, "too slow\nfor the shop") == (
        "t0001 8: too slow for the shop\n"
    )
    write_note(run, 1, "=cmd")
    rows = list(csv.DictReader(io.StringIO(said(monkeypatch, capsys, "trials", run, "--csv"))))
    assert [row["note"] for row in rows] == ["", "'=cmd"], "no text of a table is a formula"
    search = Run(run).recorded()
    assert (search.note(0), search.note(1)) == ("", "=cmd")
    shown = table(search)
    place = [column["name"] for column in shown["columns"]].index("note")
    assert [row[place] for row in shown["rows"]] == ["", "=cmd"]
    assert write_note(run, 1, " ") == "t0001 8 has no note any more"
    assert Run(run).notes == {}


def test_a_note_on_no_trial_or_too_long_or_while_a_search_writes_is_refused(run):
    with pytest.raises(UserError, match="has no trial 7; it has trials 0 to 1"):
        write_note(run, 7, "x")
    with pytest.raises(UserError, match=f"at most {MOST} letters, and this one 501"):
        write_note(run, 1, "x" * 501)
    with held(run), pytest.raises(UserError, match="is being written by"):
        write_note(run, 1, "x")
