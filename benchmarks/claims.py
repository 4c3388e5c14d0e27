"""What the studies of `answer.py` say about each claim, as a page: numbers and verdicts come from the studies."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pictures import draw

Done = Sequence[tuple[Any, Any]]
HOLDS, IN_PART, NOT, OPEN = "holds", "holds in part", "does not hold", "not decided"


def page(done: Done, absent: Sequence[Any], docs: Path, minutes: float) -> None:
    """Write `answer.md` and its pictures.

    Args:
        done: (asked, studies) of each call.
        absent: asked of series that are not there.
        docs: folder of the page.
        minutes: that the studies took in this start.
    """
    claims = [
        claim(done) for claim in (more, same, several, feature, rule, compression, helpful, one_cell, shapes)
    ]
    parts = [HEAD.format(short="\n".join(f"- {one['short']}" for one in claims)), TABLE_HEAD]
    parts[-1] += "".join(
        f"| {number or '-'} | {one['claim']} | **{one['verdict']}** |\n"
        for number, one in enumerate(claims, 1)
    )
    for number, one in enumerate(claims, 1):
        parts.append(_section(number, one, docs))
    parts.append(_foot(absent, minutes))
    (docs / "answer.md").write_text("\n".join(parts), encoding="utf-8")


def _section(number: int, claim: dict[str, Any], docs: Path) -> str:
    lines = [
        f"## {number}. {claim['claim']}",
        "",
        f"**{claim['verdict'].capitalize()}.** {claim['said']}",
        "",
    ]
    if claim.get("picture"):
        name = f"answer-{number}.png"
        draw(claim["picture"], docs / name)
        lines += [f"![{claim['picture'].title}]({name})", ""]
    if claim["rows"]:
        lines += [f"| {' | '.join(claim['head'])} |", f"|{'---|' * len(claim['head'])}"]
        lines += [f"| {' | '.join(row)} |" for row in claim["rows"]] + [""]
    if claim["commands"]:
        lines += ["```sh", *dict.fromkeys(claim["commands"]), "```", ""]
    return "\n".join(lines)


def more(done: Done) -> dict[str, Any]:
    """Claim 1: more units in one layer improve the forecast."""
    found = _of(done, "units")
    improved = [study for _, study in found if any(arm.word == "too narrow" for arm in study.arms)]
    rows = [[asked.series.title, _enough(study), _arm(study, 1), _arm(study, 4)] for asked, study in found]
    needed: dict[str, list[str]] = {}
    for asked, study in found:
        needed.setdefault(_needed(study), []).append(asked.series.title)
    enough = [f"{units} for {_listed(titles)}" for units, titles in needed.items()]
    return {
        "claim": "More units in one layer improve the forecast",
        "verdict": HOLDS if len(improved) == len(found) else IN_PART if improved else NOT,
        "short": "More units help until there are enough. How many are enough depends on the series: "
        + "; ".join(enough) + ".",
        "said": "One layer of 32 units against narrower ones. "
        f"Too few units cost something on {len(improved)} of {len(found)} series; beyond the widths below, no gain "
        "could be shown. A width is *enough* when its whole range lies below what is allowed: 5 % of the loss of 32 "
        "units or, where that loss is next to nothing, a hundredth of what there is to forecast. It is *too narrow* "
        "when it is shown to lose, and by more than that in the mean; what lies between is *not shown*.",
        "picture": improved[0] if improved else None,
        "head": ["series", "units that are enough", "1 unit costs", "4 units cost"],
        "rows": rows,
        "commands": [asked.command for asked, _ in found],
    }  # fmt: skip


def same(done: Done) -> dict[str, Any]:
    """Claim 2: would the other units not learn exactly the same features?"""
    found = _of(done, "units")
    rows, shares = [], []
    for asked, study in found:
        wide = study.base.measures or {}
        shares.append(wide.get("fill") or 0.0)
        used = {arm.width: (arm.measures or {}).get("units") for arm in study.arms}
        rows.append([asked.series.title, *(_number(used.get(width)) for width in (4, 8, 16, 32))])
    return {
        "claim": "The other units of a layer learn exactly the same as the first",
        "verdict": NOT if min(shares, default=0) * 32 > 1.5 else IN_PART,
        "short": "Many units of a layer repeat others: of 32, only as many as "
        f"{32 * min(shares):.0f} to {32 * max(shares):.0f} do different work, depending on the series.",
        "said": "Each unit starts from another random draw, so no two follow the same gradient. The table tells how "
        "many units of a trained layer do different work (effective rank of their states, one network a "
        "width). "
        "Narrow layers are full; wide ones repeat themselves.",
        "picture": None,
        "head": ["series", "of 4", "of 8", "of 16", "of 32"],
        "rows": rows,
        "commands": [asked.command for asked, _ in found[:1]],
    }  # fmt: skip


def several(done: Done) -> dict[str, Any]:
    """Claim 3: one unit is not enough for several concepts at once."""
    rows, right = [], []
    for place in ("middle", "last"):
        for asked, study in _of(done, f"streams {place}"):
            n = int(asked.series.title.split()[0])
            right.append(study.enough == str(n))
            left = {arm.width: _left(study, arm) for arm in study.arms}
            narrow = ", ".join(f"{100 * left[w]:.0f} % ({100 * (n - w) / n:.0f} %)" for w in range(1, n))
            rows.append([str(n), place, study.enough or "not shown", narrow, f"{100 * left[n]:.1f} %"])
    first = next((study for asked, study in _of(done, "streams last") if "4" in asked.series.title), None)
    return {
        "claim": "One unit is not enough to keep track of several concepts at once",
        "verdict": HOLDS if all(right) else IN_PART if any(right) else NOT,
        "short": "A last layer needs one unit for each independent value that it must pass on at the same moment. With "
        "4 values and 3 units a quarter of what could be forecast is lost, with 4 units nothing. Where one value is "
        "enough, one unit may be enough.",
        "said": "n independent streams, each to be repeated. In brackets the share that w numbers, read linearly, must "
        "leave. In the last layer that is exact. A layer before it can do better, since a later layer can undo a "
        "curved code: one number can tell a stream and the sign of another.",
        "picture": first,
        "head": ["streams", "layer", "units that are enough", "left with 1, 2, .. n - 1 units (bound)", "with n"],
        "rows": rows,
        "commands": [asked.command for place in ("middle", "last") for asked, _ in _of(done, f"streams {place}")],
    }  # fmt: skip


def feature(done: Done) -> dict[str, Any]:
    """Claim 4: an additional feature supports the network."""
    found = _of(done, "feature")
    words = [study.arms[1].word for _, study in found]
    rows = [
        [asked.series.title, study.arms[1].label, _share(_left(study, study.base)), _share(_left(study, study.arms[1])),
         study.arms[1].word]
        for asked, study in found
    ]  # fmt: skip
    helped, hurt = words.count("worse"), words.count("better")
    return {
        "claim": "An additional feature (Fibonacci's K beside X) supports the network",
        "verdict": HOLDS if helped == len(words) else IN_PART if helped else OPEN if "not shown" in words else NOT,
        "short": f"One more input column is no gain by itself: in {len(words)} cases leaving it out was worse in "
        f"{helped} and better in {hurt}; in {len(words) - helped - hurt} no difference was shown.",
        "said": "The same network with the feature and without it. In the Fibonacci pair X is the target and K the "
        "feature. X_t = 2 X_{t-1} - X_{t-3} - 1, so three rows of X "
        "tell all that K tells. With two rows of lookback K adds what X lacks, and the loss is smaller with it; but "
        "both losses are thousandths of a percent of what there is to forecast.",
        "picture": None,
        "head": ["series", "compared", "left with it", "left without it", "without it is"],
        "rows": rows,
        "commands": [asked.command for asked, _ in found],
    }  # fmt: skip


def rule(done: Done) -> dict[str, Any]:
    """Claim 5: the printed pair and its two rules."""
    k, printed = (0, 1, 1, 2, 3, 5), (1, 4, 7, 12, 30)
    x = [1]
    for term in k[1:]:
        x.append(x[-1] + 2 * term + 1)
    return {
        "claim": "The printed pair K = 0 1 1 2 3 5, X = 1 4 7 12 30 follows one of the two printed rules",
        "verdict": NOT if tuple(x[:5]) != printed else HOLDS,
        "short": f"The example in that answer skips a term of its own series: it should read {' '.join(map(str, x))}.",
        "said": f"X_t = X_(t-1) + 2 K_t + 1 from 1 gives {' '.join(map(str, x))}: {x[4]} was left out, and 30 comes after "
        "it. Nothing was trained for this; `narrows series fibonacci` makes the series.",
        "picture": None,
        "head": [],
        "rows": [],
        "commands": [],
    }  # fmt: skip


def compression(done: Done) -> dict[str, Any]:
    """Claim 6: if any stage narrows too quickly, the relation over time is lost."""
    found = _of(done, "ends") + [(a, s) for a, s in _of(done, "streams middle")]
    narrow = [study for _, study in found if _one(study).word == "too narrow"]
    fine = [study for _, study in found if _one(study).word == "enough"]
    rows = [[asked.series.title, study.name, _verdict(_one(study)), _kept(study)] for asked, study in found]
    return {
        "claim": "If any stage narrows too quickly, the relation over time is lost",
        "verdict": IN_PART if narrow and fine else HOLDS if narrow else NOT,
        "short": f"In {len(found)} cases one layer of three was narrowed to one unit: {len(narrow)} forecasts became "
        f"worse, {len(fine)} took no harm, {len(found) - len(narrow) - len(fine)} could not be decided. It depends on "
        "how many independent values must pass through that layer.",
        "said": "One layer of three is narrowed to one unit. What it keeps of the layer before is shown beside what that "
        "costs: little kept need not cost anything.",
        "picture": None,
        "head": ["series", "narrowed to 1 unit", "came out", "it keeps of the layer before"],
        "rows": rows,
        "commands": [asked.command for asked, _ in _of(done, "ends")],
    }  # fmt: skip


def helpful(done: Done) -> dict[str, Any]:
    """Claim 7: narrowing is a lossy compression, helpful sometimes."""
    arms = [
        (asked, study, arm)
        for name in ("units", "ends")
        for asked, study in _of(done, name)
        for arm in study.arms
        if arm.label != study.reference
    ]
    better = [(asked, study, arm) for asked, study, arm in arms if arm.high is not None and arm.high < 0]
    harmless = [arm for *_, arm in arms if arm.word == "enough"]
    rows = [[asked.series.title, study.name, arm.label, _cost(arm)] for asked, study, arm in better]
    return {
        "claim": "Narrowing is a lossy compression that the training steers; it helps sometimes, not necessarily",
        "verdict": HOLDS if better else OPEN if not harmless else IN_PART,
        "short": f"Of {len(arms)} narrowed layers {len(harmless)} are shown to do no harm; for the other "
        f"{len(arms) - len(harmless)} that is not shown. {_counted(len(better))} forecast better than the wide layer.",
        "said": "All narrower widths of the studies of claims 1 and 8. Those whose whole interval lies below 0 are in the "
        "table."
        + ("" if better else " There is none: narrowing loses something, but that it ever helps is not shown."),
        "picture": None,
        "head": ["series", "layer", "units", "loss against the widest"] if rows else [],
        "rows": rows,
        "commands": [],
    }  # fmt: skip


def one_cell(done: Done) -> dict[str, Any]:
    """Claim 8: one cell is far too drastic, unless the trend is v = a t + b."""
    found = _of(done, "ends")
    by_series: dict[str, list[Any]] = {}
    for asked, study in found:
        by_series.setdefault(asked.series.title, []).append(study)
    rows = [[title, *(_verdict(_one(study)) for study in studies)] for title, studies in by_series.items()]
    others = [
        s for title, studies in by_series.items() if not title.startswith("a straight") for s in studies
    ]
    fine = [study for study in others if _one(study).word == "enough"]
    return {
        "claim": "One cell is far too drastic and loses all variance over time, unless v = a t + b",
        "verdict": NOT if len(fine) == len(others) else IN_PART if fine else HOLDS,
        "short": f"On series that are no straight line, one unit in one layer of three was enough in {len(fine)} of "
        f"{len(others)} cases: it is not always too drastic.",
        "said": "16-16-16 with one layer of a single unit: the first, the middle or the last. Too drastic on some "
        "series, enough on others.",
        "picture": None,
        "head": ["series", "first layer", "middle layer", "last layer"],
        "rows": rows,
        "commands": [asked.command for asked, _ in found],
    }  # fmt: skip


def shapes(done: Done) -> dict[str, Any]:
    """The sister question: should widths fall, rise or bulge?"""
    found = _of(done, "shape")
    names = [arm.label.split()[0] for arm in found[0][1].arms[1:]] if found else []
    rows = [[asked.series.title, *(_verdict(arm) for arm in study.arms[1:])] for asked, study in found]
    told = [
        f"{arm.label.split()[0]} widths are {arm.word} than equal ones on {asked.series.title}, {_cost(arm)}"
        for asked, study in found
        for arm in study.arms[1:]
        if arm.word in ("better", "worse")
    ]
    return {
        "claim": "Sister question: decreasing, increasing or bulging widths for a forecaster?",
        "verdict": "it depends" if told else "no difference shown",
        "short": "At the same number of parameters the order of widths "
        + ("matters on some series: " + "; ".join(told) if told else "makes no difference that could be shown") + ".",
        "said": "A question asked elsewhere on the web: should layers become narrower, wider, or be widest in the middle? "
        "Three layers of the same number of parameters in all, against equal widths.",
        "picture": found[0][1] if found else None,
        "head": ["series", *names],
        "rows": rows,
        "commands": [asked.command for asked, _ in found],
    }  # fmt: skip


def _of(done: Done, name: str) -> list[tuple[Any, Any]]:
    return [(asked, study) for asked, studies in done if asked.name == name for study in studies]


def _one(study: Any) -> Any:
    return next(arm for arm in study.arms if arm.width == 1)


def _enough(study: Any) -> str:
    return study.enough or _needed(study)


def _needed(study: Any) -> str:
    """Say how many units are enough, or how many are known not to be and which are open."""
    narrow = [arm.width for arm in study.arms if arm.word == "too narrow"]
    if study.enough or not narrow:
        return study.enough or "not decided"
    between = [arm.label for arm in study.arms if arm.word == "not shown" and arm.width > max(narrow)]
    undecided = f" ({_listed(between)} not decided)" if between else ""
    return f"more than {max(narrow)}{undecided}"


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]


def _counted(count: int) -> str:
    return str(count) if count else "None"


def _arm(study: Any, width: int) -> str:
    """Say what came of a width; where a multiple of next to nothing is enough, say what it leaves."""
    arm = next(arm for arm in study.arms if arm.width == width)
    if arm.word != "enough" or arm.cost < study.delta:
        return _verdict(arm)
    left, least = (_share(_left(study, one)) for one in (arm, study.base))
    return f"enough: it leaves {left} of what there is to forecast, {study.reference} units {least}"


def _verdict(arm: Any) -> str:
    return f"{arm.word}, {_cost(arm)}"


def _cost(arm: Any) -> str:
    from narrows.callbacks.studied import percent

    return f"{percent(arm.cost)} ({percent(arm.low)} to {percent(arm.high)})" if arm.cost is not None else "-"


def _kept(study: Any) -> str:
    kept = (_one(study).measures or {}).get("kept")
    return "-" if kept is None else f"{100 * kept:.0f} %"


def _left(study: Any, arm: Any) -> float:
    losses = [loss for loss in arm.losses if loss is not None]
    return sum(losses) / len(losses) / study.spread if losses else float("nan")


def _share(share: float) -> str:
    return f"{100 * share:.2g} %"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _foot(absent: Sequence[Any], minutes: float) -> str:
    missing = sorted({one.series.source for one in absent})
    lines = [
        "## How this was made",
        "",
        "`make answer` runs every study above and writes this page; it took "
        f"{minutes:.0f} minutes on {platform.machine()} with two cores. The losses are those of the test part. A "
        "network is called enough when it is shown to lose at most 5 % of the widest one's loss, or a "
        "hundredth of the target's variance; intervals cover 95 %, and what is not decided is called so. "
        "The synthetic series are "
        "made by `narrows series`; the real ones are public files.",
    ]
    if missing:
        lines += ["", f"Left out because their files were not there: {', '.join(missing)}."]
    return "\n".join([*lines, ""])


HEAD = """# Why several LSTM units in a layer, and how narrow may a layer be?

Somebody asked on a question-and-answer site why an LSTM layer needs more than one unit, and got an answer full of
claims that nobody had measured ([ai.stackexchange 12324](https://ai.stackexchange.com/questions/12324)). Here the
command `narrows study` tests each claim. It trains networks that differ only in the number of units of one layer, the
layer's *width*. Each width gets its own best learning rate; seeds and batches are the same. All are judged on data that
no network saw in training. +20 % means a loss (squared error) that is 20 % larger; the range in brackets is where it
lies with 95 % confidence. For your own series `narrows study your.csv --target units` gives the same answers.

{short}
"""

TABLE_HEAD = """| | claim | what the studies say |
|---|---|---|
"""
