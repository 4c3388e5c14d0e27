"""Importance against made-up searches whose true shares are known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from narrows.callbacks.figures._columns import Column
from narrows.callbacks.figures._variance import Effect, effects
from narrows.callbacks.recorded import Declared

NAMES = ("num_layers", "units_1", "units_2", "units_3", "learning_rate", "bottleneck", "scaling")
Values = dict[str, list[Any]]


def drawn(rng: np.random.Generator, trials: int) -> Values:
    """Return random values of the default space; None where a trial does not have the layer."""
    layers = rng.integers(1, 4, trials)
    units = np.exp(rng.uniform(math.log(4), math.log(64), (trials, 3))).round()
    of_layers = {
        f"units_{layer}": [
            width if layer <= count else None for width, count in zip(one, layers, strict=True)
        ]
        for layer, one in enumerate(units.T.tolist(), start=1)
    }
    return {
        "num_layers": layers.astype(float).tolist(),
        **of_layers,
        "learning_rate": np.exp(rng.uniform(math.log(1e-4), math.log(3e-2), trials)).tolist(),
        "bottleneck": rng.choice([0.0, 2.0, 4.0, 8.0], trials).tolist(),
        "scaling": rng.choice(["last", "standard"], trials).tolist(),
    }


def columns_of(values: Values) -> dict[str, Column]:
    """Return the columns that differ."""
    made = {
        name: Column(Declared(name, not isinstance(one[0], str)), tuple(one)) for name, one in values.items()
    }
    return {name: column for name, column in made.items() if len(column.distinct) > 1}


def found(values: Values, losses: Any) -> dict[str, Effect]:
    columns = columns_of(values)
    return dict(zip(columns, effects(list(columns.values()), np.asarray(losses, float)), strict=True))


def part_of(rng: np.random.Generator, values: list[Any]) -> np.ndarray:
    """Return a made-up effect, of mean 0 and variance 1 over all trials."""
    had = np.array([value is not None for value in values])
    kept = [value for value in values if value is not None]
    _, place = np.unique(np.array(kept), return_inverse=True)
    height, turn = place / max(place.max(), 1), rng.uniform(0.25, 0.75)
    shapes = (height, (height - turn) ** 2, 1 - np.exp(-5 * height), (height > turn).astype(float))
    effect = np.zeros(len(values))
    effect[had] = rng.choice([-1, 1]) * shapes[rng.integers(4)]
    effect[had] -= effect[had].mean()
    return effect / max(effect.std(), 1e-9)


def made(seed: int, trials: int, **known: float) -> tuple[Values, np.ndarray, np.ndarray]:
    """Return values, log losses and true shares; random ones (Dirichlet 0.5) where none is `known`."""
    rng = np.random.default_rng([seed, trials])
    values = drawn(rng, trials)
    noise = float(rng.uniform(0.05, 0.35)) if not known else 0.15
    true = rng.dirichlet(np.full(len(NAMES), 0.5))
    free = [place for place, name in enumerate(NAMES) if name not in known]
    true[free] *= (1 - noise - sum(known.values())) / true[free].sum()
    for name, share in known.items():
        true[NAMES.index(name)] = share
    parts = [math.sqrt(share) * part_of(rng, values[name]) for name, share in zip(NAMES, true, strict=True)]
    return values, sum(parts) + math.sqrt(noise) * rng.normal(size=trials), true


def judged(trials: int, searches: int, **known: float) -> tuple[float, float, float, float]:
    """Return mean correlation with the true shares, how often the first is first, coverage, and how often a
    hyperparameter of a true share below 1 % is shown to matter."""
    correlations, first, inside, wrong = [], [], [], []
    for seed in range(searches):
        values, losses, true = made(seed, trials, **known)
        effect = found(values, losses)
        shares = [effect[name].share if name in effect else 0.0 for name in NAMES]
        correlations.append(np.corrcoef(shares, true)[0, 1])
        first.append(np.argmax(shares) == np.argmax(true))
        for name, share in zip(NAMES, true, strict=True):
            if name in effect:
                low, high = effect[name].between
                inside.append(low - 0.005 <= share <= high + 0.005)
                wrong += [low > 0.01] if share < 0.01 else []
    return tuple(float(np.mean(one)) for one in (correlations, first, inside, wrong or [0.0]))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("trials", "known", "correlation", "first"),
    [
        (16, {}, 0.55, 0.45),
        (30, {}, 0.75, 0.65),
        (60, {}, 0.88, 0.75),
        (30, {"scaling": 0.8}, 0.95, 0.95),
        (30, {"units_2": 0.5}, 0.75, 0.7),
    ],
)
def test_made_up_shares_are_found_and_their_intervals_are_honest(
    trials: int, known: dict[str, float], correlation: float, first: float
) -> None:
    found_correlation, found_first, inside, wrong = judged(trials, 40, **known)
    assert found_correlation > correlation
    assert found_first > first
    assert inside >= 0.88
    assert wrong <= 0.1


def test_where_nothing_matters_hardly_any_search_shows_that_something_does() -> None:
    rng = np.random.default_rng(0)
    shown = [
        any(effect.between[0] > 0.01 for effect in found(drawn(rng, 30), rng.normal(size=30)).values())
        for _ in range(60)
    ]
    assert np.mean(shown) <= 0.1


def test_scaling_is_far_ahead_where_every_trial_with_one_beats_every_trial_with_the_other() -> None:
    rng = np.random.default_rng(4)
    values = drawn(rng, 16)
    values["scaling"] = ["last"] * 7 + ["standard"] * 9
    losses = np.where(np.arange(16) < 7, math.log(0.03), math.log(0.06)) + 0.1 * rng.uniform(-1, 1, 16)
    effect = found(values, losses)
    assert effect["scaling"].share > 0.75 and effect["scaling"].between[0] > 0.3
    assert effect["units_2"].share < 0.1
    assert effect["scaling"].change[0] < 0 < effect["scaling"].change[-1]


def test_the_curve_is_the_effect_and_is_absent_where_a_trial_lacks_the_hyperparameter() -> None:
    rng = np.random.default_rng(0)
    values = drawn(rng, 200)
    had = np.array([one is not None for one in values["units_2"]])
    width = np.array([math.log(one or 1) for one in values["units_2"]])
    losses = np.where(had, -0.8 * (width - width[had].mean()), 0) + 0.1 * rng.normal(size=200)
    effect = found(values, losses)["units_2"]
    assert effect.share > 0.9
    np.testing.assert_array_equal(np.isnan(effect.change), ~had)
    assert np.corrcoef(effect.change[had], losses[had])[0, 1] > 0.97
    assert (effect.lowest[had] <= effect.change[had]).all() and (
        effect.change[had] <= effect.highest[had]
    ).all()


@pytest.mark.parametrize("loss", [0.0, 0.3, 1e-300, 1e300])
def test_equal_losses_are_no_difference(loss: float) -> None:
    effect = found(drawn(np.random.default_rng(0), 20), np.full(20, loss))
    assert all(one.share == 0 and one.between == (0, 0) for one in effect.values())


@pytest.mark.parametrize("trials", [2, 3, 5, 9])
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_few_trials_of_any_scale_give_finite_shares(trials: int, scale: float) -> None:
    rng = np.random.default_rng(trials)
    effect = found(drawn(rng, trials), scale * rng.normal(size=trials))
    shares = np.array([(*one.between, one.share) for one in effect.values()])
    assert np.isfinite(shares).all() and (shares >= 0).all() and (shares <= 1).all()
    assert sum(one.share for one in effect.values()) <= 1


def test_neither_order_nor_scale_of_losses_nor_the_scale_of_values_changes_a_share() -> None:
    values, losses, _ = made(3, 30)
    shares = [one.share for one in found(values, losses).values()]
    order = np.random.default_rng(0).permutation(30)
    turned = {name: [one[place] for place in order] for name, one in values.items()}
    turned["learning_rate"] = [math.log(one) for one in turned["learning_rate"]]
    assert [one.share for one in found(turned, 7 * losses[order] - 3).values()] == pytest.approx(
        shares, abs=1e-6
    )


def test_the_same_trials_give_the_same_intervals() -> None:
    values, losses, _ = made(3, 30)
    assert [one.between for one in found(values, losses).values()] == [
        one.between for one in found(values, losses).values()
    ]
