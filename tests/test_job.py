"""A job is checked as a whole before anything expensive, and knows which run is its own."""

import math
import sys

import numpy as np
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.defaults import default_epochs, default_lookback, default_patience
from narrows.tuning.job import Job
from narrows.tuning.run import Run
from narrows.tuning.runs.finding import find_runs, free_folder
from narrows.tuning.runs.job_file import differences
from narrows.tuning.runs.snapshot import load_series, save_series
from narrows.tuning.runs.start import started
from narrows.tuning.series.ridge import ridge
from narrows.tuning.series.ridge_floor import ridge_floor
from narrows.tuning.series.series import Series
from narrows.tuning.series.windows import Windows


def start(folder, job):
    """Begin the run of a job, end at once, and return it."""
    prepared = job.prepare()
    with started(folder, job.describe(prepared), prepared.series):
        pass
    return Run(folder)


def test_all_mistakes_come_in_one_message():
    with pytest.raises(UserError) as told:
        Job(
            "x.csv", horizon=0, trials=0, algorithm="tpw", engine="fast", split="1,2", space={"units": 0}
        ).check()
    assert str(told.value).splitlines() == [
        "several things need mending:",
        "  - horizon must be at least 1, not 0",
        "  - trials must be at least 1, not 0",
        "  - there is no algorithm 'tpw'; did you mean 'tpe'?",
        "  - there is no engine 'fast'; known: "
        + ", ".join(__import__("narrows.tuning.engines", fromlist=["x"]).names()),
        "  - split '1,2' is not understood: give three fractions (0.7,0.15,0.15), three numbers of rows "
        "(8640,2880,2880) or the first dates of validation and test (2017-07-01,2017-10-01)",
        "  - units: 0 is outside 1 to 4096",
    ]


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"lookback": 0}, "lookback: 0 is outside 1 to 100000"),
        (
            {"lookback": "12..48"},
            "lookback: 12..48 is an interval; write the values to try, such as 12,48",
        ),
        ({"season": 0}, "season must be at least 1, not 0"),
        ({"season": 10**23}, f"season must be at most 1,000,000,000, not {10**23}"),
        ({"keep": 10**23}, f"keep must be at most 1,000,000,000, not {10**23}"),
        ({"epochs": 10**23}, f"epochs must be at most 1,000,000,000, not {10**23}"),
        ({"seed": 2**63}, f"seed must be at most 9,223,372,036,854,775,807, not {2**63}"),
        ({"minutes": math.inf}, "minutes must be above 0, not inf"),
        ({"minutes": 0}, "minutes must be above 0, not 0"),
        ({"missing": "fill"}, "there is no missing 'fill'; did you mean 'ffill'?"),
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"seed": -1}, "seed must be at least 0, not -1"),
        ({"keep": 0}, "keep must be at least 1, not 0"),
        ({"loss": "rmse"}, "loss: 'rmse' is not one of mse, mae, huber"),
    ],
)
def test_each_mistake_is_told_with_its_value(option, message):
    with pytest.raises(UserError) as told:
        Job("synthetic:trend", **option).check()
    assert str(told.value) == message


@pytest.mark.parametrize(
    ("asked", "lookback", "searched"),
    [(12, 12, None), ("12", 12, None), ([12, 6], 12, "6,12"), ("6,12,9", 12, "6,9,12")],
)
def test_several_lookbacks_are_searched_on_windows_of_the_longest(asked, lookback, searched):
    prepared = Job("synthetic:trend", lookback=asked).prepare()
    assert prepared.windows.lookback == lookback
    assert prepared.identity["space"].get("lookback") == searched


def test_preparing_a_job_imports_no_tensorflow():
    import subprocess

    script = (
        "import sys; from narrows.tuning import Job; Job('synthetic:trend').prepare(); "
        "sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize(
    ("rows", "season", "lookback"), [(4000, 24, 48), (4000, 1, 24), (4000, 96, 96), (144, 12, 24), (30, 1, 6)]
)
def test_the_default_lookback_is_two_seasons_or_what_short_data_allow(rows, season, lookback):
    series = Series("s", ("a",), np.zeros((rows, 1)), season=season)
    assert default_lookback(series, horizon=1) == lookback


def hourly(targets):
    return {"source": {name: np.arange(2000.0) % 24 + n for n, name in enumerate(targets)}, "target": targets}


@pytest.mark.parametrize(
    ("asked", "searched"),
    [
        ({"source": "synthetic:seasonal_sales"}, {}),
        (hourly(["a"]), {"linear": "none,ridge"}),
        (hourly(["a"]) | {"season": 24}, {"linear": "none,ridge", "segment": "1,24"}),
        (hourly(["a"]) | {"season": 24, "lookback": 24}, {"linear": "none,ridge"}),
        (hourly(["a"]) | {"season": 24, "lookback": "48,60"}, {"linear": "none,ridge"}),
        (hourly(["a"]) | {"season": 24, "lookback": "48,96"}, {"linear": "none,ridge", "segment": "1,24"}),
        (hourly(["a", "b"]), {"linear": "none,ridge", "channels": "together,apart"}),
        (
            hourly(["a", "b"])
            | {"season": 24, "space": {"linear": "none", "segment": 12, "channels": "apart"}},
            {"segment": "12", "channels": "apart"},
        ),
        ({"source": "synthetic:trend", "space": {"linear": "ridge"}}, {"linear": "ridge"}),
    ],
)
def test_what_of_linear_segment_and_channels_is_searched_follows_from_the_data_unless_it_is_said(
    asked, searched
):
    prepared = Job(**asked).prepare()
    space = prepared.identity["space"]
    assert {name: space[name] for name in ("linear", "segment", "channels") if name in space} == searched
    assert {name: str(part) for name, part in prepared.parts.items()} == space


def test_a_segment_that_does_not_divide_the_lookback_of_the_data_is_told_before_anything_is_trained():
    with pytest.raises(UserError, match="a lookback of 48 rows cannot be read 7 at a time"):
        Job(**hourly(["a"]), season=24, space={"segment": 7}).prepare()


@pytest.mark.parametrize(
    ("rows", "batch_size", "patience"),
    [(30_000, 32, 3), (9_000, 32, 4), (2_000, 32, 18), (2_000, 64, 30), (90, 32, 30)],
)
def test_a_long_series_gets_fewer_epochs_and_less_patience(rows, batch_size, patience):
    values = np.arange(float(rows))[:, None]
    windows = Windows(Series("s", ("a",), values), lookback=4, horizon=1, split="0.7,0.15,0.15")
    assert default_patience(windows, batch_size) == patience
    assert default_epochs(windows, batch_size) == 10 * patience


def test_what_the_user_says_of_epochs_and_patience_stands():
    said = Job("synthetic:trend", epochs=7, patience=0).prepare()
    assert (said.epochs, said.patience) == (7, 0)
    searched = Job("synthetic:trend", space={"batch_size": [32, 8]}).prepare()
    assert searched.patience == Job("synthetic:trend", space={"batch_size": 8}).prepare().patience
    assert searched.identity["patience"] == searched.patience


def test_differences_name_what_changed():
    old = {"lookback": 24, "space": {"units_1": "4..8:log", "dropout": "0"}}
    new = {"lookback": 48, "space": {"units_1": "4..8:log", "dropout": "0.1"}}
    assert differences(old, new) == [
        "lookback: the run has 24, the job asks for 48",
        "space.dropout: the run has 0, the job asks for 0.1",
    ]


def test_a_run_is_continued_by_the_same_job_and_refused_to_another(tmp_path):
    folder = tmp_path / "run"
    job = Job("synthetic:trend", trials=3)
    start(folder, job)
    more = Job("synthetic:trend", trials=9, minutes=2, keep=3)
    again = start(folder, more)
    assert again.job["budget"]["trials"] == 9
    other = Job("synthetic:trend", epochs=7, space={"units": 8})
    with pytest.raises(UserError) as told:
        start(folder, other)
    assert "  - epochs: the run has 180, the job asks for 7\n" in str(told.value)
    assert "  - space.units_1: the run has 4..64:log, the job asks for 8\n" in str(told.value)


def test_other_data_are_another_job(tmp_path):
    job = Job(np.arange(100.0), target="y")
    start(tmp_path / "run", job)
    other = Job(np.arange(100.0) ** 2, target="y")
    with pytest.raises(UserError, match="data: the run has"):
        start(tmp_path / "run", other)


def test_a_folder_that_is_something_else_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    job = Job("synthetic:trend")
    with pytest.raises(UserError, match="exists and is not a run; give another --out"):
        start(tmp_path, job)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_an_output_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    job = Job("synthetic:trend")
    with pytest.raises(UserError, match="cannot be written"):
        start(tmp_path / "file" / "run", job)


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "does not exist"), ("{", "cannot be read"), ('{"version": 9}', "another version of narrows")],
)
def test_a_run_that_is_none_is_told(tmp_path, content, message):
    folder = tmp_path / "run"
    if content is not None:
        folder.mkdir()
        (folder / "job.json").write_text(content)
    with pytest.raises(UserError, match=message):
        Run(folder)


def test_the_default_folder_is_the_jobs_own_or_the_next_free_one(tmp_path):
    job = Job("synthetic:trend", trials=3)
    prepared = job.prepare()
    wanted = tmp_path / "trend"
    assert free_folder(wanted, prepared.identity) == wanted
    start(wanted, job)
    assert free_folder(wanted, prepared.identity) == wanted
    other = Job("synthetic:trend", seed=5).prepare()
    assert free_folder(wanted, other.identity) == tmp_path / "trend-2"
    assert find_runs(tmp_path) == [wanted]


def test_the_snapshot_of_a_series_is_the_series(tmp_path):
    series = Series(
        "s",
        ("a",),
        np.random.default_rng(0).normal(size=(6, 2)),
        features=("b",),
        categorical=("c",),
        codes=np.array([[0], [1], [-1], [0], [1], [1]], np.int32),
        categories=(("x", "y"),),
        starts=np.array([0, 3]),
        ids=("one", "two"),
        times=np.arange(6).astype("datetime64[h]").astype("datetime64[us]"),
        frequency="1h",
        season=24,
        notes=("read",),
    )
    save_series(tmp_path / "series.npz", series)
    read = load_series(tmp_path / "series.npz")
    assert read.digest() == series.digest()
    assert (read.ids, read.frequency, read.categories, read.notes) == (
        ("one", "two"),
        "1h",
        (("x", "y"),),
        ("read",),
    )
    np.testing.assert_array_equal(read.times, series.times)


def test_a_refused_second_start_changes_nothing_and_names_the_holder(tmp_path):
    folder, job = tmp_path / "run", Job("synthetic:trend", trials=3)
    prepared = job.prepare()
    with started(folder, job.describe(prepared), prepared.series):
        before = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}
        more = Job("synthetic:trend", trials=9, engine="keras")
        with pytest.raises(UserError, match="is being written by pid"):
            start(folder, more)
        other = Job("synthetic:trend", seed=5)
        with pytest.raises(UserError, match="is being written by pid"):
            start(folder, other)
        after = {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".lock"}
    assert after == before


@pytest.mark.parametrize("left", [(), ("series.npz",), ("series.npz", "run.sqlite"), (".job.json.17",)])
def test_what_a_killed_start_left_is_taken_over(tmp_path, left):
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("run.lock", ".series.npz.4711", *left):
        (folder / name).write_bytes(b"half")
    assert free_folder(folder, {}) == folder
    run = start(folder, Job("synthetic:trend"))
    assert run.series.rows == Job("synthetic:trend").prepare().series.rows and run.trials == []
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_partial_files_of_a_killed_writer_go_when_its_run_goes_on(tmp_path):
    run = start(tmp_path / "run", Job("synthetic:trend"))
    stray = run.paths.weights(3).with_name(".weights.npz.99")
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half")
    start(tmp_path / "run", Job("synthetic:trend"))
    assert not stray.exists()


def long_memory(rows=900):
    """What comes repeats what was 60 rows before, which a window of 24 rows does not hold."""
    rng = np.random.default_rng(0)
    y = list(rng.normal(size=60))
    for _ in range(rows - 60):
        y.append(0.95 * y[-60] + 0.2 * rng.normal())
    return {"v": np.array(y)}


def test_windows_are_as_long_as_the_past_that_the_linear_forecast_chooses():
    prepared = Job(long_memory(), target="v").prepare()
    assert prepared.windows.lookback == 96 and str(prepared.parts["lookback"]) == "24"
    assert ridge_floor(prepared.windows).reads == (ridge(prepared.windows).fits[0].rows,)
    assert prepared.identity["lookback"] == 96


@pytest.mark.parametrize("said", [{"lookback": 24}, {"lookback": "12,24"}, {"space": {"linear": "none"}}])
def test_a_lookback_that_was_asked_for_stays(said):
    assert Job(long_memory(), target="v", **said).prepare().windows.lookback == 24


def test_where_the_window_holds_what_counts_it_stays_as_it_is():
    prepared = Job({"v": np.sin(np.arange(600) / 3)}, target="v").prepare()
    assert prepared.windows.lookback == 24 and "lookback" not in prepared.parts
