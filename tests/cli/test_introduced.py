"""What `narrows tune` says before it searches: what the file was taken for, and when a trial ends."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.cli.tune_words import introduce
from narrows.tuning.job import Job
from narrows.tuning.run import Run


@pytest.fixture
def told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    rows = [
        f"{1 + day % 28:02d}.{1 + day // 28:02d}.2020;{day % 7},5;{'-' if day == 9 else day}"
        for day in range(140)
    ]
    path = tmp_path / "sales.csv"
    path.write_text("\n".join(["day;sold;price", *rows]), encoding="cp1252")

    def run(**asked: Any) -> tuple[list[str], list[str]]:
        job = Job(path, target="sold", time="day", features="price", missing="ffill", **asked)
        nothing: Any = SimpleNamespace(answer=None)
        introduce(job, job.prepare(), nothing)
        said = capsys.readouterr()
        return said.out.splitlines(), said.err.splitlines()

    return run


def test_a_table_says_what_the_file_was_taken_for(told) -> None:
    out, err = told()
    assert out[:8] == [
        "data      sales.csv: 140 rows",
        "file      text in UTF-8, separated by semicolons",
        "numbers   decimal comma in sold",
        "time      day: 2020-01-01 to 2020-05-28, a row every 1d",
        "season    7 rows",
        "target    sold",
        "features  price",
        "missing   price 1",
    ]
    assert any("were read day first" in line for line in err)


def test_it_is_said_in_epochs_when_a_trial_ends(told) -> None:
    out, _ = told(epochs=10, patience=1, halving=False)
    limits = next(line for line in out if line.startswith("at most"))
    assert limits.startswith("at most 10 epochs a trial; a trial ends after 1 epoch without progress; ")
    assert next(line for line in told(epochs=1, halving=False)[0]).startswith("data")


def test_an_unknown_figure_lists_the_known_ones_once() -> None:
    unopened: Any = None
    with pytest.raises(UserError) as caught:
        Run.figure(unopened, "xyzzy")
    assert str(caught.value).count("funnel") == 1
