"""Starting and ending TensorBoard."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from narrows.search_spaces import UserError
from narrows.tuning import board
from narrows.tuning.board_hosts import Hosts

WAIT_SECS = 60


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=WAIT_SECS) as answer:
        return bytes(answer.read())


def _answers(url: str) -> bool:
    try:
        _get(f"{url}data/runs")
    except OSError:
        return False
    return True


def _eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + WAIT_SECS
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return holds()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[board.Board, Path]]:
    """Return a board and the log directory it looks at."""
    folder = tmp_path_factory.mktemp("sales") / "tensorboard"
    folder.mkdir()
    started = board.start(folder, port=0)
    yield started, folder
    started.stop()


def test_it_answers_at_once_on_localhost(running: tuple[board.Board, Path]) -> None:
    started, _ = running
    assert started.url == f"http://localhost:{started.port}/"
    assert _answers(started.url)


def _status(url: str, host: str) -> int:
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers={"Host": host}), timeout=60
        ) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_only_its_own_names_are_answered(running: tuple[board.Board, Path]) -> None:
    started, _ = running
    for path in ("", "data/runs", "data/plugin/narrowing/runs", "data/plugin/narrowing/static/index.js"):
        url = f"{started.url}{path}"
        assert _status(url, f"localhost:{started.port}") == _status(url, "127.0.0.1:1") == 200
        assert _status(url, "stranger.example") == _status(url, f"localhost.evil:{started.port}") == 403


def test_what_would_read_files_outside_of_the_run_is_left_out(running: tuple[board.Board, Path]) -> None:
    started, _ = running
    with urllib.request.urlopen(f"{started.url}data/plugins_listing", timeout=60) as answer:
        listed = json.load(answer)
    assert "hparams" in listed and "projector" not in listed
    assert _status(f"{started.url}data/plugin/projector/runs", "localhost") == 404


def test_a_name_can_be_added(tmp_path: Path) -> None:
    started = board.start(tmp_path, port=0, allow_host=["Proxy.Example"])
    try:
        assert _status(started.url, "proxy.example") == 200
        assert _status(started.url, "other.example") == 403
    finally:
        started.stop()


@pytest.mark.parametrize(
    ("listens", "more", "header", "answers"),
    [
        ("localhost", (), "localhost", True),
        ("localhost", (), "LOCALHOST:6006", True),
        ("localhost", (), "localhost.:6006", True),
        ("localhost", (), "127.0.0.1:80", True),
        ("localhost", (), "[::1]:6006", True),
        ("localhost", (), "", False),
        ("localhost", (), "localhost.example", False),
        ("localhost", (), "example:localhost", False),
        ("localhost", (), "example@localhost", False),
        ("localhost", (), "[::1", False),
        ("localhost", (), "192.168.0.7", False),
        ("box.lan", (), "box.lan:6006", True),
        ("box.lan", (), "other.lan", False),
        ("0.0.0.0", (), "192.168.0.7:6006", True),
        ("::", (), "[fe80::7]:6006", True),
        ("0.0.0.0", (), "box.lan", False),
        ("0.0.0.0", ("box.lan",), "box.lan", True),
    ],
)
def test_which_names_are_its_own(listens: str, more: tuple[str, ...], header: str, answers: bool) -> None:
    assert Hosts(lambda environ, start: [], listens, more).answers_to(header) is answers


def test_the_page_is_titled_with_the_run(running: tuple[board.Board, Path]) -> None:
    started, folder = running
    assert folder.parent.name.encode() in _get(f"{started.url}data/environment")


def test_the_link_shows_the_narrowing_tab_pins_the_validation_loss_and_does_not_smooth(
    running: tuple[board.Board, Path],
) -> None:
    link = urlsplit(running[0].link)
    assert parse_qs(link.query) == {
        "pinnedCards": ['[{"plugin":"scalars","tag":"loss/validation"}]'],
        "smoothing": ["0"],
    }
    assert link.fragment == "narrowing"


def test_a_running_search_is_followed(running: tuple[board.Board, Path]) -> None:
    started, folder = running
    from narrows.callbacks.events import EventFile, scalar

    events = EventFile(folder / "t0000 8")
    events.write([scalar("loss/validation", 0.5)], step=1)
    assert _eventually(lambda: b"t0000 8" in _get(f"{started.url}data/runs"))
    events.close()


def test_ctrl_c_in_the_terminal_is_left_to_who_started_it(running: tuple[board.Board, Path]) -> None:
    started, _ = running
    started._process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        started._process.wait(1)
    assert _answers(started.url)


def test_a_taken_port_is_passed_over(tmp_path: Path) -> None:
    with socket.create_server(("localhost", 0)) as taken:
        port = taken.getsockname()[1]
        started = board.start(tmp_path, port=port)
        try:
            assert started.port > port
            assert _answers(started.url)
        finally:
            started.stop()


def test_stop_frees_the_port_and_ends_the_process(tmp_path: Path) -> None:
    started = board.start(tmp_path, port=0)
    started.stop()
    started.stop()
    started.wait()
    assert not _answers(started.url)
    with socket.create_server(("localhost", started.port)):
        pass


def test_it_ends_when_the_process_that_started_it_is_killed(tmp_path: Path) -> None:
    code = f"""
        import os, signal, sys
        from pathlib import Path
        from narrows.tuning import board
        sys.stdout.write(board.start(Path({str(tmp_path)!r}), port=0).url)
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    """
    command = [sys.executable, "-P", "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as killed:
        assert killed.stdout is not None
        url = killed.stdout.read(len("http://localhost:00000/"))
        assert killed.wait(WAIT_SECS) == -signal.SIGKILL
    assert url.startswith("http://localhost:")
    assert _eventually(lambda: not _answers(url))


def test_files_of_the_working_folder_shadow_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("callbacks", "tensorboard", "json"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    board.start(tmp_path, port=0).stop()


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"port": 65536}, "port 65536 does not exist: give a number from 1 to 65535, or 0 for any free port"),
        ({"port": -1}, "port -1 does not exist: give a number from 1 to 65535, or 0 for any free port"),
        ({"host": "no.such.host.invalid"}, "TensorBoard cannot listen at no.such.host.invalid, port 6006: "),
    ],
)
def test_where_it_cannot_listen_is_said(tmp_path: Path, where: dict[str, object], message: str) -> None:
    with pytest.raises(UserError) as error:
        board.start(tmp_path, **where)  # type: ignore[arg-type]
    assert str(error.value).startswith(message)


def test_what_stops_tensorboard_from_starting_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "tensorboard.py").write_text("raise ImportError('this one is broken')")
    with pytest.raises(RuntimeError, match=r"did not start:\n(.|\n)*this one is broken"):
        board.start(tmp_path, port=0)
