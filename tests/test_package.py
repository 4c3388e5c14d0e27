"""What is installed: `narrows.*` and nothing else, by every way of installing, from any folder."""

import email
import os
import re
import shutil
import site
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from packaging.requirements import Requirement

KINDS = (".py", "py.typed", ".js", ".css")
ROOT = Path(__file__).resolve().parents[1]
FOLDERS = {"package": "", "tuning": "tuning", "search_spaces": "search_spaces", "callbacks": "callbacks"}
"""Where the modules of each folder are inside `narrows`."""
SOURCES = ("setup.py", "pyproject.toml", "README.md", "LICENSE", *FOLDERS)
USE = (
    "import narrows; s, t, c = narrows.search_spaces, narrows.tuning, narrows.callbacks; "
    "from importlib.metadata import version; assert narrows.__version__ == version('narrows'); "
    "print(s.Profile((64, 8)), t.Job('synthetic:trend').prepare().windows.horizon, c.__name__, s.__file__, "
    "narrows.__file__)"
)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A copy of the sources, so that building leaves nothing in the checkout."""
    copy = tmp_path_factory.mktemp("source") / "repo"
    copy.mkdir()
    for name in SOURCES:
        whole = ROOT / name
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(whole, copy / name, ignore=skip) if whole.is_dir() else shutil.copy(whole, copy)
    return copy


@pytest.fixture
def environment(tmp_path):
    """The python of a fresh virtual environment that sees this one's dependencies, but not our package."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / "bin" / "python"
    packages = next((tmp_path / "env" / "lib").glob("python*")) / "site-packages"
    others = tmp_path / "others"
    others.mkdir()
    for folder in site.getsitepackages():
        for entry in Path(folder).iterdir():
            if "narrows" not in entry.name:
                (others / entry.name).symlink_to(entry)
    (packages / "others.pth").write_text(f"{others}\n")
    return python


def pip(*arguments, cwd):
    command = [sys.executable, "-m", "pip", *arguments]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", str(folder), ".", cwd=source)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def metadata(wheel):
    """What an index shows of the wheel."""
    with zipfile.ZipFile(wheel) as held:
        (name,) = [name for name in held.namelist() if name.endswith(".dist-info/METADATA")]
        return email.message_from_string(held.read(name).decode())


def test_the_wheel_holds_our_three_packages_inside_narrows_and_no_global_name(source, wheel):
    with zipfile.ZipFile(wheel) as held:
        names = held.namelist()
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"narrows"}
    packaged = {name.removeprefix("narrows/") for name in names if name.endswith(KINDS)}
    written = {
        str(Path(home) / path.relative_to(source / folder))
        for folder, home in FOLDERS.items()
        for path in (source / folder).rglob("*")
        if path.name.endswith(KINDS)
    }
    assert packaged == written


def test_the_description_on_an_index_leads_nowhere_that_is_not_there(metadata):
    text = metadata.get_payload()
    assert text.startswith("# narrows\n") and "docs/architecture.md" in text
    assert "](" in (ROOT / "README.md").read_text(encoding="utf-8"), "there is something to leave out"
    targets = re.findall(r"\]\(([^)\s]*)\)", text)
    assert all(target.startswith("https://") for target in targets), targets


def test_what_is_said_of_pythons_and_types_agrees(metadata):
    said = metadata.get_all("Classifier")
    pythons = [line.rpartition(" ")[2] for line in said if re.search(r":: 3\.\d+$", line)]
    assert metadata["Requires-Python"] == f">={pythons[0]}"
    assert f"{sys.version_info.major}.{sys.version_info.minor}" in pythons
    assert "Typing :: Typed" in said
    assert metadata.get_all("Provides-Extra") == ["docs", "holidays", "onnx", "ray", "test"]


@pytest.mark.parametrize("file", ["constraints-lowest.txt", "constraints.txt"])
def test_the_versions_the_tests_are_run_with_are_within_the_bounds(metadata, file):
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    pins = dict(line.lower().split("==") for line in lines if "==" in line and not line.startswith("#"))
    for asked in map(Requirement, metadata.get_all("Requires-Dist")):
        pin = pins[asked.name.lower()]
        assert asked.specifier.contains(pin), f"{file}: {asked} and {pin}"
        (low,) = [one.version for one in asked.specifier if one.operator == ">="]
        if file == "constraints-lowest.txt":
            assert f"{pin}.0.0".startswith(f"{low}."), f"{asked} promises {low}, {file} tries {pin}"


@pytest.mark.parametrize("way", [["."], ["--editable", "."]], ids=["plain", "editable"])
def test_it_works_from_a_folder_outside_the_repository(source, environment, tmp_path, way):
    options = ["--quiet", "--no-deps", "--no-build-isolation", "--force-reinstall"]
    pip("--python", str(environment), "install", *options, *way, cwd=source)
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    used = subprocess.run(
        [environment, "-c", USE], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )
    assert used.returncode == 0, used.stderr
    shown, horizon, callbacks, *places = used.stdout.split()
    assert (shown, horizon, callbacks) == ("64-8", "1", "narrows.callbacks")
    for place in places:
        assert Path(place).is_relative_to(source if "--editable" in way else tmp_path / "env")
    command = environment.with_name("narrows")
    done = subprocess.run(
        [command, "--help"], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 and "tune" in done.stdout


def test_help_imports_neither_numpy_nor_tensorflow():
    script = (
        "import sys; sys.argv = ['narrows', '--help']\n"
        "from narrows.tuning.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'numpy', 'polars', 'tensorflow', 'keras', 'keras_tuner'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_looking_around_imports_neither_numpy_nor_tensorflow():
    script = (
        "import sys, narrows\n"
        "for one in (narrows, narrows.tuning, narrows.search_spaces, narrows.callbacks):\n"
        "    print(one.__name__, *dir(one))\n"
        "print(sorted({'numpy', 'polars', 'tensorflow', 'keras', 'keras_tuner'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    *lines, imported = done.stdout.splitlines()
    seen = {name: set(names) for name, *names in map(str.split, lines)}
    assert imported == "[]"
    assert seen["narrows"] >= {"__version__", "tune", "Run", "StackedLSTM", "read_series", "tuning"}
    assert seen["narrows.tuning"] >= {"tune", "Run", "Job", "Series"}
    assert "StackedLSTM" in seen["narrows.search_spaces"] and "NarrowingProbe" in seen["narrows.callbacks"]


@pytest.mark.parametrize(
    "package",
    ["narrows", "narrows.tuning", "narrows.tuning.series", "narrows.search_spaces", "narrows.callbacks"],
)
def test_each_name_that_dir_tells_is_there(package):
    module = import_module(package)
    assert all(getattr(module, name) is not None for name in dir(module))
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'tunee'") as told:
        getattr(module, "tunee")  # noqa: B009
    assert (told.value.name, told.value.obj) == ("tunee", module), "Python suggests `tune` from these"
