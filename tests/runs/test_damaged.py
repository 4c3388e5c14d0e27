"""Every file of a run and of an export, damaged in every way, and every command on it: one message and exit
code 2, or what the command says of an undamaged one. Never a traceback, and nothing half-written.
"""

from __future__ import annotations

import json
import os
import shutil
import zipfile

import numpy as np
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.models import opened
from narrows.tuning.models.about import write_about

from .conftest import SOUND, is_one_message

FILES = {
    "job.json": {"trials", "json", "csv", "report", "export", "forecast", "tune", "study"},
    "run.sqlite": {"trials", "json", "csv", "report", "export", "forecast", "tune", "study"},
    "series.npz": {"export", "forecast", "tune", "study"},
    "trials/0000/weights.npz": {"export", "forecast", "tune", "study"},
    "trials/0000/weights.1.npz": {"tune", "study"},
    "trials/0001/weights.npz": {"tune", "study"},
    "trials/0001/state.1.npz": {"tune", "study"},
    f"studies/{'0' * 24}.npz": {"tune", "study"},
    "run.lock": set(),
    "run.holder": set(),
}
"""Which commands rest on a file."""
JSON = [
    "5",
    "null",
    '"text"',
    "[]",
    "{}",
    '{"version": 3}',
    '{"version": 3, "identity": []}',
    "[" * 99_999,
    "1" * 9999,
]


def flipped(content: bytes, places: int) -> list[bytes]:
    """Return `content` with one byte altered, at so many places from its first byte to its last one."""
    found = []
    for place in np.unique(np.linspace(0, len(content) - 1, min(places, len(content))).astype(int)):
        altered = bytearray(content)
        altered[place] ^= 1 << (place % 8)
        found.append(bytes(altered))
    return found


def damages(content: bytes, places: int = 8) -> list[bytes]:
    """Return what may have become of a file."""
    cut = [
        content[:length] for length in (0, 1, len(content) // 2, len(content) - 1) if length < len(content)
    ]
    third = len(content) // 3
    zeroed = [content[:at] + bytes(third) + content[at + third :] for at in (0, third, 2 * third)]
    noise = np.random.default_rng(99).bytes(len(content))
    return [*cut, *zeroed, *flipped(content, places), content + b"\n", noise]


def odd_npz(folder) -> list[bytes]:
    """Return files of arrays that are none of ours: empty, with pickles, with other names, a bomb."""
    found = []
    for number, arrays in enumerate([{}, {"0000": np.array([print], object)}, {"other": np.ones(2)}]):
        np.savez(folder / f"{number}.npz", allow_pickle=True, **arrays)
        found.append((folder / f"{number}.npz").read_bytes())
    with zipfile.ZipFile(folder / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("0000.npy", bytes(10**7))
    return [*found, (folder / "bomb.npz").read_bytes()]


def left(folder) -> dict:
    """What lies below a folder, but for what every start of a search writes."""
    own = (
        *("run.holder", "run.lock", "run.sqlite", "run.sqlite-wal", "run.sqlite-shm", "log.txt"),
        "report.html",
    )
    return {
        path: path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if path.name not in own
    }


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_of_a_run_is_told_by_name_or_not_asked_for(made, folder, commands, tmp_path, name):
    path = folder / name
    undamaged = {told: call(folder) for told, call in commands.items()}
    assert {told for told, found in undamaged.items() if found[2].endswith(f"{SOUND}\n")} == {
        "export", "forecast", "study",
    }  # fmt: skip
    assert all(code == 0 or SOUND in err for code, _, err in undamaged.values())
    is_store = name == "run.sqlite"
    content = (made / name).read_bytes()
    kinds = damages(content, 60 if is_store else 8)
    kinds += [text.encode() for text in JSON] if path.suffix == ".json" else []
    kinds += odd_npz(tmp_path) if path.suffix == ".npz" else []
    for number, damaged in enumerate(kinds):
        shutil.rmtree(folder)
        shutil.copytree(made, folder)
        path.write_bytes(damaged)
        before = left(tmp_path)
        # All commands on the first few; then of those that ask for this file alike some.
        asked = commands if number < 3 else {"runs", "json", "report", "tune"} if is_store else FILES[name]
        for command in asked:
            told = commands[command](folder)
            if command == "runs" and told != undamaged["runs"]:
                assert told[0] == 0 and "damaged: " in told[1] and path.name in told[1], told
            elif told != undamaged[command] or (command in FILES[name] and not is_store):
                assert is_one_message(told) and path.name in told[2], (command, told)
        assert left(tmp_path) == before


@pytest.mark.parametrize("name", [*FILES, "trials", "studies", "tensorboard"])
@pytest.mark.parametrize("kind", ["nothing", "folder", "pipe", "file"])
def test_what_is_in_the_place_of_a_file_or_of_a_folder_is_told_or_not_asked_for(folder, commands, name, kind):
    undamaged = {command: call(folder) for command, call in commands.items()}
    path = folder / name
    if path.is_dir():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    if kind != "nothing":
        {"folder": os.mkdir, "pipe": os.mkfifo, "file": lambda path: path.write_text("text")}[kind](path)
    before = left(folder.parent)
    for command, call in commands.items():
        told = call(folder)
        if command == "runs":
            assert told[0] == 0
        elif told != undamaged[command]:
            assert is_one_message(told), (command, told)
    assert left(folder.parent) == before


ABOUT = {
    "format": "savedmodel", "targets": ["y"], "values": ["y"], "categories": {}, "level": None, "lookback": 3,
    "horizon": 1, "time": [], "id": None, "frequency": None, "season": 1, "zone": None, "missing": "error",
    "conventions": {}, "wide": None, "known": [], "static": [], "calendar": [], "unseen": "none",
}  # fmt: skip


def test_a_damaged_export_is_told_by_name(commands, monkeypatch, tmp_path):
    def exported(*_, **__):
        raise UserError(SOUND)

    monkeypatch.setattr(opened, "exported", exported)
    sound, model = tmp_path / "sound", tmp_path / "exported"
    (sound / "variables").mkdir(parents=True)
    for number, name in enumerate(
        ("saved_model.pb", "variables/variables.index", "variables/variables.data")
    ):
        (sound / name).write_bytes(np.random.default_rng(number).bytes(300))
    write_about(sound, ABOUT)
    assert commands["forecast"](sound)[2] == f"narrows: {SOUND}\n"
    for file in [file for file in sound.rglob("*") if file.is_file()]:
        content = file.read_bytes()
        kinds = [*damages(content), None]
        kinds += [text.encode() for text in JSON] if file.name == "narrows.json" else []
        if file.name == "narrows.json":
            about = json.loads(content)
            for field in ("files", "digest", "level", "targets"):
                kinds += [json.dumps(about | {field: other}).encode() for other in (None, 5, "x", [5], {})]
        for damaged in kinds:
            shutil.copytree(sound, model)
            path = model / file.relative_to(sound)
            path.unlink()
            if damaged is not None:
                path.write_bytes(damaged)
            told = commands["forecast"](model)
            assert is_one_message(told), (file, damaged, told)
            # Of what is said of the model, blanks may change.
            if file.name != "narrows.json":
                assert "narrows.json" in told[2] or file.name in told[2]
            elif damaged is not None and SOUND in told[2]:
                assert json.loads(damaged) == json.loads(content)
            shutil.rmtree(model)
