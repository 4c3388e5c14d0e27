"""The trials of a report: the best ones with their verdicts, and the table of all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from ...callbacks import pages
from ...callbacks.recorded import RecordedSearch, RecordedTrial
from ...callbacks.trial_facts import trial_facts
from ...callbacks.trial_table import table as trials_table
from ..progress.lines import duration
from .markup import Html, codes, element, facts, joined, table
from .pictures import gallery

BEST = 3
ROWS = 200


def best_trials(search: RecordedSearch) -> Html:
    """Return a chapter on each of the best trials: facts, verdicts in words, pictures."""
    if not search.ranked:
        return element("p", "No trial has a score.")
    return joined(_trial(search, one) for one in search.ranked[:BEST])


def trial_id(number: int) -> str:
    """Return the id of a trial's chapter in the page."""
    return f"trial-{number}"


def _trial(search: RecordedSearch, trial: RecordedTrial) -> Html:
    known = trial_facts(search, trial)
    layers = ", ".join(
        f"{layer['units']}" if layer["effective"] is None else f"{layer['effective']:.1f} of {layer['units']}"
        for layer in known["layers"]
    )
    about = facts(
        [
            ("Validation loss", f"{_shown(known['loss'])} ({known['loss_name']}), rank {known['rank']}"),
            ("Parameters", f"{known['parameters']:,}" if known["parameters"] else ""),
            ("Units that do different work", layers),
            ("Training", f"{known['status']}, best epoch {known['best_epoch']}, {duration(known['secs'])}"),
            ("Trained on", known["node"]),
            ("Reason", known["reason"]),
            ("Note", known["note"]),
            ("Trained once more", known["repeat"]),
            ("Hyperparameters", codes(f"{one['name']} {_shown(one['value'])}" for one in known["values"])),
        ]
    )
    return element(
        "section",
        element("h3", f"{known['rank']}. {known['name']}"),
        about,
        _verdicts(known),
        gallery(pages.page(search, "trial", trial), of=f"-{trial.number}", level=4),
        id=trial_id(trial.number),
    )


def _verdicts(known: Mapping[str, Any]) -> Html:
    if not known["boundaries"]:
        return element("p", known["unmeasured"])
    said = (
        element(
            "li",
            element("strong", f"{one['where'].capitalize()}: {one['word']}."),
            f" {one['sentence']}",
            style=f"--word: {one['colour']}",
        )
        for one in known["boundaries"]
    )
    return element("ul", *said, class_="verdicts")


def all_trials(search: RecordedSearch) -> Html:
    """Return the table of trials, the best first; of more than `ROWS` the best ones."""
    count = len(search.trials)
    told: list[str] = [f"All {count:,} trials that have ended, the best first."]
    if count > ROWS:
        told = [
            f"The best {ROWS} of {count:,} trials that have ended, the best first; ",
            codes(["narrows trials"]),
            " prints all of them.",
        ]
    chapters = {trial.number for trial in search.ranked[:BEST]}
    return joined([element("p", *told, class_="sentence"), best_table(search, ROWS, chapters)])


def best_table(
    search: RecordedSearch, most: int, chapters: Collection[int] = (), only: Collection[str] = ()
) -> Html:
    """Return the table of the best trials.

    Args:
        search: with at least one trial.
        most: rows at most.
        chapters: numbers of trials that have a chapter, which the row leads to.
        only: names of the columns to show, see `trial_table.table`; all of them when there is none.
    """
    known = trials_table(search)
    places = {trial.number: place for place, trial in enumerate(search.ranked)}
    columns = known["columns"]
    names = [column["name"] for column in columns]
    number = names.index("trial")
    rows = sorted(known["rows"], key=lambda row: (places.get(row[number], len(places)), row[number]))
    kept = [place for place, name in enumerate(names) if name in only or not only]
    shown = []
    for row in rows[:most]:
        cells = [_cell(columns[place], row[place]) for place in kept]
        if row[number] in chapters:
            to = f"#{trial_id(row[number])}"
            cells[kept.index(number)] = element(
                "td", element("a", f"{row[number]}", href=to), class_="number"
            )
        shown.append(element("tr", *cells, id=f"row-{row[number]}"))
    head = [
        element(
            "th",
            columns[place]["label"],
            class_="number" if columns[place]["numeric"] else None,
            title=columns[place].get("hint"),
        )
        for place in kept
    ]
    return table(head, shown)


def _cell(column: Mapping[str, Any], value: Any) -> Html:
    text = _shown(value)
    if value is not None and column["name"] == "worst_kept":
        text = f"{value:.0%}"
    if value is not None and column["name"] == "secs":
        text = f"{value:.1f}"
    return element("td", text, class_="number" if column["numeric"] else None)


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, float):
        return f"{value:.4g}"
    return f"{value:,}" if type(value) is int else str(value)
