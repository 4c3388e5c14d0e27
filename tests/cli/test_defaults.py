"""An option that is not given means the same as in Python, and `--help` says what that is."""

import inspect
import subprocess
import sys
from dataclasses import fields

import pytest
import typer.testing

from narrows.search_spaces.errors import UserError
from narrows.search_spaces.parts import Interval
from narrows.search_spaces.stack_parts import DEFAULTS, RULES, read_parts
from narrows.tuning import defaults
from narrows.tuning.cli import app, main
from narrows.tuning.cli.notation import typed, typed_default
from narrows.tuning.cli.tune import tune
from narrows.tuning.job import Job
from narrows.tuning.study_options import StudyOptions

OF_THE_COMMAND = {"out", "quiet", "as_json", "verbose"}
OPTIONS = {
    name: option.default
    for name, option in inspect.signature(tune).parameters.items()
    if name != "source" and name not in OF_THE_COMMAND
}
PART_OF = {name: {"layers": "num_layers"}.get(name, name) for name in OPTIONS}
FIELDS = {field.name for field in fields(Job)} - {"source", "space", "callbacks"}
# `lookback` is both: a field of the job, which hands several of them on to the space.
PARTS = DEFAULTS.keys() - {"lookback"}


def test_every_option_of_tune_is_a_field_of_the_job_or_a_part_of_the_space():
    assert set(PART_OF.values()) == FIELDS | PARTS


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_has_the_default_that_the_job_has(option):
    name = PART_OF[option]
    if name in PARTS:
        given = {} if OPTIONS[option] is None else {name: OPTIONS[option]}
        assert read_parts(given) == read_parts({})
    else:
        assert OPTIONS[option] == getattr(Job("synthetic:trend"), name)


def test_a_command_without_options_asks_for_the_job_without_arguments(monkeypatch):
    asked = []

    def stop(job):
        asked.append(job)
        raise UserError("this is far enough")

    monkeypatch.setattr(Job, "prepare", stop)
    monkeypatch.setattr(sys, "argv", ["narrows", "tune", "synthetic:trend"])
    with pytest.raises(SystemExit):
        main()
    (job,), plain = asked, Job("synthetic:trend")
    assert {name: getattr(job, name) for name in FIELDS} == {name: getattr(plain, name) for name in FIELDS}
    assert job.parts() == plain.parts()


@pytest.mark.parametrize(("command", "options"), [("tune", Job), ("study", StudyOptions)])
def test_no_cache_is_asked_for_by_its_name(monkeypatch, command, options):
    asked = []

    def stop(self):
        asked.append(self.cache)
        raise UserError("this is far enough")

    monkeypatch.setattr(options, "check", stop)
    for typed_last in ([], ["--no-cache"]):
        monkeypatch.setattr(sys, "argv", ["narrows", command, "synthetic:trend", *typed_last])
        with pytest.raises(SystemExit):
            main()
    assert asked == [True, False]


@pytest.mark.parametrize(
    ("name", "spec", "text"),
    [
        ("num_layers", (1, 3), "1..3"),
        ("num_layers", Interval(1, 3, log=True), "1..3:log"),
        ("units", (4, 64), "4..64"),
        ("units_2", Interval(4, 64, log=False), "4..64:linear"),
        ("bottleneck", [0, 2, 4, 8], "0,2,4,8"),
        ("learning_rate", (1e-5, 3e-2), "1e-05..0.03"),
        ("dropout", 0.0, "0"),
        ("dropout", (0, 0.123456789), "0..0.123456789"),
        ("scaling", ["standard", "last"], "standard,last"),
    ],
)
def test_a_part_is_typed_as_its_rule_reads_it(name, spec, text):
    rule = RULES[name.removesuffix("_2")]
    assert typed(name, rule.read(spec)) == text
    assert rule.read(text) == rule.read(spec)


def help_of_tune():
    """The help as one line, without the frames it is drawn in."""
    said = typer.testing.CliRunner().invoke(app, ["tune", "--help"], env={"COLUMNS": "200"})
    return " ".join(said.output.replace("│", " ").split())


def test_help_tells_the_defaults():
    _, _, text = help_of_tune().partition(" Arguments ")
    told = {name: rest for name, _, rest in (part.partition(" ") for part in text.split(" --"))}
    for option, default in OPTIONS.items():
        if default is not None and default is not True:
            shown = typed_default(PART_OF[option]) if PART_OF[option] in PARTS else default
            name = option.replace("_", "-")
            if isinstance(default, bool):  # `--halving --no-halving  what it does  [default: halving]`
                shown, name = f"{'' if default else 'no-'}{name}", f"no-{name}"
            assert f"[default: {shown}]" in told[name], option


def test_help_tells_what_the_data_decide():
    text, times = help_of_tune(), defaults.EPOCHS_A_PATIENCE
    least, most = defaults.LEAST_PATIENCE, defaults.MOST_PATIENCE
    assert f"[default: ({least} to {most}, likewise)]" in text
    assert f"[default: ({least * times} for long series to {most * times} for short)]" in text


def test_help_of_tune_imports_neither_numpy_nor_tensorflow():
    script = (
        "import sys; sys.argv = ['narrows', 'tune', '--help']\n"
        "from narrows.tuning.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'numpy', 'polars', 'tensorflow', 'keras', 'keras_tuner'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "--bottleneck" in done.stdout and done.stdout.splitlines()[-1] == "[]"
