"""What commands write for the user: whole, in the place that was named, and nowhere else."""

import json
import os
import shutil

import pytest

from narrows.tuning.cli import use
from narrows.tuning.models import export


@pytest.fixture
def exported(monkeypatch, command):
    """Export with the command, with a model that takes no TensorFlow; writing it may be made to fail."""
    monkeypatch.setattr(use, "load_tensorflow", lambda: None)

    def call(folder, dest, *more, fault=None):
        def write(run, wanted, beside, format, level):
            (beside / "saved_model.pb").write_text("new")
            if fault:
                raise fault
            (beside / "narrows.json").write_text("{}")
            spec = {"y": {"dtype": "float64", "shape": [None, 1]}}
            checked = {"windows": 1, "worst_relative_difference": 0.0}
            head = {"trial": "t0000 8", "parameters": 9, "format": format, "level": level}
            return head | {"checked": checked, "inputs": spec, "outputs": spec}

        monkeypatch.setattr(export, "_write", write)
        return command("export", folder, dest, *more)

    return call


@pytest.fixture
def earlier(tmp_path):
    """An earlier export."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "narrows.json").write_text("half of it is dama")
    (tmp_path / "model" / "saved_model.pb").write_text("old")
    return tmp_path / "model"


def test_an_earlier_export_is_replaced_also_when_it_is_damaged(folder, earlier, exported):
    assert exported(folder, earlier)[0] == 2
    code, _, told = exported(folder, earlier, "--force")
    assert (code, told) == (0, "") and (earlier / "saved_model.pb").read_text() == "new"
    assert sorted(os.listdir(earlier.parent)) == ["model", "runs"]


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_not_replaced_by_an_export(folder, earlier, exported, there):
    link = earlier.with_name("link")
    link.symlink_to(earlier if there else "nowhere")
    code, _, told = exported(folder, link, "--force")
    assert code == 2 and told.startswith(f"narrows: {link} is a link to ")
    assert (earlier / "saved_model.pb").read_text() == "old"
    assert sorted(os.listdir(earlier.parent)) == ["link", "model", "runs"]


def test_a_full_disk_leaves_the_earlier_export(folder, earlier, exported):
    full = OSError(28, "No space left on device")
    code, _, told = exported(folder, earlier, "--force", fault=full)
    assert (code, told) == (2, f"narrows: {earlier} cannot be written: No space left on device\n")
    assert (earlier / "saved_model.pb").read_text() == "old"
    assert sorted(os.listdir(earlier.parent)) == ["model", "runs"]


def test_an_export_that_cannot_take_its_place_leaves_the_earlier_one(folder, earlier, exported, monkeypatch):
    put, asked = os.replace, []

    def refused(source, dest):
        asked.append(dest)
        if len(asked) == 2:
            raise OSError(13, "Permission denied")
        put(source, dest)

    monkeypatch.setattr(os, "replace", refused)
    code, _, told = exported(folder, earlier, "--force")
    assert (code, told) == (2, f"narrows: {earlier} cannot be written: Permission denied\n")
    assert (earlier / "saved_model.pb").read_text() == "old"
    assert sorted(os.listdir(earlier.parent)) == ["model", "runs"]


def test_an_export_below_a_file_is_one_message(folder, exported, tmp_path):
    (tmp_path / "file").write_text("mine")
    code, _, told = exported(folder, tmp_path / "file" / "model")
    assert code == 2 and "cannot be written: Not a directory" in told


def test_a_report_over_a_link_replaces_the_link(folder, command, tmp_path):
    (tmp_path / "precious").write_text("of somebody else")
    (folder / "report.html").symlink_to(tmp_path / "precious")
    assert command("report", folder)[0] == 2
    assert command("report", folder, "--force")[0] == 0
    assert (tmp_path / "precious").read_text() == "of somebody else"
    assert not (folder / "report.html").is_symlink()


def test_a_run_that_cannot_be_read_is_listed_with_the_reason_beside_the_others(folder, command):
    for name in ("empty", "altered", "linked", "text"):
        shutil.copytree(folder, folder.with_name(name))
    (folder.with_name("empty") / "run.sqlite").write_bytes(b"")
    content = (folder / "job.json").read_text()
    (folder.with_name("altered") / "job.json").write_text(f"{content} ")
    (folder.with_name("text") / "job.json").write_text("a text")
    shutil.rmtree(folder.with_name("linked") / "trials")
    (folder.with_name("linked") / "trials").symlink_to(folder / "trials")
    code, table, told = command("runs", folder.parent)
    assert (code, told) == (0, "")
    lines = {line.split()[0]: line for line in table.splitlines()[1:]}
    assert list(lines) == [
        str(folder.with_name(name)) for name in ("altered", "empty", "linked", "run", "text")
    ]
    for name, reason in [("altered", "is not what this run wrote"), ("empty", "run.sqlite is empty"),
                         ("linked", "is a link to"), ("text", "cannot be read as the job of")]:  # fmt: skip
        assert "damaged: " in lines[str(folder.with_name(name))]
        assert reason in lines[str(folder.with_name(name))]
    assert "2/2" in lines[str(folder)]
    rows = json.loads(command("runs", folder.parent, "--json")[1])
    assert [row["damaged"] is None for row in rows] == [False, False, False, True, False]
    assert [row["failed"] for row in rows] == [None, None, None, 0, None]
