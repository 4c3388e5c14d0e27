"""Large searches in virtual time: busy places, the driver's CPU, and what is found by who knows less.

The search is the package's own, around an engine whose trials are made up (`places_engine`): with store and
watchers (`places_search`) where the driver is measured, without (`places_bare`) where only virtual time and
losses count.
"""

from __future__ import annotations

from typing import Any

from apart import Row, call

SIZES = (4, 16, 64, 256, 1000)
A_PLACE = 12
"""Trials for each place, so that most of a search lies between its begin and its end."""
SEEDS = 8
WAYS = ((4, 2), (8, 2), (16, 2), (4, 4), (16, 4))
"""Lag, and trials under way, for each place."""
AT = (100, 300, 1000)
"""Trials after which what was found is looked at."""


def rows() -> list[Row]:
    """Searches on 4 to 1,000 places, 12 trials a place: the share of busy places, and the driver's CPU.

    Trials are made up, 30 epochs in 60 s as a median, log-normal with sigma 0.6; those of random search end
    by patience alone, those of TPE early, too. Shares are of the places' virtual time until the last trial
    was begun. CPU is that of all threads, for all but training and measuring; the machine had other work.
    """
    found: list[Row] = []
    for algorithm, halving, goals in (("random", False, SIZES), ("tpe", True, (4, 16, 64))):
        for places in SIZES:
            done = call("places_search", "searched", algorithm, places, A_PLACE * places, halving)
            goal = f">= {95 if algorithm == 'random' else 90} %" if places in goals else ""
            found += [_busy(algorithm, places, done, goal), _cpu(algorithm, places, done)]
    return found


def lags() -> list[Row]:
    """Busy places of an algorithm that learns, with early ending, by how many trials may be begun.

    As `places`, without store; random search that waits for results as TPE does stands for it. The lag is how
    many trials may be under way, or ended but not told, when the next one is proposed; under way are those
    that were begun and have not ended, whose weights are held. The product has a lag of 4 a place and two
    under way. The lag is what breaks first, on 16 places: a trial that goes on takes many times as long as
    one that ends at the first rung, and nothing new begins before it is told. From 64 places on trials that
    wait for lower numbers leave places idle, too.
    """
    found: list[Row] = []
    for places in SIZES[:4]:
        all_done = call("places_bare", "busy_by", places, A_PLACE * places, WAYS)
        for (lag, under_way), done in zip(WAYS, all_done, strict=True):
            found.append(
                (
                    f"{places:,} places, lag {lag} a place, {under_way} under way a place",
                    f"{100 * done['busy']:.1f} % busy",
                    ">= 90 %" if places <= 64 else "",
                    f"idle behind the lag {100 * done['asking']:.1f} %, behind trials that wait "
                    f"{100 * done['waiting']:.1f} %; {done['secs']:.0f} virtual s",
                )
            )
    return found


def knowing_less() -> list[Row]:
    """The best true loss after so many trials by how late results are told, with early ending.

    What TPE knows before trial n are the trials up to n - lag, and the lag is 4 a place; one place with that
    lag finds the same. On 256 places and more nothing is told before trial 1,025: it is random search until
    then. Percent above 0.1, the least true loss there is; means of 8 seeds with their 95 % intervals. Losses
    that are seen have noise of 3 %, so that the best one seen is partly luck.
    """
    ways = [("random search", "random", 8)]
    ways += [(f"TPE on {places:,} places", "tpe", 4 * places) for places in SIZES[:3]]
    found: list[Row] = []
    for name, algorithm, lag in ways:
        losses = [call("places_bare", "found", algorithm, lag, AT[-1], seed, AT) for seed in range(SEEDS)]
        found.append(knows(name, lag if algorithm == "tpe" else None, losses))
    return found


def as_they_come() -> list[Row]:
    """TPE on a cluster, which is told results as they come: busy places, and what it finds.

    With early ending, 12 trials a place; what is found as in `places_knowing_less`, 8 seeds of 1,000 trials.
    """
    found: list[Row] = []
    for places in SIZES:
        done = call("places_bare", "as_they_come", places, A_PLACE * places, 0, [])
        goal = ">= 90 %" if places <= 64 else ""
        trials = f"{A_PLACE * places:,} trials"
        found.append(
            (
                f"TPE told as results come, {places:,} places: busy",
                f"{100 * done['busy']:.1f} %",
                goal,
                trials,
            )
        )
    for places in SIZES:
        losses = [
            call("places_bare", "as_they_come", places, AT[-1], seed, AT)["found"] for seed in range(SEEDS)
        ]
        found.append(knows(f"TPE told as results come, on {places:,} places", None, losses))
    return found


def knows(name: str, lag: int | None, losses: list[list[float]]) -> Row:
    """Return the row of what was found in each seed after each of `AT` trials."""
    from places_bare import interval

    above = [interval([100 * (each[place] / 0.1 - 1) for each in losses]) for place in range(len(AT))]
    told = [f"{mean:.1f} ± {half:.1f} % after {at:,}" for (mean, half), at in zip(above, AT, strict=True)]
    late = "" if lag is None else f"; told {lag:,} trials late"
    return name, f"{told[1]} trials", "", f"{', '.join(told)} trials{late}"


def _busy(algorithm: str, places: int, done: dict[str, Any], goal: str) -> Row:
    last = sum(done["idle"].values()) / (1 - done["busy"]) if done["busy"] < 1 else 1.0
    asking, waiting = (100 * done["idle"][why] / last for why in ("asking", "waiting"))
    return (
        f"{algorithm}, {places:,} places: busy",
        f"{100 * done['busy']:.1f} %",
        goal,
        f"{A_PLACE * places:,} trials in {done['secs']:.0f} virtual s; idle behind the lag {asking:.1f} %, "
        f"behind trials that wait {waiting:.1f} %",
    )


def _cpu(algorithm: str, places: int, done: dict[str, Any]) -> Row:
    parts: dict[str, float] = {}
    for part, ms in done["cpu"].items():
        name = "watchers" if part.startswith("watcher ") else part
        parts[name] = parts.get(name, 0.0) + ms
    most = sorted(parts.items(), key=lambda one: -one[1])
    return (
        f"{algorithm}, {places:,} places: CPU a trial",
        f"{sum(parts.values()):.1f} ms",
        "< 5 ms",
        ", ".join(f"{name} {ms:.1f}" for name, ms in most)
        + "; in each quarter of the trials "
        + ", ".join(f"{ms:.1f}" for ms in done["quarters"]),
    )
