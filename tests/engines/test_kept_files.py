"""Files in the cache folder: whole or not there, bounded, the user's alone, never a reason to fail."""

import os
import random
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from narrows.tuning.engines.fused import kept_files as module
from narrows.tuning.engines.fused.kept_files import SUFFIX, KeptFiles, cache_folder, kept_files

NOISE = random.Random(0).randbytes(5000)
"""What cannot be compressed, so that sizes on disk are known."""


def names(folder):
    return {path.name.removesuffix(SUFFIX) for path in folder.iterdir()}


def test_what_is_written_is_read_and_what_is_dropped_is_gone(tmp_path):
    files = KeptFiles(tmp_path / "programs")
    assert files.read("one") is None
    for content in (NOISE, b"", b"another"):
        files.write("one", content)
        assert files.read("one") == content
    files.drop("one")
    files.drop("one")
    assert files.read("one") is None and not names(files.folder)
    assert files.folder.stat().st_mode & 0o777 == 0o700


def test_what_is_not_whole_is_not_there_and_goes(tmp_path):
    files = KeptFiles(tmp_path)
    files.write("one", NOISE[:100])
    path = tmp_path / f"one{SUFFIX}"
    whole = path.read_bytes()
    spoilt = [whole[:size] for size in range(len(whole))]
    spoilt += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    spoilt += [whole + b"x", bytes(1000)]
    for content in spoilt:
        path.write_bytes(content)
        assert files.read("one") is None and not path.exists()
    path.write_bytes(whole)
    assert files.read("one") == NOISE[:100]


def test_beyond_the_bound_those_go_that_were_used_longest_ago(tmp_path):
    files = KeptFiles(tmp_path, most_bytes=4 * len(NOISE))
    for place, name in enumerate("abc"):
        files.write(name, NOISE)
        os.utime(tmp_path / f"{name}{SUFFIX}", (place, place))
    half_written, foreign = tmp_path / f".d{SUFFIX}.1234", tmp_path / "notes.txt"
    for path in (half_written, foreign):
        path.write_bytes(NOISE)
        os.utime(path, (0.5, 0.5))
    assert files.read("a") == NOISE, "it is younger now than the others"
    files.write("e", NOISE)
    assert names(tmp_path) == {"a", "c", "e", foreign.name}
    assert sum(path.stat().st_size for path in tmp_path.glob(f"*{SUFFIX}")) <= files.most_bytes


def test_a_disk_that_is_full_keeps_nothing_and_leaves_nothing(tmp_path):
    files = KeptFiles(tmp_path)
    files.write("one", b"small")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, hard))
    try:
        files.write("two", NOISE)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files.read("two") is None and files.read("one") == b"small" and names(tmp_path) == {"one"}


def test_a_folder_that_cannot_be_written_is_read_and_otherwise_left(monkeypatch, tmp_path):
    files = KeptFiles(tmp_path)
    files.write("one", NOISE)

    def refuse(*_, **__):
        raise PermissionError("read-only file system")

    for name in ("utime", "replace", "unlink"):
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr(module, "write_whole", refuse)
    files.write("two", NOISE)
    files.drop("one")
    assert files.read("one") == NOISE and files.read("two") is None
    nowhere = KeptFiles(tmp_path / f"one{SUFFIX}" / "below a file")
    nowhere.write("one", NOISE)
    assert nowhere.read("one") is None


# What this file needs of the package, without TensorFlow, which all of the engine imports.
MANY = """
import sys, types
import narrows.tuning.engines as engines
fused = types.ModuleType("narrows.tuning.engines.fused")
fused.__path__ = [f"{engines.__path__[0]}/fused"]
sys.modules[fused.__name__] = fused
from pathlib import Path
from narrows.tuning.engines.fused.kept_files import KeptFiles
files, seen = KeptFiles(Path(sys.argv[1]), most_bytes=60_000), 0
for turn in range(150):
    name, letter = str(turn % 9), sys.argv[2]
    content = files.read(name)
    assert content is None or content == content[:1] * 50_000, content[:100]
    seen += content is not None and content[:1] != letter.encode()
    files.write(name, letter.encode() * 50_000)
assert "tensorflow" not in sys.modules
print(seen)
"""


def test_several_processes_at_once_see_whole_files(tmp_path):
    started = [
        subprocess.Popen([sys.executable, "-c", MANY, tmp_path, letter], stdout=subprocess.PIPE)
        for letter in "abc"
    ]
    seen = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0, 0, 0]
    assert sum(map(int, seen)) > 0, "they read what others wrote"


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def test_the_folder_is_made_for_the_user_alone(home):
    files = kept_files()
    assert files is not None and files.folder == home / "cache" / "narrows" / "programs"
    assert files.folder.stat().st_mode & 0o777 == 0o700
    files.folder.chmod(0o755)
    assert kept_files() is not None and files.folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("which", ["narrows", "narrows/programs"])
def test_a_folder_that_others_could_change_is_refused(home, monkeypatch, which):
    folder = home / "cache" / which
    folder.mkdir(parents=True)
    for mode in (0o770, 0o707, 0o777):
        folder.chmod(mode)
        assert kept_files() is None
        assert folder.stat().st_mode & 0o777 == mode
    folder.chmod(0o700)
    with monkeypatch.context() as patched:
        patched.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
        assert kept_files() is None
    assert kept_files() is not None


@pytest.mark.parametrize("which", ["narrows", "narrows/programs"])
def test_a_link_or_a_file_in_its_place_is_refused(home, which):
    place, elsewhere = home / "cache" / which, home / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    place.parent.mkdir(parents=True)
    place.symlink_to(elsewhere)
    assert kept_files() is None
    place.unlink()
    place.write_text("")
    assert kept_files() is None
    assert not [*elsewhere.rglob("*.*")]


def test_a_user_without_a_home_keeps_nothing(home, monkeypatch):
    def none():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", none)
    assert kept_files() is None
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    assert kept_files() is None


@pytest.mark.parametrize(
    ("system", "below"), [("linux", ".cache"), ("darwin", "Library/Caches"), ("win32", "")]
)
def test_it_lies_where_the_system_has_such_folders(home, monkeypatch, system, below):
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    assert cache_folder() == home / "cache" / "narrows" / "programs"
    for ignored in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", ignored)
        assert cache_folder() == home / below / "narrows" / "programs"
