"""A run of twelve trials, a study and an answer, made up without training; and the commands on its folder.

What a hostile run holds is forged: it has the digests and the sums of what was put into it, as one has that
somebody made by hand. What was merely altered is refused by those, which `tests/runs` holds.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import math
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import typer

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.plain import to_json, to_plain
from narrows.search_spaces.trial import Epoch, Trial
from narrows.tuning import api, cli, study_api
from narrows.tuning.cli import searching, use
from narrows.tuning.job import Job
from narrows.tuning.models import export, handed, rebuilt
from narrows.tuning.report import page
from narrows.tuning.runs.digests import KeptFiles
from narrows.tuning.runs.folder import RunFolder
from narrows.tuning.runs.paths import RunPaths
from narrows.tuning.runs.start import started
from narrows.tuning.runs.store import Store

FIRST_SIGN_SECS = 10.0
NESTED = functools.reduce(lambda inner, _: [inner], range(500), [])
OTHERS = (
    *(None, True, -1, 0, 7, -0.5, 1e308, -1e308, 10**30, 10**400, math.nan, math.inf),
    *("", "x", "\0", "\ud800", [], [None], ["x"], [-1], {}, {"x": None}, [[]], NESTED),
)
"""What may stand where another kind of value is expected."""
SOURCE = "synthetic:trend,rows=200"
Told = tuple[int, str, str]


def beside(name: str) -> ModuleType:
    """Import a file of the tests of pictures."""
    path = Path(__file__).parents[1] / "callbacks" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"of_hostile_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def job() -> Job:
    """What the run was asked to do."""
    return Job(SOURCE, trials=12)


def fill(run: RunFolder) -> None:
    """Leave in a run what a search and a study leave."""
    search, files = beside("conftest").made_search(12, full=2), KeptFiles(run.folder, run.store)
    for one in search.trials:
        known = Trial(**{name: value for name, value in vars(one).items() if name in Trial.__match_args__})
        run.store.begin(Trial(known.number, known.values, 10), {})
        run.store.epoch(Epoch(known.number, 1, 1.0, 1.0, 0.01, known.secs))
        run.store.end(known, {"told": 12, "algorithm": {}})
        files.save(run.paths.weights(known.number), [np.ones((3, 4), np.float32)])
        if one.measured:
            run.store.set_narrowing(known.number, to_json({"summary": one.summary, "measured": one.measured}))
    run.store.set_meta("hyperparameters", to_plain(list(search.hyperparameters)))
    run.store.set_meta("lag", 4)
    run.store.set_meta("engine", "fused")
    study = beside("made_studies").layer_study()
    run.store.set_study(study.name, to_json(study))
    best = search.best
    scores = {name: {"y": {"RMSE": 1.0, "MAE": None}} for name in ("LSTM", "last value")}
    run.store.set_meta("answer", {
        "trial": best.number, "name": best.name, "parameters": best.parameters, "windows": 30,
        "best_val_loss": best.best_val_loss, "linear_alone": False, "metric": "RMSE", "scores": scores,
        "against_floors": {}, "by_series": {}, "interval": None, "seeds": [], "forecasts": None,
        "adds_nothing": False,
        "units": None, "ensemble": {"members": 3, "share": 0.5, "scores": scores["LSTM"]},
        "sentences": ["next: narrows export RUN model"],
    })  # fmt: skip


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the run; not to be changed."""
    folder = tmp_path_factory.mktemp("hostile") / "runs" / "run"
    prepared = job().prepare()
    with started(folder, job().describe(prepared), prepared.series) as run:
        fill(run)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A copy of the run."""
    return shutil.copytree(made, tmp_path / "runs" / "run")


def forged(folder: Path, name: str, content: bytes) -> None:
    """Put `content` into a file of a run, as if the run had written it."""
    paths = RunPaths(folder)
    (folder / name).write_bytes(content)
    with closing(Store(paths.store)) as store:
        KeptFiles(folder, store).wrote(folder / name)


def forged_rows(folder: Path, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Change rows of the store of a run, as if the run had written them."""
    with closing(Store(RunPaths(folder).store)) as store:
        for statement in statements:
            store._db.execute(*statement)


def places(plain: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where something stands in a JSON value, whole lists after the first two of their items."""
    if at:
        yield at
    inside = (
        plain.items() if isinstance(plain, dict) else enumerate(plain[:2]) if isinstance(plain, list) else ()
    )
    for key, value in inside:
        yield from places(value, (*at, key))


def other_values(plain: Any, seed: int, each: int) -> Iterator[str]:
    """Yield JSON texts like `plain` with something else at one place, `each` times, or with nothing there."""
    luck = random.Random(seed)
    for place in places(plain):
        for other in [..., *luck.sample(OTHERS, each)]:
            copy = json.loads(json.dumps(plain))
            inner = copy
            for key in place[:-1]:
                inner = inner[key]
            if other is ...:
                del inner[place[-1]]
            else:
                inner[place[-1]] = other
            yield json.dumps(copy)


def changed_bits(content: bytes, count: int) -> Iterator[bytes]:
    """Yield `content` with one, three or thirty bits turned over, at places drawn once and for all."""
    luck = random.Random(0)
    for number in range(count):
        changed = bytearray(content)
        for _ in range((1, 3, 30)[number % 3]):
            changed[luck.randrange(len(changed))] ^= 1 << luck.randrange(8)
        yield bytes(changed)


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], app: Any) -> Callable[..., Told]:
    """Call `narrows ...` in this process: works, or one message and exit code 2, and a first sign in time."""
    monkeypatch.setattr(cli, "app", app)
    monkeypatch.setenv("NO_COLOR", "1")

    def called(*arguments: Any) -> Told:
        monkeypatch.setattr(sys, "argv", ["narrows", *map(str, arguments)])
        began = time.monotonic()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert time.monotonic() - began < FIRST_SIGN_SECS
        out, err = capfd.readouterr()
        code = ended.value.code or 0
        assert "Traceback" not in err, err
        if code:
            messages = [line for line in err.splitlines() if line.startswith("narrows: ")]
            assert code == 2 and len(messages) == 1, (code, err)
        return code, out, err

    return called


@pytest.fixture(scope="session")
def app() -> Any:
    """The command `narrows`, which typer else builds anew for each call."""
    return typer.main.get_command(cli.app)


@pytest.fixture
def commands(
    monkeypatch: pytest.MonkeyPatch, call: Callable[..., Told], tmp_path: Path
) -> dict[str, Callable[[Path], Told]]:
    """Return the commands on a folder by name; what takes TensorFlow stands still where all was read."""

    def read(run: RunFolder, *_: Any) -> None:
        assert run.windows.parts
        raise UserError("all was read")

    def forecast_of(run: RunFolder, engine: None, trial: Trial) -> None:
        run.weights(trial)
        read(run)

    for module in (use, searching, study_api):
        monkeypatch.setattr(module, "load_tensorflow", lambda: None)
    monkeypatch.setattr(api, "search_into", lambda *_: None)
    monkeypatch.setattr(study_api, "_conducted", read)
    monkeypatch.setattr(export, "_write", read)
    monkeypatch.setattr(rebuilt, "engine_of_run", lambda run: None)
    monkeypatch.setattr(rebuilt, "trained_network", lambda run, trial: run.weights(trial))
    monkeypatch.setattr(rebuilt, "test_forecast", forecast_of)
    monkeypatch.setattr(handed, "_checked_loss", lambda *_: None)
    monkeypatch.setattr(page, "version", lambda name: "1")
    html, model = tmp_path / "report.html", tmp_path / "model"
    return {
        "trials": lambda folder: call("trials", folder),
        "json": lambda folder: call("trials", folder, "--json"),
        "runs": lambda folder: call("runs", folder.parent),
        "report": lambda folder: call("report", folder, "--out", html, "--force"),
        "export": lambda folder: call("export", folder, model),
        "forecast": lambda folder: call("forecast", folder, "data.csv"),
        "study": lambda folder: call("study", folder),
        "tune": lambda folder: call("tune", SOURCE, "--trials", 12, "--out", folder),
    }
