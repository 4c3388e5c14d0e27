"""The page on reliability names what proves its promises: that must be there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_each_promise_names_a_proof_that_is_there():
    promises = [line.split("|") for line in PAGE.splitlines() if line.startswith("| ")]
    promises = [cells for cells in promises if cells[1].strip() != "promise"]
    assert len(promises) > 15
    for _, promise, proofs, *_ in promises:
        named = re.findall(r"`((?:tests|benchmarks)/[\w/.]+)", proofs)
        assert named, promise
        for name in named:
            assert (ROOT / name).exists(), name
