"""`--verbose`: the log on standard error and tracebacks; a fault says in its last line what to send."""

import logging
import sys
import traceback

import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning import api
from narrows.tuning.cli import main, searching

LOGGER = logging.getLogger("narrows")


@pytest.fixture
def narrows(tmp_path, monkeypatch, capfd):
    """Run a command in this process, whose search only raises an error; return it and standard error."""

    def command(*arguments, error=None):
        def fails(*_):
            LOGGER.getChild("tuning.search").info("it begins")
            raise error

        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(api, "search_into", fails)
        monkeypatch.setattr(searching, "load_tensorflow", lambda: None)
        monkeypatch.setattr(sys, "argv", ["narrows", *arguments])
        before = LOGGER.level, LOGGER.propagate, list(LOGGER.handlers)
        with pytest.raises((SystemExit, ZeroDivisionError)) as ended:
            main()
        assert (LOGGER.level, LOGGER.propagate, list(LOGGER.handlers)) == before
        return ended.value, capfd.readouterr().err

    return command


SEARCH = ("tune", "synthetic:trend,rows=200", "--out", "run", "--quiet")


def test_without_it_a_mistake_is_one_message_and_with_it_the_traceback_stands_before(narrows):
    ended, quiet = narrows("tune", "none.csv", "-t", "sold")
    assert ended.code == 2 and quiet.startswith("narrows: ") and "Traceback" not in quiet
    for option in ("--verbose", "-v"):
        ended, verbose = narrows("tune", "none.csv", "-t", "sold", option)
        assert ended.code == 2 and verbose.endswith(quiet)
        assert "Traceback (most recent call last)" in verbose and "UserError: " in verbose


def test_with_it_the_lines_of_the_log_are_written_as_they_happen(narrows, tmp_path):
    error = UserError("this is far enough")
    assert narrows(*SEARCH, error=error)[1] == "narrows: this is far enough\n"
    said = narrows(*SEARCH, "--verbose", error=error)[1]
    log = (tmp_path / "run" / "log.txt").read_text()
    lines = log[log.rindex("\n", 0, log.rindex("start of process")) + 1 :]
    assert lines in said and said.count("it begins") == 1


def test_what_the_system_refuses_has_its_traceback_too(narrows):
    error = PermissionError(13, "Permission denied", "somewhere")
    _, quiet = narrows(*SEARCH, error=error)
    assert quiet == "narrows: somewhere: the system says: Permission denied\n"
    assert "PermissionError" in narrows(*SEARCH, "-v", error=error)[1]


def test_a_fault_names_the_log_in_its_last_line(narrows):
    met, err = narrows(*SEARCH, error=ZeroDivisionError("division by zero"))
    last = "".join(traceback.format_exception(met)).splitlines()[-1]
    assert last == (
        "narrows: this is a fault of narrows; please report it with all lines above and run/log.txt, once "
        "you have looked through it"
    )
    assert err == ""


def test_a_fault_before_there_is_a_run_says_what_to_send(narrows, monkeypatch):
    def broken(self):
        raise ZeroDivisionError

    monkeypatch.setattr("narrows.tuning.job.Job.prepare", broken)
    met, _ = narrows(*SEARCH)
    last = "".join(traceback.format_exception(met)).splitlines()[-1]
    assert last == "narrows: this is a fault of narrows; please report it with all lines above"


@pytest.mark.parametrize("command", ["tune", "study", "export", "forecast", "report"])
def test_commands_that_compute_have_it(command, narrows):
    ended, err = narrows(command, "none", *({"export": ["x"], "forecast": ["x"]}.get(command, [])), "-v")
    assert ended.code == 2 and "Traceback" in err
