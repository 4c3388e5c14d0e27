"""Nothing outside a run folder is ever written or removed, whatever link somebody put into it."""

import os

import pytest

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.whole_file import write_whole
from narrows.tuning import Run
from narrows.tuning.job import Job
from narrows.tuning.runs.start import held, started

BELOW = [
    "tensorboard/search", "tensorboard/t0001 8", "tensorboard/search/events.out.tfevents.1",
    "trials/0001", "trials/0001/weights.npz", "trials/0001/state.1.npz", "trials/0000/weights.1.npz",
    "trials/0009", "trials/0001/.weights.npz.17", f"studies/{'0' * 24}.npz", f"studies/.{'0' * 24}.npz.17",
]  # fmt: skip
OWN = [
    "tensorboard", "trials", "studies", "job.json", "series.npz", "run.sqlite", "run.sqlite-wal",
    "run.sqlite-shm", "run.sqlite-journal", "run.lock", "run.holder", "log.txt", "log.1.txt",
]  # fmt: skip


def go_on(folder):
    job = Job("synthetic:trend,rows=200", trials=2)
    prepared = job.prepare()
    with started(folder, job.describe(prepared), prepared.series):
        pass


def seen(folder):
    """Every file below a folder, with what it holds and when it was written."""
    return {
        path.relative_to(folder): (path.read_bytes() if path.is_file() else None, path.lstat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


@pytest.fixture
def linked(folder, tmp_path):
    """Move a name of the run out of its folder and leave a link; what is there or in its place outside."""

    def link(name):
        path, outside = folder / name, tmp_path / "outside"
        outside.mkdir()
        for precious in ("precious", ".weights.npz.17"):
            (outside / precious).write_text("of somebody else")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.rename(outside / path.name)
        elif path.suffix:
            (outside / path.name).write_text("of somebody else")
        else:
            (outside / path.name).mkdir()
            (outside / path.name / ".weights.npz.17").write_text("of somebody else")
        path.symlink_to(outside / path.name)
        return path, outside

    return link


@pytest.mark.parametrize("name", [*OWN, *BELOW])
def test_a_link_in_a_run_is_refused_by_whoever_writes_and_what_it_leads_to_is_left_alone(
    folder, linked, name
):
    path, outside = linked(name)
    before = seen(outside)
    for write in (go_on, lambda where: held(where).__enter__()):
        with pytest.raises(UserError, match="is a link to .* and a run keeps to its folder") as told:
            write(folder)
        assert str(path) in str(told.value)
    assert seen(outside) == before


@pytest.mark.parametrize("name", OWN)
def test_a_reader_follows_no_link_of_the_run_s_own_names_either(folder, linked, name):
    outside = linked(name)[1]
    before = seen(outside)
    with pytest.raises(UserError, match="is a link to"):
        Run(folder)
    assert seen(outside) == before


@pytest.mark.parametrize("name", ["run.lock", "run.sqlite", "series.npz", "trials", "tensorboard"])
def test_a_link_in_a_folder_that_is_no_run_yet_is_not_written_through(tmp_path, name):
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "precious").write_text("of somebody else")
    (folder / name).symlink_to(tmp_path / "precious")
    with pytest.raises(UserError, match=r"is a link to|exists and is not a run"):
        go_on(folder)
    assert (tmp_path / "precious").read_text() == "of somebody else"


def test_the_folder_of_a_run_may_be_a_link_that_its_owner_made(folder, tmp_path):
    (tmp_path / "here").symlink_to(folder)
    go_on(tmp_path / "here")
    assert Run(tmp_path / "here").best.number == 0


def test_a_file_that_is_written_is_not_written_through_a_link_of_its_name_beside_it(tmp_path):
    (tmp_path / "precious").write_text("of somebody else")
    (tmp_path / f".new.{os.getpid()}").symlink_to(tmp_path / "precious")
    write_whole(tmp_path / "new", b"content")
    assert (tmp_path / "new").read_bytes() == b"content" and not (tmp_path / "new").is_symlink()
    assert (tmp_path / "precious").read_text() == "of somebody else"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "precious"]
