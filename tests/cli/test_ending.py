"""Ctrl-C, SIGTERM and SIGHUP end a command in time, with an exit code of their own."""

import os
import pty
import signal
import subprocess
import sys
import time

import pytest

from narrows.tuning.cli import main
from narrows.tuning.cli.ending import LAST_SECS, heeded
from narrows.tuning.run import Run

NARROWS = [sys.executable, "-c", "from narrows.tuning.cli import main; main()"]
MOST_SECS = 10
"""5 are promised; a machine that runs tests may be busy."""
CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


def hear_all():
    # A job in the background of a shell begins with Ctrl-C ignored.
    for number in CODES:
        signal.signal(number, signal.SIG_DFL)


def started(code, **more):
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **{"preexec_fn": hear_all} | more,
    )


def ended(process, number):
    """Send a signal once a line was written; return the exit code, the seconds it took, and what was said."""
    assert process.stdout.readline()
    time.sleep(0.5)  # by now it waits
    sent = time.monotonic()
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    return process.returncode, time.monotonic() - sent, err


BODY = """
import sys, time, threading
from narrows.tuning.cli import app, main
def waits():
    print("waiting", flush=True)
    {does}
app.command("waits")(waits)
sys.argv = ["narrows", "waits"]
main()
"""


@pytest.mark.parametrize("number", CODES)
def test_a_signal_ends_a_command_as_ctrl_c_does(number):
    does = "\n    ".join(["try:", "    time.sleep(60)", "finally:", "    print('closed', file=sys.stderr)"])
    # A thread that does not end, as where a program is being compiled, holds nobody up.
    body = "import threading, time; threading.Thread(target=time.sleep, args=(60,)).start()\n"
    code, secs, err = ended(started(body + BODY.format(does=does)), number)
    assert (code, err) == (CODES[number], "closed\n")
    assert secs < MOST_SECS


@pytest.mark.parametrize("number", CODES)
def test_what_does_not_hear_a_signal_is_cut_short(number):
    # As in compiled code: no handler of Python runs before it returns.
    body = "import ctypes, signal, threading, time; lib = ctypes.CDLL(None)\n"
    # Another thread takes the signal, so that it does not end the sleep of the main one.
    body += "threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    body += "signal.pthread_sigmask(signal.SIG_BLOCK, [2, 1, 15])"
    code, secs, err = ended(started(body + BODY.format(does="lib.sleep(60)")), number)
    assert code == CODES[number]
    assert err == "narrows: cut short, since it took too long to end; nothing that finished is lost\n"
    assert LAST_SECS <= secs < MOST_SECS


def test_a_signal_that_is_ignored_stays_ignored():
    def below_nohup():
        hear_all()
        signal.signal(signal.SIGHUP, signal.SIG_IGN)

    process = started(BODY.format(does="time.sleep(2)"), preexec_fn=below_nohup)
    assert ended(process, signal.SIGHUP)[0] == 0


def test_a_terminal_that_is_closed_ends_a_command_without_a_traceback(tmp_path):
    said = tmp_path / "said"
    pid, terminal = pty.fork()
    if not pid:
        hear_all()
        does = f"sys.excepthook = lambda *of: open({str(said)!r}, 'w').write(repr(of))\n    "
        does += "try:\n        time.sleep(60)\n    finally:\n        print('on the way out', flush=True)"
        os.execv(sys.executable, [sys.executable, "-c", BODY.format(does=does)])
    assert b"waiting" in os.read(terminal, 100)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 129
    assert not said.exists()


def test_handlers_are_those_of_before_once_a_command_has_ended(monkeypatch):
    before = [signal.getsignal(number) for number in CODES]
    with heeded():
        assert signal.getsignal(signal.SIGTERM) != before[1]
    monkeypatch.setattr(sys, "argv", ["narrows", "--version"])
    with pytest.raises(SystemExit):
        main()
    assert [signal.getsignal(number) for number in CODES] == before
    assert signal.set_wakeup_fd(-1) == -1


def test_python_without_the_command_line_gets_no_handler():
    code = "import signal; before = [signal.getsignal(one) for one in (1, 2, 15)]; import narrows; "
    code += "from narrows.tuning import tune, study; import narrows.tuning.search; "
    code += "assert [signal.getsignal(one) for one in (1, 2, 15)] == before"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120, preexec_fn=hear_all)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_search_that_is_ended_says_how_to_go_on(number, tmp_path):
    small = ["synthetic:sines", "--engine", "fused", "--layers", "1", "--units", "2..60", "--trials", "400"]
    small += ["--patience", "0", "--out", str(tmp_path / "run")]
    process = subprocess.Popen(
        [*NARROWS, "tune", *small, "--epochs", "400"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hear_all,
    )
    said = []
    while not said or not said[-1].startswith("1/400"):
        said.append(process.stdout.readline())
        assert said[-1], process.stderr.read()
    sent = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert time.monotonic() - sent < MOST_SECS
    assert process.returncode == CODES[number], err
    # On a busy machine it may be cut short.
    assert "the same command goes on where it stopped" in out + err
    assert "Traceback" not in err
    run = Run(tmp_path / "run")
    assert any(trial.status == "completed" for trial in run.trials)
    run.close()
