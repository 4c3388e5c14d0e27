"""Every command, every block of Python and every link of the README is run, in its order."""

import re
import shlex
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
NARROWS = str(Path(sys.executable).with_name("narrows"))
BLOCK = re.compile(r"```(console|python)\n(.*?)```", re.DOTALL)


def steps():
    """(kind, text) of each command and Python block, from top to bottom."""
    for kind, body in BLOCK.findall(README.read_text(encoding="utf-8")):
        if kind == "python":
            yield kind, body
        else:
            yield from (("command", line.removeprefix("$ ")) for line in body.splitlines() if line)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("readme")


@pytest.mark.parametrize(("kind", "text"), [step for step in steps() if step[1] != "pip install ."])
def test_what_the_readme_says_works(folder, kind, text):
    if "onnx" in text:
        pytest.importorskip("tf2onnx", reason="pip install 'narrows[onnx]'")
    if kind == "python":
        command = [sys.executable, "-c", text]
    else:
        name, *rest = shlex.split(text)
        assert name == "narrows", f"a command that no test runs: {text}"
        command = [NARROWS, *rest]
    if "board" in command:
        return board_answers(command, folder)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=400, check=False)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    if "tune(" in text and "import keras" not in text:
        assert not re.search(r"^[IWE]\d{4} |TF_ENABLE|absl", done.stderr, re.MULTILINE), (
            "words of TensorFlow, which `tune` imports"
        )
    assert "--lookback 12" not in text or "The LSTM beats every floor" in done.stdout, (
        "what README begins with"
    )
    assert kind == "command" or done.stdout or "print" not in text
    return None


def hear_ctrl_c():
    # A process that a shell put into the background ignores Ctrl-C, and so would its children.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def board_answers(command, folder):
    process = subprocess.Popen(
        [*command, "--port", "0"], cwd=folder, stdout=subprocess.PIPE, text=True, preexec_fn=hear_ctrl_c
    )
    try:
        said = [process.stdout.readline() for _ in range(2)]
        url = said[1].split("?")[0].strip()
        with urllib.request.urlopen(f"{url}data/runs", timeout=30) as page:
            assert page.status == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0, "Ctrl-C ends it"
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_first_command_stands_early():
    lines = README.read_text(encoding="utf-8").splitlines()
    assert next(i for i, line in enumerate(lines, 1) if line.startswith("$ narrows")) < 30


def test_every_link_leads_somewhere():
    text = README.read_text(encoding="utf-8")
    heads = {re.sub(r"\W+", "-", head.lower()) for head in re.findall(r"^##+ (.*)$", text, re.MULTILINE)}
    targets = re.findall(r"\]\(([^)]+)\)", text)
    assert targets
    for target in targets:
        assert target[1:] in heads if target.startswith("#") else (README.parent / target).is_file(), target
