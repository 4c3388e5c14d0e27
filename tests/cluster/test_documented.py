"""What `docs/cluster.md` says to type can be typed: addresses, shell commands and files."""

import re
import subprocess
from pathlib import Path

import pytest

from narrows.tuning.cluster.address import Address

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
NAMED = re.compile(r"--cluster ([^\s`'\"]+|\"[^\"]+\")")
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
STANDS_FOR = {'"$head:$port"': "node17:23456", "HOST:PORT": "host:6379"}


def blocks(kind):
    return [body for found, body in BLOCK.findall(PAGE) if found == kind]


def test_every_cluster_that_is_named_is_one():
    named = NAMED.findall(PAGE) + NAMED.findall(README)
    assert len(named) > 5
    for text in named:
        assert Address.parse(STANDS_FOR.get(text, text)).where


@pytest.mark.parametrize("script", blocks("sh"))
def test_a_shell_reads_the_commands(script):
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_ray_takes_the_file_of_a_cluster():
    util = pytest.importorskip("ray.autoscaler._private.util", reason="pip install 'narrows[ray]'")
    yaml = pytest.importorskip("yaml")
    launched, manifest = map(yaml.safe_load, blocks("yaml"))
    util.validate_config(util.prepare_config(launched))
    assert launched["max_workers"] == len(launched["provider"]["worker_ips"])
    spec = manifest["spec"]
    groups = [spec["headGroupSpec"], *spec["workerGroupSpecs"]]
    images = {one["image"] for group in groups for one in group["template"]["spec"]["containers"]}
    (base,) = re.findall(r"^FROM rayproject/ray:([\d.]+)-py311$", PAGE, re.MULTILINE)
    assert len(images) == 1 and base == spec["rayVersion"]
