"""`make answer`: run the studies behind the claims of the page this project comes from; write what was seen.

    python benchmarks/answer.py [--out FOLDER]

Studies are kept in FOLDER (`demo/answer`); a second start only writes `docs/answer.md` and its pictures
again. Real series are taken from a folder beside this repository where they are there, and left out, by name,
where they are not. Every verdict on the page is computed from the studies by the rules in `claims.py`.
"""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from claims import page

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "shared" / "data"
DOCS = HERE.parent / "docs"
WIDTHS = "1,2,4,8,16,32"


@dataclass(frozen=True)
class Source:
    """A series.

    Args:
        title: as the page calls it.
        source: file name, or `synthetic:...`.
        data: how to read it, by the names of `study`.
    """

    title: str
    source: str
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Where it is."""
        return self.source if self.source.startswith("synthetic:") else str(DATA / self.source)

    @property
    def there(self) -> bool:
        """Whether it can be read."""
        return self.source.startswith("synthetic:") or Path(self.path).exists()


@dataclass(frozen=True)
class Asked:
    """One call of `study`.

    Args:
        name: by which claims know it.
        series: of it.
        options: of `study`.
    """

    name: str
    series: Source
    options: Mapping[str, Any]

    @property
    def command(self) -> str:
        """What a user types for it."""
        words = ["narrows", "study", self.series.source]
        for name, value in {**self.series.data, **self.options}.items():
            words += [f"--{name}", str(value)]
        return " ".join(map(shlex.quote, words))


NARMA = Source("NARMA-10", "synthetic:narma10")
MACKEY = Source("Mackey-Glass", "synthetic:mackey_glass")
SALES = Source("seasonal sales", "synthetic:seasonal_sales")
TREND = Source("a straight line with noise", "synthetic:trend")
WALK = Source("a random walk", "synthetic:random_walk")
FIBONACCI = Source("the Fibonacci pair", "synthetic:fibonacci")
SHORT = Source("the Fibonacci pair, two rows of lookback", "synthetic:fibonacci", {"lookback": 2})
SUNSPOTS = Source("sunspots", "sunspots_monthly.csv", {"target": "Sunspots", "time": "Month", "lookback": 24})
ETTH1 = Source(
    "ETTh1 oil temperature",
    "ETTh1.csv",
    {"target": "OT", "time": "date", "lookback": 48, "horizon": 24, "split": "8640,2880,2880"},
)
GAS = Source("gas furnace", "gasrate_co2.csv", {"target": "CO2%", "features": "GasRate(ft3/min)"})


def asked() -> list[Asked]:
    """Return all studies, those of a claim beside each other."""
    one = {"profile": "32", "layer": 1, "widths": WIDTHS}
    ends = {"profile": "16-16-16", "layer": "all", "widths": "1,16"}
    shape = {"profile": "24-24-24", "layer": "shape"}
    found = [Asked("units", series, one) for series in (NARMA, MACKEY, SALES, WALK, SUNSPOTS, ETTH1)]
    for n in (2, 3, 4, 6):
        streams = Source(f"{n} streams", f"synthetic:streams,n={n}")
        widths = ",".join(map(str, (*range(1, n + 2), 16)))
        for place, layer in (("middle", 2), ("last", 3)):
            # The more streams, the longer it takes to learn to keep them apart.
            options = {"profile": "16-16-16", "layer": layer, "widths": widths, "seeds": 6, "steps": 500 * n}
            found.append(Asked(f"streams {place}", streams, options))
    found += [
        Asked("feature", FIBONACCI, {"profile": "16", "feature": "K"}),
        Asked("feature", SHORT, {"profile": "16", "feature": "K"}),
        Asked("feature", GAS, {"profile": "16", "feature": "GasRate(ft3/min)"}),
    ]
    found += [Asked("ends", series, ends) for series in (TREND, NARMA, SUNSPOTS, ETTH1)]
    found += [Asked("shape", series, shape) for series in (NARMA, SUNSPOTS, ETTH1)]
    return found


def main() -> None:
    """Run what is not there yet, then write the page."""
    from narrows import study

    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", default="demo/answer", help="folder of the runs")
    out = Path(parser.parse_args().out)
    began, done, absent = time.monotonic(), [], []
    for one in asked():
        if not one.series.there:
            absent.append(one)
            continue
        sys.stdout.write(f"{one.command}\n")
        sys.stdout.flush()
        folder = out / "".join(c if c.isalnum() else "-" for c in f"{one.series.title}")
        done.append(
            (one, study(one.series.path, **one.series.data, **one.options, out=folder, progress=False))
        )
    spent = out / "minutes"
    minutes = (time.monotonic() - began) / 60 + (float(spent.read_text()) if spent.exists() else 0.0)
    spent.write_text(f"{minutes:.2f}")
    sys.stdout.write(f"{minutes:.1f} minutes in all\n")
    page(done, absent, DOCS, minutes)


if __name__ == "__main__":
    main()
