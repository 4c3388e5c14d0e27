"""Tables: whole on a line in a pipe, in blocks that fit on a terminal, what the user wrote as it is."""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from dataclasses import replace

import optuna
import pytest

from narrows.search_spaces.trial import Epoch, Status, Trial
from narrows.tuning.cli import main, output
from narrows.tuning.cli.tables import fitting, table
from narrows.tuning.job import Job
from narrows.tuning.runs.start import held, started

NARROWS = (sys.executable, "-c", "from narrows.tuning.cli import main; main()")
REASON = "out of memory: [red]1,234,567 parameters[/red] ask for more than this machine has to give"
WIDE = {f"hyperparameter_{i}": f"{i}.25" for i in range(15)}
HEAD = ["trial", *WIDE, "[red]x", "reason"]
ROWS = [[0, *WIDE.values(), "[bold]y", ""], [11, *WIDE.values(), ":smile:", REASON]]
NUMBERS = range(16)


def on_terminal(monkeypatch, columns, *arguments):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLUMNS", str(columns))
    return table(*arguments)


def plain(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_a_pipe_gets_each_row_whole_on_one_line_without_colours(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("FORCE_COLOR", "1")
    text = table(HEAD, ROWS, NUMBERS)
    lines = text.split("\n")
    assert "\x1b" not in text
    assert len(lines) == 3 and all(line == line.rstrip() for line in lines)
    assert lines[0].split() == HEAD
    assert lines[1].split() == ["0", *WIDE.values(), "[bold]y"]
    assert lines[2].endswith(f"  :smile:  {REASON}")


def test_numbers_are_aligned_to_the_right_and_text_to_the_left():
    assert table(["forecast", "MAE"], [["LSTM", "1.1"], ["last value", "558.8"]], right=[1]) == (
        "forecast      MAE\nLSTM          1.1\nlast value  558.8"
    )


def test_a_terminal_that_is_wide_enough_gets_the_same_table_below_a_bold_head(monkeypatch):
    shown = on_terminal(monkeypatch, 500, HEAD, ROWS, NUMBERS)
    monkeypatch.undo()
    assert plain(shown).split("\n")[1:] == table(HEAD, ROWS, NUMBERS).split("\n")[1:]
    assert shown.startswith("\x1b[1mtrial\x1b[0m")


@pytest.mark.parametrize("columns", [80, 40])
def test_a_narrow_terminal_gets_blocks_that_begin_with_the_first_column(monkeypatch, columns):
    text = plain(on_terminal(monkeypatch, columns, HEAD, ROWS, NUMBERS))
    assert max(map(len, text.split("\n"))) <= columns
    blocks = [block.split("\n") for block in text.split("\n\n")]
    assert all(block[0].startswith("trial  ") for block in blocks)
    assert all(block[1].startswith("    0  ") and block[2].startswith("   11  ") for block in blocks[:-1])
    assert [name for block in blocks for name in block[0].split()[1:]] == HEAD[1:]
    assert [text.split().count(value) for value in WIDE.values()] == [2] * len(WIDE)
    folded = " ".join(line.split("  ")[-1].strip() for line in blocks[-1][2:])
    assert folded == REASON, "a long cell is folded, and nothing of it is lost"


@pytest.mark.parametrize(("columns", "there"), [(80, 5), (120, 7), (400, 18)])
def test_a_table_that_is_to_fit_has_one_line_a_row_and_names_what_had_no_room(monkeypatch, columns, there):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", str(columns))
    text, not_whole = fitting(HEAD, ROWS, NUMBERS)
    lines = plain(text).split("\n")
    assert len(lines) == 3 and max(map(len, lines)) <= columns
    assert lines[0].split() == HEAD[:there]
    assert not_whole == HEAD[min(there, HEAD.index("reason")) :]
    text, not_whole = fitting(["x", "reason"], [["1", REASON], ["2", "a\nb"]])
    assert not_whole == ["reason"]
    assert plain(text).split("\n")[1:] == ["1  out of memory: [red]1,234,567…", "2  a b"]


def test_what_names_a_row_is_whole_also_on_a_narrow_terminal(monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    name = "experiments/" + "x" * 36
    text, not_whole = fitting(["run", "best", "source"], [[name, "t0000 8", "a"], ["b", "t0001 16", "c"]])
    assert [line.split() for line in plain(text).split("\n")[1:]] == [
        [name, "t0000", "8"],
        ["b", "t0001", "16"],
    ]
    assert not_whole == ["source"]


def test_a_pipe_gets_all_of_a_table_that_is_to_fit(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert fitting(HEAD, ROWS, NUMBERS) == (table(HEAD, ROWS, NUMBERS), [])


def test_a_cell_without_a_place_to_break_is_folded_whole(monkeypatch):
    path = "/home/someone/" + "x" * 90
    text = plain(on_terminal(monkeypatch, 40, ["run", "source"], [["a", path]]))
    assert max(map(len, text.split("\n"))) <= 40
    assert "".join(line.split()[-1] for line in text.split("\n")[1:]) == path


@pytest.fixture
def folder(tmp_path):
    """A run of two trials that have different hyperparameters, one of them failed."""
    job = Job("synthetic:trend", trials=2)
    prepared = job.prepare()
    with started(tmp_path / "run", job.describe(prepared), prepared.series) as run:
        first = Trial(0, {"activation": "relu"}, 3, units=(8,), parameters=12_345)
        second = Trial(1, {"activation": "tanh", "slope": 0.5}, 3, units=(16,))
        for trial in (first, second):
            run.store.begin(trial, {})
        run.store.epoch(Epoch(0, 1, 0.5, 0.4, 0.01, 1.5))
        done = {"status": Status.COMPLETED, "best_val_loss": 0.4, "best_epoch": 1, "secs": 1.5}
        run.store.end(replace(first, **done), {})
        run.store.end(replace(second, status=Status.FAILED, reason=REASON), {})
    return tmp_path


def said(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["narrows", *map(str, arguments)])
    with pytest.raises(SystemExit) as exit:
        main()
    assert not exit.value.code
    return capsys.readouterr()


def test_a_hyperparameter_that_some_trials_lack_is_a_column(folder, monkeypatch, capsys):
    head, first, second = said(monkeypatch, capsys, "trials", folder / "run").out.splitlines()
    assert head.split()[-3:] == ["activation", "slope", "reason"]
    assert re.split(r"\s\s+", first.strip())[3:] == ["completed", "12,345", "1", "1.5", "relu", "-"]
    assert second.endswith(f"  tanh          0.5  {REASON}") and "failed" in second
    text = said(monkeypatch, capsys, "trials", folder / "run", "--csv").out
    assert [row["slope"] for row in csv.DictReader(io.StringIO(text))] == ["", "0.5"]


def test_a_loss_that_depends_on_rounding_has_a_mark_and_a_sentence(folder, monkeypatch, capsys):
    with held(folder / "run") as run:
        run.store.set_repeated(0, [0.5])
    _, first, second, mark = said(monkeypatch, capsys, "trials", folder / "run").out.splitlines()
    assert " 0.4* " in first and "*" not in second
    assert mark == (
        "* trial 0: a repeat of its training ended with a loss 25% higher: its result depends on rounding"
    )
    text = said(monkeypatch, capsys, "trials", folder / "run", "--csv").out
    assert next(csv.DictReader(io.StringIO(text)))["val_loss"] == "0.4", "files have numbers"
    (known, _) = json.loads(said(monkeypatch, capsys, "trials", folder / "run", "--json").out)
    assert known["repeated"] == [0.5]


def test_the_best_trial_is_the_first_row_unless_the_table_is_sorted(tmp_path, monkeypatch, capsys):
    job = Job("synthetic:trend", trials=4)
    prepared = job.prepare()
    with started(tmp_path / "run", job.describe(prepared), prepared.series) as run:
        for number, (scaling, loss) in enumerate(
            [("standard", 0.97), ("last", 1.0), ("none", 0.96), ("last", 2.0)]
        ):
            known = {"status": Status.COMPLETED, "best_val_loss": loss, "best_epoch": 1}
            run.store.end(Trial(number, {"scaling": scaling}, 3, units=(8,), **known), {})

    def numbers(*options):
        text = said(monkeypatch, capsys, "trials", tmp_path / "run", "--csv", *options).out
        return [int(row["trial"]) for row in csv.DictReader(io.StringIO(text))]

    assert numbers() == [1, 2, 0, 3]
    assert numbers("--sort=val_loss") == [2, 0, 1, 3] and numbers("--sort=-val_loss") == [3, 1, 0, 2]
    told = json.loads(said(monkeypatch, capsys, "runs", tmp_path, "--json").out)
    assert [(row["best"], row["val_loss"]) for row in told] == [("t0001 8", 1.0)]


def test_a_run_that_cannot_be_read_does_not_hide_the_others(folder, monkeypatch, capsys):
    (folder / "broken").mkdir()
    (folder / "broken" / "job.json").write_text("{")
    told = said(monkeypatch, capsys, "runs", folder)
    _, broken, run = told.out.splitlines()
    assert "damaged: " in broken and "2/2" in run and told.err == ""
    told = said(monkeypatch, capsys, "runs", folder, "--json")
    assert [row["failed"] for row in json.loads(told.out)] == [None, 1]


def test_each_run_is_one_line_of_the_terminal_and_a_damaged_one_is_told(folder, monkeypatch, capsys):
    (folder / "broken").mkdir()
    (folder / "broken" / "job.json").write_text("{")
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "60")
    head, broken, run, *told = plain(said(monkeypatch, capsys, "runs", ".").out).splitlines()
    assert head.split() == ["run", "best", "val_loss", "trials"]
    assert broken.startswith("broken  damaged: ") and run.split() == ["run", "t0000", "8", "0.4", "2/2"]
    assert " ".join(told[:-1]).startswith(
        "No room for all of best, failed, source. A wider window shows more"
    )
    assert told[-1] == "  narrows runs . --json"


@pytest.mark.parametrize("columns", [80, 120])
def test_each_trial_is_one_line_of_the_terminal_and_the_rest_is_said_where_to_find(folder, columns):
    ours, theirs = pty.openpty()
    environment = os.environ | {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    subprocess.run(
        [*NARROWS, "trials", str(folder / "run")], stdout=theirs, env=environment, check=True, timeout=60
    )
    os.close(theirs)
    text = os.read(ours, 1_000_000).decode()
    os.close(ours)
    assert text.startswith("\x1b[1mtrial")
    head, first, second, *told = plain(text).split("\r\n")
    assert max(map(len, (head, first, second, *told[:-2]))) <= columns
    assert head.split()[:6] == ["trial", "profile", "val_loss", "status", "parameters", "best_epoch"]
    assert first.split()[0] == "0" and second.split()[0] == "1"
    assert " ".join(told[:-2]) == (
        f"No room for all of {'slope, ' if columns < 100 else ''}reason. A wider window shows more, this "
        "command everything:"
    )
    assert told[-2:] == [f"  narrows trials {folder / 'run'} --csv", ""]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07\x1b[2Jsold\x7f", "\\x1b]0;title\\x07\\x1b[2Jsold\\x7f"),
        ("a\rb\x9b2J\u202ec", "a\\rb\\x9b2J\\u202ec"),
        ("a\tb\n\x1b[1mbold\x1b[0m é 数", "a\tb\n\x1b[1mbold\x1b[0m é 数"),
    ],
)
def test_names_command_no_terminal(monkeypatch, capsys, text, shown):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    output.note(text)
    assert capsys.readouterr().err == shown + "\n"


def test_an_optuna_study_of_the_trials_is_written(folder, monkeypatch, capsys):
    url = f"sqlite:///{folder}/trials.db"
    told = said(monkeypatch, capsys, "trials", folder / "run", "--optuna", url)
    assert told.out == f"{url}: the study 'run' with 2 trials\n" and told.err == ""
    (first, second) = optuna.load_study(study_name="run", storage=url).trials
    assert (first.value, second.user_attrs["ended"]) == (0.4, REASON)
