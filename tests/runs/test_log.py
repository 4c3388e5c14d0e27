"""`log.txt` of a run: whole where something fails, bounded, without values, and never in the way."""

import logging
import os
import pathlib
import re
import signal
import warnings

import pytest

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Status, Trial
from narrows.tuning.job import Job
from narrows.tuning.runs import log_file
from narrows.tuning.runs.log import logged
from narrows.tuning.runs.log_file import LOGGER
from narrows.tuning.runs.paths import RunPaths
from narrows.tuning.runs.start import started
from narrows.tuning.watchers.log import Log

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z narrows\.\S+: .")


@pytest.fixture
def paths(tmp_path):
    return RunPaths(tmp_path)


@pytest.fixture(autouse=True)
def logger_as_it_was():
    before = LOGGER.level, LOGGER.propagate, list(LOGGER.handlers)
    yield
    assert (LOGGER.level, LOGGER.propagate, list(LOGGER.handlers)) == before


def begin(folder, data=None):
    data = {"sold": [987654.321 + row % 7 for row in range(200)]} if data is None else data
    job = Job(data, target="sold", lookback=8)
    prepared = job.prepare()
    return started(folder, job.describe(prepared), prepared.series)


def test_each_start_is_told_with_its_time_versions_machine_and_end(tmp_path):
    for _ in range(2):
        with begin(tmp_path / "run"):
            pass
    lines = (tmp_path / "run" / "log.txt").read_text().splitlines()
    assert all(LINE.match(line) for line in lines)
    told = "\n".join(lines)
    assert (
        told.count(f"start of process {os.getpid()}") == 2 and told.count("writing the run: ends after") == 2
    )
    for name in ("narrows 0", "Python 3.", "tensorflow 2", "keras 3", "keras-tuner 1", "numpy 2", "optuna "):
        assert told.count(name) == 2, name
    assert re.search(r"\d+ cores, [\d.]+ GiB of memory, [\d.]+ GiB of disk free", told)


def test_an_error_is_told_with_its_traceback_and_what_the_user_is_not_shown(paths):
    with pytest.raises(UserError, match="one sentence") as shown, logged(paths):
        try:
            raise OSError(28, "No space left on device")
        except OSError:
            raise UserError("one sentence") from None
    told = paths.log.read_text()
    first, second = told.index("OSError: [Errno 28] No space left"), told.index("UserError: one sentence")
    assert first < second and told.count("Traceback (most recent call last)") == 2
    assert not hasattr(shown.value, "__notes__"), "the user can mend it, and need not report it"


def test_a_fault_says_where_the_log_is_and_what_to_send(paths):
    with pytest.raises(ZeroDivisionError) as met, logged(paths):
        1 / 0  # noqa: B018
    (note,) = met.value.__notes__
    assert note == (
        "narrows: this is a fault of narrows; please report it with all lines above and "
        f"{paths.log}, once you have looked through it"
    )
    assert "ended by ZeroDivisionError" in paths.log.read_text()


def test_a_signal_is_told(paths):
    with pytest.raises(KeyboardInterrupt), logged(paths):
        raise KeyboardInterrupt(signal.Signals.SIGTERM.name)
    assert "KeyboardInterrupt: SIGTERM" in paths.log.read_text()


def test_a_warning_is_told_and_still_shown(paths):
    with pytest.warns(RuntimeWarning, match="look out"), logged(paths):
        warnings.warn("look out", RuntimeWarning, stacklevel=1)
    assert "warned of RuntimeWarning: look out" in paths.log.read_text()


def test_who_listens_to_python_hears_no_more_than_before(paths, caplog):
    with logged(paths):
        logging.getLogger("narrows.tuning.one").info("a step")
        logging.getLogger("narrows.tuning.one").warning("look out")
    assert caplog.messages == ["look out"]
    caplog.clear()
    with caplog.at_level(logging.INFO, "narrows"), logged(paths):
        logging.getLogger("narrows.tuning.one").info("a step")
    assert "a step" in caplog.messages
    assert paths.log.read_text().count("a step") == 2


def test_what_nobody_listens_to_is_written_once_to_standard_error(paths, capsys, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with logged(paths):
        logging.getLogger("narrows.tuning.one").info("a step")
        logging.getLogger("narrows.tuning.one").warning("look out")
    assert capsys.readouterr().err == "look out\n"


def test_runs_that_one_process_writes_side_by_side_leave_the_logger_as_it_was(tmp_path):
    first, second = (RunPaths(tmp_path / name) for name in ("a", "b"))
    for one in (first, second):
        one.folder.mkdir()
    outer, inner = logged(first), logged(second)
    outer.__enter__()
    inner.__enter__()
    outer.__exit__(None, None, None)
    LOGGER.getChild("one").info("of the second alone")
    inner.__exit__(None, None, None)
    assert "of the second alone" in second.log.read_text()
    assert "of the second alone" not in first.log.read_text()


def test_no_value_of_the_data_no_environment_and_no_home_is_told(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("NARROWS_SECRET", "hunter2")
    assert pathlib.Path.home() == home
    with pytest.raises(FileNotFoundError), begin(home / "run"):
        (home / "some" / "file").read_text()
    told = (home / "run" / "log.txt").read_text()
    assert "~/some/file" in told
    assert (
        str(tmp_path) not in told and "hunter2" not in told and "987654" not in told and "98765" not in told
    )


def test_a_name_in_the_log_commands_no_terminal(paths):
    with pytest.raises(UserError), logged(paths):
        raise UserError("the column \x1b[2J\x07\u202e is not there")
    assert "the column \\x1b[2J\\x07\\u202e is not there" in paths.log.read_text()


def test_arguments_that_may_hold_data_or_code_are_told_by_their_class():
    job = Job({"sold": [987654.321]}, target="sold", trials=7, callbacks=[print], space=test_a_signal_is_told)
    assert job.asked() == "source='<dict>', target='sold', space='<function>', callbacks='<list>', trials=7"
    assert Job("sales.csv").asked() == "source='sales.csv'"
    assert "'units': (4, 8)" in Job("sales.csv", space={"units": (4, 8)}).asked()


def test_a_log_of_very_many_trials_takes_a_few_megabytes_and_begins_with_the_versions(paths):
    watcher = Log()
    values = {"num_layers": 3, "units_1": 64, "units_2": 64, "units_3": 64, "learning_rate": 0.0123456789}
    with logged(paths):
        for number in range(12_000):
            trial = Trial(number, values, 30, units=(64, 64, 64), parameters=99_999, status=Status.COMPLETED)
            watcher.began(trial)
            watcher.ended(trial, None)
    sizes = [path.stat().st_size for path in (paths.log, paths.older_log)]
    assert max(sizes) <= log_file.MOST_BYTES and sum(sizes) > 1.2 * log_file.MOST_BYTES
    assert sorted(path.name for path in paths.folder.iterdir()) == ["log.1.txt", "log.txt"]
    for path in (paths.log, paths.older_log):
        assert "narrows 0" in "".join(path.read_text().splitlines()[:3])
    assert "t11999" in paths.log.read_text()


def test_5400_trials_fit_into_the_two_files(paths):
    trial = Trial(
        1, {f"units_{n}": 64 for n in range(1, 9)}, 30, units=(64,) * 8, parameters=99, reason="x" * 90
    )
    with logged(paths):
        Log().began(trial)
        Log().ended(trial, None)
    own = [line for line in paths.log.read_text().splitlines() if "watchers.log" in line]
    assert 5_400 * sum(map(len, own)) < 2 * log_file.MOST_BYTES


def full(file):
    return open("/dev/full", "a")


def refused(file):
    raise PermissionError(13, "Permission denied")


@pytest.mark.parametrize("kind", ["full", "folder", "pipe", "link", "refused"])
def test_a_log_that_cannot_be_written_is_in_nobodys_way(paths, tmp_path, monkeypatch, capfd, kind):
    outside = tmp_path.parent / f"{tmp_path.name}-outside"
    outside.write_text("of somebody else")
    if kind in ("full", "refused"):
        monkeypatch.setattr(log_file.LogFile, "_open", {"full": full, "refused": refused}[kind])
    else:
        {"folder": os.mkdir, "pipe": os.mkfifo, "link": lambda path: os.symlink(outside, path)}[kind](
            paths.log
        )
    done = []
    with logged(paths):
        for number in range(3000):
            logging.getLogger("narrows.tuning.one").info("step %d of a search %s", number, "x" * 900)
        done.append(True)
    assert done and capfd.readouterr() == ("", "")
    assert outside.read_text() == "of somebody else"


def test_a_log_is_no_strangers_file_in_a_folder_that_is_to_be_a_run(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "log.txt").write_text("of a start that was cut off\n")
    (folder / "log.1.txt").write_text("and before\n")
    with begin(folder):
        pass
    assert (folder / "log.txt").read_text().startswith("of a start that was cut off\n")
