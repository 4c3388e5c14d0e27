"""What was searched, and the answer: the first two chapters of a report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ...callbacks.score_table import score_tables
from ..progress.lines import duration
from ..series.words import counted, shown, time_text
from .markup import Html, codes, element, facts, joined, table

if TYPE_CHECKING:
    from ..runs.folder import RunFolder

_UNITS = {"own": "the size of each window", "shared": "training standard deviations"}


def searched(run: RunFolder) -> Html:
    """Return what the run was asked to do, and how far it is."""
    identity, windows = run.job["identity"], run.windows
    parts = {name: f"{len(rows):,}" for name, rows in windows.parts.items()}
    space = identity["space"]
    return facts(
        [
            ("Series", _series(run)),
            ("Targets", shown(identity["targets"])),
            ("Features", shown(identity["features"]) or "none but the past of the targets"),
            ("Task", f"forecast {_next(windows.horizon)} from {_last(windows.lookback, space)}"),
            (
                "Windows",
                f"{parts['train']} to train, {parts['validation']} to validate, {parts['test']} to test, "
                f"in time order ({identity['split']})"
                + "".join(f"; {told.removesuffix('.')}" for told in windows.notes),
            ),
            ("Space", _space(space)),
            (
                "Search",
                f"{identity['algorithm']} algorithm, {run.engine_name} engine, "
                f"at most {counted(identity['epochs'], 'epoch')} a trial, seed {identity['seed']}",
            ),
            ("Loss", f"{identity['loss']}, in {_UNITS[identity['levels']]}"),
            ("Trials", _trials(run)),
            ("Time", _time(run)),
        ]
    )


def _space(space: Mapping[str, Any]) -> Html:
    """Return the parts of a stack, or what a space of the user's own declares."""
    if "source" not in space:
        return codes(f"{name} {part}" for name, part in space.items())
    declared = codes(f"{name} {text}" for name, text in space["hyperparameters"].items())
    return joined([element("p", "a space of your own, ", codes([space["name"], space["source"]])), declared])


def answered(run: RunFolder) -> Html:
    """Return the answer in words, and the scores beside the floors."""
    answer = run.answer
    if answer is None:
        if run.best is None:
            why = "No trial has a score, so there is no answer. The table of trials says why each one failed."
        else:
            why = "The search has not ended, so there is no answer yet. Repeat its command to go on with it."
        return element("p", why)
    scored = score_tables(answer)
    alone = answer["linear_alone"]
    what = "the linear forecast alone" if alone else f"{answer['parameters']:,} parameters"
    best = element(
        "p",
        "The best trial is ",
        element("strong", answer["name"]),
        f" with {what} and a validation loss of {answer['best_val_loss']:.5g}.",
        class_="lead",
    )
    said = element("ul", *(element("li", sentence) for sentence in answer["sentences"]), class_="said")
    under = element(
        "p",
        f"Scores on the untouched test part ({answer['windows']:,} windows), in raw units"
        f"{'; MASE, sMAPE and OWA are means over the series' if answer['by_series'] else ''}. "
        f"Smaller is better; ✓ marks the best of each column. {answer['metric']} decides.",
        class_="note",
    )
    return joined([best, said, *_scores(scored["tables"] if scored else ()), under])


def _scores(tables: Iterable[Mapping[str, Any]]) -> list[Html]:
    """Return one table for each target."""
    found = []
    for one in tables:
        head = [
            element("th", one["target"]),
            *(element("th", metric, class_="number") for metric in one["metrics"]),
        ]
        rows = [
            element(
                "tr",
                element("th", row["name"], scope="row"),
                *(_score(cell["value"], cell["best"]) for cell in row["cells"]),
                class_="ours" if row["ours"] else None,
            )
            for row in one["rows"]
        ]
        found.append(table(head, rows))
    return found


def _score(value: float | None, best: bool) -> Html:
    if value is None:
        return element("td", "-", class_="number")
    text = f"{value:.4g}"
    return element("td", *([element("strong", text), " ✓"] if best else [text]), class_="number")


def _next(rows: int) -> str:
    return "the next row" if rows == 1 else f"the next {rows} rows"


def _last(rows: int, space: str | Mapping[str, str]) -> str:
    at_most = "at most " if isinstance(space, Mapping) and "lookback" in space else ""
    return at_most + ("the last row" if rows == 1 else f"the last {rows} rows")


def _series(run: RunFolder) -> str:
    series, source = run.series, run.job["source"]
    if source.startswith("<"):
        source = f"{source.strip('<>')} given in Python"
    said = [f"{source}: {series.rows:,} rows"]
    many = len(set(series.ids))
    if many > 1:
        said.append(f"{many:,} series")
    if series.times is not None and series.rows:
        said.append(f"time {time_text(series.times.min())} to {time_text(series.times.max())}")
    if series.frequency:
        said.append(f"frequency {series.frequency}")
    if series.season > 1:
        said.append(f"season {series.season}")
    return ", ".join(said)


def _trials(run: RunFolder) -> str:
    if not run.trials:
        return "none: the run was made for its studies"
    counts: dict[str, int] = {}
    for row in run.trials:
        counts[row.status] = counts.get(row.status, 0) + 1
    told = ", ".join(f"{count:,} {status}" for status, count in sorted(counts.items()))
    return f"{sum(counts.values()):,} of {run.job['budget']['trials']:,}: {told}"


def _time(run: RunFolder) -> str:
    if not run.trials:
        return ""
    spent = f"{duration(sum(row.secs for row in run.trials))} of training, all trials added up"
    try:
        first = datetime.fromtimestamp(run.trials[0].started).astimezone()
    except (OverflowError, ValueError, OSError):  # of a clock or a store beyond all calendars
        return spent
    return f"begun {first:%Y-%m-%d %H:%M %Z}; {spent}"
