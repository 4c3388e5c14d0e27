"""Whether widening a layer of the best trial helps: the wider network is trained once, from scratch.

What one trained network shows of its layers is a suspicion (`callbacks.narrowing.verdict`). One training of
the wider network, with the trial's own seed, hyperparameters, epochs and patience, was held against other
seeds (`benchmarks/verdicts.py`). On the clear cases it was right in .98 of what it confirmed of layers called
too narrow, and found .64; with those of which it is not shown, .93 and .82, where training every wider layer
gives .92 and .86. So these are trained too, where the search was long enough for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...callbacks.narrowing import BoundaryMeasures, Narrowing, Verdict
from ...callbacks.narrowing.verdict import HELPS, NO_HELP, NOT_SHOWN, TOO_NARROW
from ...search_spaces.plain import to_json
from ...search_spaces.profile import Profile
from ...search_spaces.trial import Decision, Epoch, Outcome, Status, Trial
from ..engines.base import Task
from ..stopping import Limits, Rules
from ..studies.losses import spread_of

if TYPE_CHECKING:
    from ..engines.base import Engine
    from ..runs.folder import RunFolder

MOST = 3
"""Networks that are trained, the narrowest layers first."""
TRIALS_A_TRAINING = 10
"""Trials of the search for each layer that is trained though it is not shown to be too narrow."""
GAIN, SPREAD_GAIN = 0.05, 0.005
"""Widening helps when the loss falls by more than this share of it, and of the target's variance."""
WIDER = 16
"""A layer that is not wider before it is widened to so many units, or to twice its own."""


def confirm(run: RunFolder, engine: Engine, note: Callable[[str], None]) -> None:
    """Train the best trial with each layer widened that is suspected to be too narrow; keep the verdicts.

    Args:
        run: held for writing, its best trials measured in full.
        engine: of the search; nothing is in training.
        note: tells the user a sentence.
    """
    best = run.best
    narrowing = run.recorded_trial(best).narrowing if best and engine.space.is_stack else None
    if best is None or narrowing is None:
        return
    wider = {before: widened_units(best.units, before) for before in suspected(narrowing, run.store.count())}
    if not wider:
        return
    if best.status == Status.STOPPED:
        # No longer than the trial, which was cut off; else it would be the epochs that help.
        best = replace(best, epochs=run.store.epochs(best.number)[-1].epoch)
    losses = _losses(run, engine, best, list(wider.values()), note)
    spread = min(spread_of(run.job["identity"]["loss"], engine.windows, "validation"))
    verdicts = {
        before: verdict(before, best.units[before], units[before], best.best_val_loss, losses[units], spread)
        for before, units in wider.items()
        if losses.get(units) is not None
    }
    kept = json.loads(run.store.narrowing(best.number) or "{}")
    kept["measured"] = _with(narrowing, verdicts).to_plain()
    run.store.set_narrowing(best.number, to_json(kept))


def suspected(narrowing: Narrowing, trials: int) -> list[int]:
    """Return the boundaries whose layer after them is to be widened, at most `MOST`.

    Args:
        narrowing: of the best trial.
        trials: of its search.
    """
    by_width = sorted(boundaries(narrowing), key=lambda one: one[1].after)
    narrow, open_ = (
        [before for before, one in by_width if one.verdict.word == word] for word in (TOO_NARROW, NOT_SHOWN)
    )
    return (narrow + open_[: trials // TRIALS_A_TRAINING])[:MOST]


def boundaries(narrowing: Narrowing) -> list[tuple[int, BoundaryMeasures]]:
    """Return the boundaries by the number of the layer before them; 0 is the input."""
    met = [(0, narrowing.entry)] if narrowing.entry else []
    return [*met, *enumerate(narrowing.boundaries, start=1)]


def widened_units(units: tuple[int, ...], before: int) -> tuple[int, ...]:
    """Return the units of the network whose layer after a boundary is wider.

    Args:
        units: of all layers.
        before: the layer before the boundary, from 1; 0 is the input.

    >>> widened_units((14, 8, 3, 13), 2)
    (14, 8, 8, 13)
    """
    own = units[before]
    narrows = before > 0 and own < units[before - 1]
    width = units[before - 1] if narrows else max(WIDER, 2 * own)
    return (*units[:before], width, *units[before + 1 :])


def verdict(
    before: int, own: int, wider: int, loss: float | None, wide_loss: float | None, spread: float
) -> Verdict:
    """Return the verdict on the layer after a boundary once the wider network was trained.

    Args:
        before: the layer before the boundary, from 1; 0 is the input.
        own: units of the layer after it.
        wider: units that were tried.
        loss: validation loss of the trial.
        wide_loss: of the wider network.
        spread: loss of a constant forecast.
    """
    assert loss is not None and wide_loss is not None
    gain = loss - wide_loss
    layer = f"Layer {before + 1} ({own} unit{'' if own == 1 else 's'})"
    tried = f"trained once more with {wider} units in this layer, the network's validation loss"
    if gain > GAIN * loss and gain > SPREAD_GAIN * spread:
        fell = f"fell from {loss:.3g} to {wide_loss:.3g}"
        return Verdict(HELPS, f"{layer}: {tried} {fell}. Give this layer more units.")
    changed = "fell" if gain > 0 else "went"
    return Verdict(
        NO_HELP,
        f"{layer}: {tried} {changed} from {loss:.3g} to {wide_loss:.3g}. It needs no more units.",
    )


def _losses(
    run: RunFolder, engine: Engine, best: Trial, wanted: list[tuple[int, ...]], note: Callable[[str], None]
) -> dict[tuple[int, ...], float | None]:
    """Train networks like the best trial; return the best validation loss of each, None where it diverged."""
    rules = Rules(Limits(int(run.job["identity"]["patience"])))
    keys = {units: _key(best, units) for units in wanted}
    waiting = [units for units in dict.fromkeys(wanted) if run.store.training(keys[units]) is None]
    training: dict[int, tuple[Trial, tuple[int, ...]]] = {}
    first = len(run.trials)
    if waiting:
        note(f"training {len(waiting)} wider network{'s' if len(waiting) > 1 else ''}: does that help?")

    def ask() -> Task | None:
        if not waiting:
            return None
        units = waiting.pop(0)
        number = first + len(training)
        trial = Trial(number, values_of(best.values, units), best.epochs, seed=best.seed, units=units)
        training[number] = trial, units
        return Task(**vars(trial.proposal))

    def report(epoch: Epoch) -> Decision:
        trial, units = training[epoch.number]
        training[epoch.number] = (trial := trial.after(epoch)), units
        asked = epoch.finite and epoch.epoch < trial.epochs
        return rules.judge(trial, epoch, {}) if asked else Decision()

    def end(outcome: Outcome) -> None:
        trial, units = training[outcome.number]
        run.store.set_training(keys[units], to_json({"val_loss": trial.ended(outcome).score}))

    engine.train(ask, report, end)
    found = {units: json.loads(run.store.training(key) or "{}") for units, key in keys.items()}
    return {units: one.get("val_loss") for units, one in found.items()}


def values_of(values: Mapping[str, Any], units: tuple[int, ...]) -> dict[str, Any]:
    """Return the hyperparameters of a network like another one, but of these widths, without a bottleneck."""
    rest = {
        name: value
        for name, value in values.items()
        if not name.startswith(("units_", "bottleneck")) and name != "num_layers"
    }
    return {**Profile(units).values, **rest}


def _key(best: Trial, units: tuple[int, ...]) -> str:
    whole = {"widened": values_of(best.values, units), "seed": best.seed, "epochs": best.epochs}
    return hashlib.sha256(to_json(whole).encode()).hexdigest()[:24]


def _with(narrowing: Narrowing, verdicts: Mapping[int, Verdict]) -> Narrowing:
    """Return measures with other verdicts on some boundaries."""
    entry = narrowing.entry
    if entry is not None and 0 in verdicts:
        entry = replace(entry, verdict=verdicts[0])
    judged = tuple(
        replace(one, verdict=verdicts.get(before, one.verdict))
        for before, one in enumerate(narrowing.boundaries, start=1)
    )
    return replace(narrowing, entry=entry, boundaries=judged)
