"""Fixtures for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real series beside the checkout; they are no part of this project."""
    if not DATA.is_dir():
        pytest.skip("the real series are not beside this checkout")
    return DATA.resolve()
