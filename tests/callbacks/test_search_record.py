"""What a search writes, read back through TensorBoard's own HTTP routes, with both of its loaders."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import textwrap
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest

from narrows.callbacks import SearchRecord, search_record
from narrows.callbacks.event_reading import read_events
from narrows.callbacks.events import scalar
from narrows.callbacks.recorded import RecordedSearch, RecordedTrial
from narrows.callbacks.search_record import TrialRun
from narrows.search_spaces import StackedLSTM
from narrows.search_spaces.errors import UserError
from narrows.search_spaces.trial import Epoch, Outcome, Status, Trial
from narrows.tuning import board

SPACE = 'StackedLSTM(num_layers=(1, 3), units=(4, 128), dropout=(0.0, 0.5), scaling="last")'
COMMON = {"learning_rate": 0.003, "batch_size": 32, "dropout": 0.25, "scaling": "last"}
ONE = {**COMMON, "num_layers": 1, "units_1": 16, "bottleneck": 0}
THREE = {
    **COMMON,
    "num_layers": 3,
    "units_1": 64,
    "units_2": 32,
    "units_3": 16,
    "bottleneck": 8,
    "bottleneck_after": 2,
}
TWO = {**COMMON, "num_layers": 2, "units_1": 24, "units_2": 12, "bottleneck": 0}
RUNS = [
    "t0000 16",
    "t0001 64-32-8-16",
    "t0002 24-12",
    "t0003 24-12",
    "t0004 24-12",
    "t0005 16",
    "t0006 24-12",
]
NOTHING = RecordedSearch("nothing yet", "mse", ())
MEASURED = {"worst_kept": 0.5, "narrowest": 8.0, "effective_units_1": 12.0, "effective_units_4": 3.0}
KILLED = """
    import os, signal
    from pathlib import Path
    from narrows.callbacks import SearchRecord
    from narrows.callbacks.recorded import RecordedSearch
    from narrows.search_spaces import StackedLSTM
    from narrows.search_spaces.trial import Epoch, Trial
    space = {space}
    values = {values}
    record = SearchRecord(Path({folder!r}), space.hyperparameters(), RecordedSearch("killed", "mse", ()))
    record.begin(Trial(6, values, epochs=3, units=space.profile(values).units))
    for epoch in (1, 2, 3):
        record.epoch(Epoch(6, epoch, 1 / epoch, 2 / epoch, 0.003, 0.5))
    os.kill(os.getpid(), signal.SIGKILL)
"""
WAIT_SECS = 60


def _write(folder: Path) -> None:
    """Six trials that end in six ways, and a seventh whose process is killed."""
    space = StackedLSTM(num_layers=(1, 3), units=(4, 128), dropout=(0.0, 0.5), scaling="last")

    def trial(
        number: int,
        values: dict[str, Any],
        losses: list[float],
        status: Status,
        parameters: int,
        reason: str = "",
        summary: dict[str, float] | None = None,
    ) -> None:
        record = SearchRecord(folder, space.hyperparameters(), NOTHING)  # as if each had a start of its own
        known = Trial(number, values, epochs=3, units=space.profile(values).units)
        record.begin(known)
        for place, loss in enumerate(losses, start=1):
            epoch = Epoch(number, place, loss / 2, loss, 0.003, 0.5)
            record.epoch(epoch)
            known = known.after(epoch)
        ended = known.ended(Outcome(number, status, reason, parameters=parameters))
        record.end(RecordedTrial(**vars(ended), summary=summary or {}))
        record.close()

    trial(0, ONE, [0.5, 0.25, 0.375], Status.COMPLETED, 1233)
    trial(1, THREE, [0.5, 0.125], Status.COMPLETED, 34_000, "early stopping", MEASURED)
    trial(2, TWO, [], Status.FAILED, 0, "out of memory: <LSTM> of *4096* units")
    trial(3, TWO, [0.75, math.nan], Status.FAILED, 5000, "loss is NaN")
    trial(4, ONE, [9.0, 8.0, 7.0], Status.FAILED, 1, "the first time")
    trial(4, TWO, [0.5, 0.25], Status.COMPLETED, 5000)
    single = {"narrowest": 16.0, "effective_units_1": 2.0}
    trial(5, ONE, [0.5], Status.STOPPED, 1233, "the time budget was spent", single)
    code = textwrap.dedent(KILLED).format(space=SPACE, values=TWO, folder=str(folder))
    subprocess.run(
        [sys.executable, "-P", "-c", code], check=False, stderr=subprocess.DEVNULL, timeout=WAIT_SECS
    )


class Dashboard:
    """TensorBoard's answers."""

    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, route: str, **query: str) -> Any:
        asked = "&".join(f"{name}={quote(value)}" for name, value in query.items())
        with urllib.request.urlopen(f"{self.url}data/{route}?{asked}", timeout=WAIT_SECS) as answer:
            return json.loads(answer.read())

    def post(self, route: str, body: Any) -> Any:
        request = urllib.request.Request(
            f"{self.url}data/{route}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=WAIT_SECS) as answer:
            return json.loads(answer.read())

    @property
    def experiment(self) -> Any:
        return self.get("plugin/hparams/experiment", request="{}")

    @property
    def trials(self) -> dict[str, Any]:
        """Session groups by trial, with hyperparameters and metrics by the names a user sees."""
        statuses = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]
        body = {"startIndex": 0, "sliceSize": 100, "allowedStatuses": statuses, "colParams": []}
        shown = {info["name"]: info["displayName"] for info in self.experiment["hparamInfos"]}
        return {
            group["name"].rpartition("tensorboard/")[2].split(" ")[0]: {
                "values": {shown[name]: value for name, value in group["hparams"].items()},
                "metrics": {metric["name"]["tag"]: metric["value"] for metric in group["metricValues"]},
                "status": [session["status"] for session in group["sessions"]],
            }
            for group in self.post("plugin/hparams/session_groups", body)["sessionGroups"]
        }

    def curve(self, run: str, tag: str) -> list[tuple[int, Any]]:
        points = self.get("plugin/scalars/scalars", run=run, tag=tag)
        return [(step, value) for _, step, value in points]

    def reason(self, run: str) -> str:
        return str(self.get("plugin/text/text", run=run, tag="reason")[0]["text"])


def _eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECS
    while not holds():
        assert time.monotonic() < deadline, "TensorBoard did not show it in time"
        time.sleep(0.1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the log directory of a search."""
    folder = tmp_path_factory.mktemp("run") / "tensorboard"
    _write(folder)
    return folder


@pytest.fixture(scope="module", params=["fast loader", "Python loader"])
def dashboard(request: pytest.FixtureRequest, folder: Path) -> Iterator[Dashboard]:
    """Start TensorBoard once for each of its two loaders."""
    if request.param == "fast loader":
        server = board.start(folder, port=0)
        stop = server.stop
        found = Dashboard(server.url)
    else:
        url, stop = _python_loader(folder)
        found = Dashboard(url)
    try:
        _eventually(lambda: sorted(found.get("runs")) == ["search", *RUNS] and len(found.trials) == len(RUNS))
        yield found
    finally:
        stop()


def _python_loader(folder: Path) -> tuple[str, Callable[[], None]]:
    log = folder.parent / "log"
    command = [sys.executable, "-P", "-m", "tensorboard.main", "--logdir", str(folder), "--port=0"]
    with log.open("wb") as output:
        process = subprocess.Popen([*command, "--load_fast=false"], stderr=output, stdout=output)

    def stop() -> None:
        process.terminate()
        process.wait(WAIT_SECS)

    try:
        _eventually(lambda: "(Press CTRL+C to quit)" in log.read_text())
    except BaseException:
        stop()
        raise
    return log.read_text().split(" at ")[-1].split()[0], stop


def test_columns_are_layers_and_units_first_then_what_is_searched_then_what_is_fixed(
    dashboard: Dashboard,
) -> None:
    infos = dashboard.experiment["hparamInfos"]
    searched = ["num_layers", "units_1", "units_2", "units_3", "bottleneck", "bottleneck_after"]
    searched += ["learning_rate", "dropout"]
    assert [info["displayName"] for info in infos] == [*searched, "batch_size", "scaling"]
    assert [info["displayName"] for info in infos if info["differs"]] == searched


def test_domains_are_those_of_the_space_and_have_a_place_for_absent_layers(dashboard: Dashboard) -> None:
    domains = {
        info["displayName"]: info.get("domainInterval") or info["domainDiscrete"]
        for info in dashboard.experiment["hparamInfos"]
    }
    assert domains == {
        "num_layers": {"minValue": 1, "maxValue": 3},
        "units_1": {"minValue": 4, "maxValue": 128},
        "units_2": {"minValue": 0, "maxValue": 128},
        "units_3": {"minValue": 0, "maxValue": 128},
        "bottleneck": [0, 2, 4, 8],
        "bottleneck_after": {"minValue": 0, "maxValue": 3},
        "learning_rate": {"minValue": 0.001, "maxValue": 0.03},
        "dropout": {"minValue": 0, "maxValue": 0.5},
        "batch_size": [32],
        "scaling": ["last"],
    }


def test_trials_of_one_number_in_two_searches_are_two_rows(tmp_path: Path) -> None:
    space = StackedLSTM(num_layers=(1, 3), units=(4, 128), dropout=(0.0, 0.5), scaling="last")
    for name, loss in (("north", 1.0), ("south", 3.0)):
        record = SearchRecord(tmp_path / name / "tensorboard", space.hyperparameters(), NOTHING)
        trial = Trial(0, ONE, epochs=1, units=(16,))
        record.begin(trial)
        record.epoch(epoch := Epoch(0, 1, loss, loss, 0.003, 0.5))
        record.end(RecordedTrial(**vars(trial.after(epoch).ended(Outcome(0, Status.COMPLETED, "")))))
        record.close()
    server = board.start(tmp_path, port=0)
    body = {"startIndex": 0, "sliceSize": 9, "allowedStatuses": ["STATUS_SUCCESS"], "colParams": []}

    def rows() -> list[tuple[str, list[float]]]:
        found = Dashboard(server.url).post("plugin/hparams/session_groups", body).get("sessionGroups", ())
        return sorted(
            (one["name"], [got["value"] for got in one["metricValues"] if "loss" in got["name"]["tag"]])
            for one in found
        )

    try:
        _eventually(lambda: len(rows()) == 2)
        north, south = rows()
    finally:
        server.stop()
    assert north == ("north/tensorboard/t0000 16", [1.0])
    assert south == ("south/tensorboard/t0000 16", [3.0])


def test_log_scales_are_told_in_the_description(dashboard: Dashboard) -> None:
    told = {info["displayName"]: info["description"] for info in dashboard.experiment["hparamInfos"]}
    assert told["learning_rate"] == "0.001 to 0.03, log scale"
    assert told["dropout"] == "0 to 0.5, linear scale"


def test_metrics_begin_with_the_validation_loss(dashboard: Dashboard) -> None:
    metrics = [metric["name"] for metric in dashboard.experiment["metricInfos"]]
    assert [metric["tag"] for metric in metrics] == [
        "best/val_loss",
        "parameters",
        "best/epoch",
        "narrowing/worst_kept",
        "narrowing/narrowest",
        *(f"narrowing/effective_units_{layer}" for layer in (1, 2, 3, 4)),
    ]
    assert {metric.get("group", "") for metric in metrics} == {""}


def test_every_trial_has_a_value_in_every_column(dashboard: Dashboard) -> None:
    names = {info["displayName"] for info in dashboard.experiment["hparamInfos"]}
    for trial in dashboard.trials.values():
        assert trial["values"].keys() == names


def test_values_are_recorded_and_what_is_absent_is_zero(dashboard: Dashboard) -> None:
    trials = dashboard.trials
    assert trials["t0000"]["values"] == {**ONE, "units_2": 0, "units_3": 0, "bottleneck_after": 0}
    assert trials["t0001"]["values"] == THREE
    assert trials["t0002"]["values"] == {**TWO, "units_3": 0, "bottleneck_after": 0}


def test_status_says_how_a_trial_ended(dashboard: Dashboard) -> None:
    success, failure, unknown = ["STATUS_SUCCESS"], ["STATUS_FAILURE"], ["STATUS_UNKNOWN"]
    assert {name: trial["status"] for name, trial in dashboard.trials.items()} == {
        "t0000": success,
        "t0001": success,
        "t0002": failure,
        "t0003": failure,
        "t0004": success,
        "t0005": success,
        "t0006": unknown,
    }


def test_metrics_are_of_the_best_epoch_and_absent_without_one(dashboard: Dashboard) -> None:
    assert {name: trial["metrics"] for name, trial in dashboard.trials.items()} == {
        "t0000": {"best/val_loss": 0.25, "parameters": 1233, "best/epoch": 2},
        "t0001": {
            "best/val_loss": 0.125,
            "parameters": 34_000,
            "best/epoch": 2,
            **{f"narrowing/{name}": value for name, value in MEASURED.items()},
        },
        "t0002": {},
        "t0003": {"best/val_loss": 0.75, "parameters": 5000, "best/epoch": 1},
        "t0004": {"best/val_loss": 0.25, "parameters": 5000, "best/epoch": 2},
        "t0005": {
            "best/val_loss": 0.5,
            "parameters": 1233,
            "best/epoch": 1,
            "narrowing/worst_kept": 1,  # nothing narrows
            "narrowing/narrowest": 16,
            "narrowing/effective_units_1": 2,
            **{f"narrowing/effective_units_{layer}": 0 for layer in (2, 3, 4)},
        },
        "t0006": {},
    }


def test_curves_are_what_was_written(dashboard: Dashboard) -> None:
    assert dashboard.curve("t0000 16", "loss/validation") == [(1, 0.5), (2, 0.25), (3, 0.375)]
    assert dashboard.curve("t0000 16", "loss/train") == [(1, 0.25), (2, 0.125), (3, 0.1875)]
    assert dashboard.curve("t0000 16", "seconds_per_epoch") == [(n, 0.5) for n in (1, 2, 3)]
    assert dashboard.curve("t0003 24-12", "loss/validation") == [(1, 0.75), (2, "NaN")]


def test_scalars_are_few_and_grouped(dashboard: Dashboard) -> None:
    epochs = {"loss/train", "loss/validation", "seconds_per_epoch"}
    found = dashboard.get("plugin/scalars/tags")
    assert found["t0000 16"].keys() == epochs | {"best/val_loss", "parameters", "best/epoch"}
    assert found["t0006 24-12"].keys() == epochs
    assert "t0002 24-12" not in found or not found["t0002 24-12"]


@pytest.mark.parametrize(
    ("rates", "told"),
    [
        ((0.1, 0.1, 0.1), []),
        ((0.1, 0.1, 0.05, 0.05, 0.02), [(2, 0.1), (3, 0.05), (4, 0.05), (5, 0.02)]),
        ((0.3, 0.2, 0.1), [(1, 0.3), (2, 0.2), (3, 0.1)]),
        ((math.nan, 0.1, math.nan, 0.1), []),
    ],
)
def test_the_learning_rate_is_a_curve_only_where_it_changes(
    tmp_path: Path, rates: tuple[float, ...], told: list[tuple[int, float]]
) -> None:
    run = TrialRun(tmp_path, ())
    for step, rate in enumerate(rates, start=1):
        run.write_rate(rate, step)
        run.write([scalar("loss/train", 0.5)], step)
    run.close()
    events = read_events(next(tmp_path.iterdir()))
    found = [
        (event.step, round(value.simple_value, 3))
        for event in events
        for value in event.summary.value
        if value.tag == "learning_rate"
    ]
    assert found == told
    steps = [event.step for event in events if event.summary.value]
    assert steps == sorted(steps), "TensorBoard drops what it has when a step falls"


def test_reason_is_shown_literally(dashboard: Dashboard) -> None:
    assert "<code>failed: out of memory: &lt;LSTM&gt; of *4096* units" in dashboard.reason("t0002 24-12")
    assert "stopped: the time budget was spent" in dashboard.reason("t0005 16")


def test_a_trial_that_is_run_again_shows_only_the_new_run(dashboard: Dashboard) -> None:
    again = dashboard.trials["t0004"]
    assert again["values"]["num_layers"] == 2
    assert again["status"] == ["STATUS_SUCCESS"]
    assert dashboard.curve("t0004 24-12", "loss/validation") == [(1, 0.5), (2, 0.25)]


def test_epochs_survive_the_kill_of_the_process(dashboard: Dashboard) -> None:
    expected = [(n, float(np.float32(2 / n))) for n in (1, 2, 3)]
    assert dashboard.curve("t0006 24-12", "loss/validation") == expected


def test_each_run_is_one_directory_with_one_event_file(folder: Path) -> None:
    assert sorted(run.name for run in folder.iterdir()) == ["search", *RUNS]
    for run in folder.iterdir():
        (events,) = run.iterdir()
        assert events.name.startswith("events.out.tfevents.")


@pytest.mark.parametrize(
    ("number", "units", "name"),
    [
        (7, (64, 8, 32), "t0007 64-8-32"),
        (12345, (8,), "t12345 8"),
        (7, (), "t0007"),
        (7, (8,) * 23, "t0007 " + "-".join(["8"] * 20) + " and 3 more"),
    ],
)
def test_run_names_are_readable_and_safe(
    tmp_path: Path, number: int, units: tuple[int, ...], name: str
) -> None:
    record = _record(tmp_path)
    record.begin(_trial(number, units))
    record.epoch(Epoch(number, 1, 1.0, 1.0, 0.003, 0.1))
    record.close()
    assert sorted(run.name for run in tmp_path.iterdir()) == ["search", name]


def test_a_trial_that_is_run_again_leaves_other_trials_alone(tmp_path: Path) -> None:
    (tmp_path / "t0001.notes").mkdir()
    for number, units in [(1, (8,)), (1, (16, 4)), (10, ()), (1, ()), (10000, ())]:
        record = _record(tmp_path)
        record.begin(_trial(number, units))
        record.epoch(Epoch(number, 1, 1.0, 1.0, 0.003, 0.1))
        record.close()
    record = _record(tmp_path)
    record.begin(_trial(1000))
    record.close()
    runs = sorted(run.name for run in tmp_path.iterdir())
    assert runs == ["search", "t0001", "t0001.notes", "t0010", "t10000"]


def test_no_run_is_written_before_the_first_epoch(tmp_path: Path) -> None:
    record = _record(tmp_path)
    record.begin(_trial(0))
    record.close()
    assert [run.name for run in tmp_path.iterdir()] == ["search"]


def test_an_ended_trial_takes_no_epoch(tmp_path: Path) -> None:
    record = _record(tmp_path)
    record.begin(_trial(0))
    record.end(_ended(0, 0.5))
    with pytest.raises(KeyError):
        record.epoch(Epoch(0, 2, 1.0, 1.0, 0.003, 0.1))
    record.close()


def test_beyond_the_most_runs_the_best_and_the_newest_stay(tmp_path: Path) -> None:
    losses = [0.9, 0.1, 0.8, 0.2, 0.7, 0.6, None, 0.5]
    record = SearchRecord(tmp_path, StackedLSTM().hyperparameters(), NOTHING, most=4)
    for number, loss in enumerate(losses):
        record.begin(_trial(number))
        record.end(_ended(number, loss))
    record.close()
    assert sorted(run.name for run in tmp_path.iterdir()) == ["search", "t0001", "t0003", "t0006", "t0007"]


def test_a_later_start_counts_the_runs_of_earlier_ones(tmp_path: Path) -> None:
    for start in (0, 4):
        earlier = RecordedSearch("twice", "mse", (), tuple(_ended(n, 1 / (n + 1)) for n in range(start)))
        record = SearchRecord(tmp_path, StackedLSTM().hyperparameters(), earlier, most=4)
        for number in range(start, start + 4):
            record.begin(_trial(number))
            record.end(_ended(number, 1 / (number + 1)))
        record.close()
    kept = [f"t{number:04d}" for number in (4, 5, 6, 7)]
    assert sorted(run.name for run in tmp_path.iterdir()) == ["search", *kept]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are counted in /proc")
def test_two_hundred_trials_leave_no_open_file_and_no_thread(tmp_path: Path) -> None:
    record = _record(tmp_path)
    before = len(os.listdir("/proc/self/fd")), threading.active_count()
    for number in range(200):
        record.begin(_trial(number, (16,)))
        record.epoch(Epoch(number, 1, 1.0, 1.0, 0.003, 0.1))
        record.end(_ended(number, 1.0))
    assert (len(os.listdir("/proc/self/fd")), threading.active_count()) == before
    record.close()
    assert len(list(tmp_path.iterdir())) == 1 + 200


def test_recording_does_not_import_tensorflow() -> None:
    code = "import sys, narrows.callbacks.search_record as r; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-P", "-c", code], timeout=WAIT_SECS).returncode == 0


def _record(folder: Path) -> SearchRecord:
    return SearchRecord(folder, StackedLSTM().hyperparameters(), NOTHING)


def _trial(number: int, units: tuple[int, ...] = ()) -> Trial:
    return Trial(number, ONE, epochs=3, units=units)


def _ended(number: int, loss: float | None) -> RecordedTrial:
    return RecordedTrial(
        number,
        ONE,
        epochs=3,
        status=Status.FAILED if loss is None else Status.COMPLETED,
        units=(16,),
        parameters=1,
        best_val_loss=loss,
        best_epoch=1 if loss else 0,
        secs=0.1,
    )


def test_more_trials_under_way_than_files_may_be_open_are_told_what_to_do(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(search_record, "may_open", lambda files: asked.append(files) or files <= 5)
    monkeypatch.setattr(search_record, "OTHER_FILES", 3)
    record = SearchRecord(tmp_path, StackedLSTM().hyperparameters(), NOTHING)
    for number in range(3):
        record.begin(Trial(number, ONE, epochs=1))
    with pytest.raises(UserError, match=r"^3 trials are under way.*hold 6 files open.*ulimit -n 12"):
        record.begin(Trial(3, ONE, epochs=1))
    record.close()
    assert asked == [3, 4, 5, 6], "of the trials that are under way, and what else there is"


def test_a_search_of_few_trials_at_once_is_not_refused_where_few_files_may_be_open(tmp_path, monkeypatch):
    monkeypatch.setattr(search_record, "may_open", lambda files: False)
    record = SearchRecord(tmp_path, StackedLSTM().hyperparameters(), NOTHING)
    record.begin(Trial(0, ONE, epochs=1))
    record.close()
