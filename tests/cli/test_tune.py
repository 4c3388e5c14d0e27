"""`narrows tune` as a user runs it: lines, JSON, quiet, a second run, Ctrl-C."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from narrows.tuning.cli import main
from narrows.tuning.run import Run

NARROWS = str(Path(sys.executable).with_name("narrows"))
SMALL = [
    "synthetic:regimes,rows=300",
    "--layers",
    "1",
    "--units",
    "2,3",
    "--bottleneck",
    "0",
    "--lookback",
    "6",
]


def tune(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", ["narrows", "tune", *SMALL, *arguments])
    main_returns(main)
    return capsys.readouterr()


def main_returns(command):
    try:
        command()
    except SystemExit as exit:
        assert not exit.code


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("tune")


def test_lines_tell_the_trials_the_answer_and_the_next_commands(folder, monkeypatch, capsys):
    out = tune(monkeypatch, capsys, "--trials", "2", "--epochs", "2", "-o", str(folder / "run")).out
    assert "searching num_layers 1, units 2,3, bottleneck 0, learning_rate 0.001..0.03, batch" in out
    assert "at most 2 epochs a trial\n" in out, "patience that is longer than a trial ends none"
    assert "1/2  t000" in out and "2/2  t000" in out and "trials a minute" in out
    assert "best trial  t000" in out and "ridge autoregression" in out
    assert f"narrows board {folder}/run" in out and f"narrows export {folder}/run model" in out


def test_json_is_an_object_a_line_and_the_answer_is_the_last(folder, monkeypatch, capsys):
    out = tune(monkeypatch, capsys, "--trials", "3", "--epochs", "2", "-o", str(folder / "run"), "--json").out
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == ["start", "trial", "answer"], (
        "two of three were done before"
    )
    assert events[0]["trials"] == 3
    assert events[1]["number"] == 2 and events[1]["status"] == "completed"
    assert set(events[2]["answer"]["scores"]) == {"LSTM", "last value", "ridge autoregression"}


def test_quiet_tells_the_answer_alone_and_a_finished_run_answers_again(folder, monkeypatch, capsys):
    said = tune(monkeypatch, capsys, "--trials", "3", "--epochs", "2", "-o", str(folder / "run"), "--quiet")
    assert said.out.startswith("\nbest trial  t000") and said.err == ""
    out = tune(monkeypatch, capsys, "--trials", "3", "--epochs", "2", "-o", str(folder / "run")).out
    assert f"{folder}/run: 3 trials are done; a larger --trials goes on\n\nbest trial  t000" in out


def test_the_tables_of_a_run(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    shown = {}
    for name, arguments in {
        "table": ["trials", "run"],
        "sorted": ["trials", "run", "--sort=-parameters"],
        "csv": ["trials", "run", "--csv"],
        "json": ["trials", "run", "--json"],
        "runs": ["runs", "."],
    }.items():
        monkeypatch.setattr(sys, "argv", ["narrows", *arguments])
        main_returns(main)
        shown[name] = capsys.readouterr().out
    rows = json.loads(shown["json"])
    assert len(rows) == 3 and all(len(row["epochs_done"]) == 2 for row in rows)
    losses = [float(line.split()[2]) for line in shown["table"].splitlines()[1:]]
    assert losses == sorted(losses), "the best first"
    sizes = [int(line.split()[4]) for line in shown["sorted"].splitlines()[1:]]
    assert sizes == sorted(sizes, reverse=True)
    assert shown["csv"].splitlines()[0].startswith("trial,profile,val_loss,status,parameters")
    assert "run" in shown["runs"] and "3/3" in shown["runs"]


def test_a_column_that_cannot_be_sorted_by_is_told(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["narrows", "trials", str(folder / "run"), "--sort", "val_los"])
    with pytest.raises(SystemExit) as exit:
        main()
    assert exit.value.code == 2
    assert "there is no column 'val_los' to sort by; did you mean 'val_loss'?" in capsys.readouterr().err


def hear_ctrl_c():
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_keeps_what_finished_and_the_same_command_goes_on(folder):
    command = [
        NARROWS,
        "tune",
        *SMALL,
        "--trials",
        "40",
        "--units",
        "2..60",
        "--epochs",
        "400",
        "--patience",
        "0",
    ]
    command += ["--learning-rate", "1e-4", "--out", str(folder / "cut")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
    )
    line = ""
    while not line.startswith("1/40"):
        line = process.stdout.readline()
        assert line, process.stderr.read()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "interrupted; the same command goes on where it stopped" in out and "Traceback" not in err
    run = Run(folder / "cut")
    done = [row for row in run.trials if row.status == "completed"]
    assert 1 <= len(done) < 40 and any(row.status == "running" for row in run.trials)
    run.close()
    again = [*command[:-2], "--trials", str(len(run_numbers(folder))), "--out", str(folder / "cut")]
    subprocess.run(again, check=True, capture_output=True, timeout=300)
    after = Run(folder / "cut")
    assert {row.status for row in after.trials} == {"completed"}
    kept = {row.number: row.best_val_loss for row in after.trials}
    assert all(kept[row.number] == row.best_val_loss for row in done), "nothing finished is trained twice"
    after.close()


def run_numbers(folder):
    run = Run(folder / "cut")
    numbers = [row.number for row in run.trials]
    run.close()
    return numbers
