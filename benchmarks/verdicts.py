"""Verdicts held against truth: the tables of the part `verdicts` of `run.py`.

A verdict says what a user can act on, so truth is what comes of acting: the network is trained again with the
wider layer (`verdict_truth`) on series of known making (`verdict_series`). Trainings are kept in a folder
outside of the repository; with all of them there, changed verdicts are judged in a minute or two.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import verdict_ceiling
import verdict_deals
from apart import Row, call
from verdict_judging import TRIALS
from verdict_rules import Counts, Record, Rule, counted, swept, wilson
from verdict_stacks import stacks

from narrows.callbacks.narrowing.verdict import HELPS, NOTHING_LOST, NOTHING_TO_GAIN, TOO_NARROW

TRAINED = Path(tempfile.gettempdir()) / "narrows-verdicts"
AT_ONCE = 6
"""Series that one process trains on: what it compiles stays in its memory."""
NOTHING = NOTHING_LOST, NOTHING_TO_GAIN


def rows(folder: Path = TRAINED) -> list[Row]:
    """Verdicts on layers of trained networks against networks trained again with the wider layer.

    A wider layer helps when it lowers the loss on fresh windows by more than 5 % and by more than .005 of the
    target's variance, in the mean of three seeds that judge nothing, of six; a case is clear when it is off
    both bounds by two standard errors. In brackets 95 % intervals (Wilson), as if boundaries were
    independent. `untrained` networks saw 8 batches, `undertrained` ones two to four epochs, `overtrained`
    ones 90 epochs of 512 windows; their wider ones were trained as long. How wider networks are trained was
    preferred on stacks of even number, with the figures of the odd ones known: these are no clean test.

    Args:
        folder: keeps what was trained, so that it is trained once, and what was judged, in `judged.json`, so
            that other rules can be compared.
    """
    sources = len({stack.source for stack in stacks()})
    for first in range(0, sources, AT_ONCE):
        call("verdict_truth", "train_some", str(folder), first, first + AT_ONCE)
    records = call("verdict_judging", "judged", str(folder))
    (folder / "judged.json").write_text(json.dumps(records))
    return list(tables(records))


def tables(records: Sequence[Record]) -> Iterator[Row]:
    """Yield all rows: clear cases and all cases, by family, thresholds."""
    clear = [one for one in records if one["clear"]]
    yield (
        "boundaries",
        f"{len(records)} of {len({one['stack'] for one in records})} networks; a wider layer helps in "
        f"{sum(one['helps'] for one in records)}",
        ">= 400",
        f"{len(clear)} are clear, a wider layer helps in {sum(one['helps'] for one in clear)}",
    )
    for name, some in (("clear cases", clear), ("all cases", records)):
        yield from _words(name, some)
    yield from verdict_deals.rows(records)
    for word in sorted({one["word"] for one in records}):
        yield _confused(word, records)
    for family in dict.fromkeys(one["family"] for one in records):
        yield _family(family, [one for one in records if one["family"] == family])
    yield from verdict_ceiling.rows(records)
    yield from _thresholds("clear cases", clear)
    yield from _thresholds("all cases", records)


def _words(name: str, records: Sequence[Record]) -> Iterator[Row]:
    """Yield what the words of one network are worth, and those after a training of the wider one."""
    for measures, key in (("", "word"), (", as every trial is measured", "quick")):
        row = _row(f"{name}: `{TOO_NARROW}`{measures}", _counts(records, key, TOO_NARROW), ">= .90 / .90")
        even, odd = (
            _counts([one for one in records if one["stack"] % 2 == k], key, TOO_NARROW) for k in (0, 1)
        )
        yield (
            *row[:3],
            f"{row[3]}; right {even.precision:.2f} on even stacks, {odd.precision:.2f} on odd ones",
        )
    said = [one for one in records if one["word"] in NOTHING]
    wrong, useless = sum(one["helps"] for one in said), sum(not one["helps"] for one in records)
    interval = " ({:.3f} to {:.3f})".format(*wilson(wrong, len(said))) if said else ""
    yield (
        f"{name}: `{NOTHING[0]}` or `{NOTHING[1]}`",
        f"wrong in {wrong} of {len(said)}{interval}",
        "<= .02",
        f"{useless} boundaries have nothing to gain",
    )
    for where, flagged in (
        (f"the wider layer trained where `{TOO_NARROW}`", [one["word"] == TOO_NARROW for one in records]),
        (f"as after a search of {TRIALS} trials", [one["tried"] for one in records]),
        ("every wider layer trained: what three seeds can tell", [True] * len(records)),
    ):
        helps = [flag and one["trained"] == HELPS for flag, one in zip(flagged, records, strict=True)]
        counts = Counts.of(helps, (one["helps"] for one in records))
        row = _row(f"{name}: `{HELPS}`, {where}", counts, "" if all(flagged) else ">= .95 / .90")
        pairs = sum(one["pairs"] for flag, one in zip(flagged, records, strict=True) if flag)
        yield (*row[:3], f"{row[3]}; {pairs / max(1, len(records)):.2f} wider networks trained a boundary")


def _counts(records: Sequence[Record], key: str, word: str) -> Counts:
    return Counts.of((one[key] == word for one in records), (one["helps"] for one in records))


def _row(what: str, counts: Counts, goal: str) -> Row:
    more = f"{counts.right} right, {counts.false} false, {counts.missed} missed, {counts.rest} rest"
    return what, str(counts), goal, more


def _confused(word: str, records: Sequence[Record]) -> Row:
    said = [one for one in records if one["word"] == word]
    clear = [one for one in said if one["clear"]]
    helps, clear_helps = (sum(one["helps"] for one in some) for some in (said, clear))
    return (
        f"said `{word or 'nothing'}`",
        f"of {len(clear)} clear: helps in {clear_helps}, does not in {len(clear) - clear_helps}",
        "",
        f"of all {len(said)}: {helps}, {len(said) - helps}",
    )


def _family(family: str, records: Sequence[Record]) -> Row:
    clear = [one for one in records if one["clear"]]
    narrow = [_counts(some, "word", TOO_NARROW) for some in (clear, records)]
    nothing = [one["helps"] for one in records if one["word"] in NOTHING]
    said = [
        f"{each.right} right, {each.false} false, {each.missed} missed, {each.rest} rest" for each in narrow
    ]
    return (
        f"`{family}`: `{TOO_NARROW}`",
        f"clear: {said[0]}",
        "",
        f"all: {said[1]}; nothing lost or to gain wrong in {sum(nothing)} of {len(nothing)}",
    )


def _thresholds(name: str, records: Sequence[Record]) -> Iterator[Row]:
    """Yield the plain rule, thresholds as planned and as chosen on one half of the stacks."""
    rule, even, odd = swept(records)
    planned = Rule(0.02, 0.9, 0.05)
    half = [one for one in records if one["stack"] % 2]
    yield _row(f"{name}: plain rule, gap .02, full .9, own .05, odd stacks", counted(planned, half), "")
    row = _row(
        f"{name}: plain rule, gap {rule.gap:g}, full {rule.fill:g}, own {rule.own:g}, chosen on even stacks",
        odd,
        "",
    )
    yield (*row[:3], f"{row[3]}; on even stacks {even}")
