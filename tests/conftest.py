"""Fixtures for all tests."""

from __future__ import annotations

import gc
from pathlib import Path

import numpy as np
import pytest

DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real series beside the checkout; they are no part of this project."""
    if not DATA.is_dir():
        pytest.skip("the real series are not beside this checkout")
    return DATA.resolve()


@pytest.fixture(scope="session")
def panel_columns():
    """Make hourly series with a daily season, one for each level, below each other, with ids and times."""

    def columns(levels, rows: int = 240) -> dict[str, np.ndarray]:
        rng, t = np.random.default_rng(0), np.arange(rows)
        values = [
            level * (2 + np.sin(2 * np.pi * (t / 24 + rng.uniform())) + 0.2 * rng.normal(size=rows))
            for level in levels
        ]
        return {
            "shop": np.repeat([f"s{place}" for place in range(len(levels))], rows),
            "hour": np.tile(np.datetime64("2024-03-01T00", "us") + t * np.timedelta64(1, "h"), len(levels)),
            "sold": np.concatenate(values),
        }

    return columns


@pytest.fixture(scope="session")
def stock_columns(panel_columns):
    """Make the same, of which sales follow how the stock stood, and the price stands, to its own level."""

    def columns(levels, rows: int = 240) -> dict[str, np.ndarray]:
        found, rng, count = panel_columns(levels, rows), np.random.default_rng(1), len(levels)
        level = np.repeat(levels, rows)
        swing = rng.normal(size=(count, rows))
        price = rng.integers(0, 4, (count, rows))
        before = np.roll(swing, 6, axis=1)
        sold = 5 + before - 0.5 * price + 0.1 * rng.normal(size=(count, rows))
        return found | {
            "sold": level * sold.ravel(),
            "stock": 3 * level * (4 + swing.ravel()),
            "price": level * (2 + price.ravel()),
            "heat": rng.normal(size=count * rows),
            "offer": (rng.uniform(size=count * rows) < 0.3).astype(float),
            "town": np.where(rng.uniform(size=count * rows) < 0.5, "Ulm", "Bonn"),
            "area": level / 3,
        }

    return columns


@pytest.fixture(scope="session", autouse=True)
def own_user_folders(tmp_path_factory: pytest.TempPathFactory):
    """Keep what tests and the processes they start compile and export out of the user's own folders."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        patched.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module", autouse=True)
def set_aside_what_stays():
    """Leave what is alive after each file out of later collections of garbage.

    TensorFlow and Keras keep a heap that grows with every file, and garbage is collected after each model:
    trainings of the last files took several times as long as alone (17:40 for all tests, 12:18 so).
    """
    yield
    gc.collect()
    gc.freeze()
