"""The synthetic families against closed forms, naive loops and theory."""

from __future__ import annotations

import datetime
import inspect
import math
import sys
from importlib import import_module
from itertools import pairwise

import numpy as np
import pytest

from narrows.search_spaces.errors import UserError
from narrows.tuning.series import synthetic
from narrows.tuning.series.series import Series
from narrows.tuning.series.synthetic import adding, fibonacci, mackey_glass, narma10, regimes
from narrows.tuning.series.synthetic._parameters import Parameter, parameters_of
from narrows.tuning.series.synthetic.seasonal_sales import WEEK
from narrows.tuning.series.synthetic.sines import RATES
from narrows.tuning.series.windows import Windows

FAMILIES = (
    "adding",
    "fibonacci",
    "mackey_glass",
    "narma10",
    "random_walk",
    "regimes",
    "seasonal_sales",
    "sines",
    "streams",
    "trend",
)


def column(series: Series, name: str) -> np.ndarray:
    return series.values[:, series.columns.index(name)]


def lagged(columns: list[np.ndarray], lags: int, target: np.ndarray, ahead: int = 1) -> tuple:
    """Rows of the last `lags` values of each column, and the target `ahead` rows after the last."""
    count = len(target) - lags - ahead + 1
    views = [np.lib.stride_tricks.sliding_window_view(one, lags)[:count] for one in columns]
    return np.concatenate([*views, np.ones((count, 1))], axis=1), target[lags + ahead - 1 :]


def linear_nrmse(inputs: np.ndarray, target: np.ndarray) -> float:
    """NRMSE on the second half of a linear filter fitted by least squares on the first."""
    half = len(target) // 2
    weights = np.linalg.lstsq(inputs[:half], target[:half], rcond=None)[0]
    error = inputs[half:] @ weights - target[half:]
    return float(np.sqrt(np.mean(error**2) / target[half:].var()))


# What every family promises


def family_parameters(name: str) -> dict[str, Parameter]:
    return parameters_of(import_module(f"narrows.tuning.series.synthetic.{name}").series)


def test_the_folder_is_the_list_of_families():
    assert tuple(synthetic.names()) == FAMILIES


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_is_finite_deterministic_and_tells_what_was_made(name):
    first, again = synthetic.make(f"synthetic:{name}"), synthetic.make(f"synthetic:{name},seed=0")
    assert first.name == name
    assert first.digest() == again.digest()
    assert first.values.dtype == np.float64 and np.isfinite(first.values).all()
    assert first.starts.dtype == np.int64 and first.starts[0] == 0
    assert first.times is None or first.times.shape == (first.rows,)
    assert f"synthetic:{name} with rows=" in first.notes[0] and f": {first.rows} rows" in first.notes[0]


@pytest.mark.parametrize("name", [name for name in FAMILIES if name != "sines"])
def test_another_seed_is_another_series(name):
    zero, one = (synthetic.make(f"synthetic:{name},seed={seed}") for seed in (0, 1))
    assert zero.digest() != one.digest()


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_documents_its_source_and_takes_rows_and_seed(name):
    module = import_module(f"narrows.tuning.series.synthetic.{name}")
    assert "Source: " in module.__doc__
    assert list(inspect.signature(module.series).parameters)[:2] == ["rows", "seed"]
    summary, listed = synthetic.describe(name).split("\n")
    assert module.__doc__.startswith(summary) and summary.endswith(".")
    assert listed.startswith("rows=")


@pytest.mark.parametrize(
    ("name", "key"),
    [(name, key) for name in FAMILIES for key in family_parameters(name) if key not in ("rows", "seed")],
)
def test_both_ends_of_every_range_give_a_finite_series(name, key):
    limits = family_parameters(name)[key].range
    for end in limits:
        rows = 2 * (int(end) + 1) if key in ("terms", "length") else 200
        made = synthetic.make(f"synthetic:{name},rows={rows},{key}={end}")
        assert np.isfinite(made.values).all() and 0 < made.rows <= rows


@pytest.mark.parametrize("name", FAMILIES)
def test_the_smallest_number_of_rows_is_made_or_refused_in_words(name):
    try:
        assert synthetic.make(f"synthetic:{name},rows=2").rows == 2
    except UserError as error:
        assert "rows=2 does not hold one" in str(error)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_can_be_cut_into_windows(name):
    lookback = 4 if name == "fibonacci" else 10
    windows = Windows(synthetic.make(f"synthetic:{name}"), lookback, 1, "0.7,0.15,0.15")
    assert len(windows.parts["train"]) > 1000
    assert min(len(rows) for rows in windows.parts.values()) > 200


NEW_FAMILY = '''"""A coin: x is 0 or 1. Source: none."""
import numpy as np
from narrows.tuning.series.series import Series

def series(*, rows: int = 100, seed: int = 0, heads: float = 0.5) -> Series:
    x = np.random.default_rng(seed).random((rows, 1)) < heads
    return Series(name="coin", targets=("x",), values=x.astype(float))
'''


def test_a_new_family_is_one_new_file(tmp_path, monkeypatch):
    (tmp_path / "coin.py").write_text(NEW_FAMILY, encoding="utf-8")
    monkeypatch.setattr(synthetic, "__path__", [*synthetic.__path__, str(tmp_path)])
    try:
        assert synthetic.names() == sorted([*FAMILIES, "coin"])
        assert synthetic.make("synthetic:coin,heads=1").values.tolist() == [[1.0]] * 100
        assert synthetic.describe("coin") == (
            "A coin: x is 0 or 1. Source: none.\nrows=100, seed=0, heads=0.5"
        )
    finally:
        sys.modules.pop(f"{synthetic.__name__}.coin", None)


@pytest.mark.parametrize("name", ["fibonacci", "adding", "seasonal_sales"])
def test_ids_and_times_rise_so_that_a_sorting_reader_keeps_the_rows(name):
    made = synthetic.make(f"synthetic:{name}")
    assert list(made.ids) == sorted(made.ids)
    assert made.times is not None and (made.times[1:] > made.times[:-1]).all()
    assert made.time_columns and made.frequency


# What goes wrong, in words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("fibonacci", "a synthetic series is written synthetic:NAME[,key=value...], not 'fibonacci'"),
        ("synthetic:fibonaci", "there is no synthetic family 'fibonaci'; did you mean 'fibonacci'?"),
        ("synthetic:42", "there is no synthetic family '42'; known: " + ", ".join(FAMILIES)),
        ("synthetic:_registry", "there is no synthetic family '_registry'; did you mean 'regimes'?"),
        (
            "synthetic:streams,dely=2",
            "synthetic:streams: there is no parameter 'dely'; did you mean 'delay'?\n"
            "parameters of streams: rows=3000, seed=0, n=4, delay=1",
        ),
        (
            "synthetic:streams,n=0",
            "synthetic:streams: n=0 is out of range, expected 1 to 64\n"
            "parameters of streams: rows=3000, seed=0, n=4, delay=1",
        ),
        (
            "synthetic:random_walk,rows=1.5,seed,rows=20000000,rows=9,rows=8",
            "several things need mending:\n"
            "  - synthetic:random_walk: rows=1.5 is not a whole number\n"
            "  - synthetic:random_walk: 'seed' is not of the form key=value\n"
            "  - synthetic:random_walk: rows=20000000 is out of range, expected 2 to 10000000\n"
            "  - synthetic:random_walk: rows is given twice\n"
            "parameters of random_walk: rows=2000, seed=0",
        ),
        (
            f"synthetic:random_walk,rows={10**400}",
            f"synthetic:random_walk: rows={10**400} is out of range, expected 2 to 10000000\n"
            "parameters of random_walk: rows=2000, seed=0",
        ),
        (
            "synthetic:trend,noise=nan",
            "synthetic:trend: noise=nan is out of range, expected 0 to 1000000\n"
            "parameters of trend: rows=2000, seed=0, a=0.01, b=0.0, noise=0.1",
        ),
        (
            "synthetic:fibonacci,rows=5",
            "synthetic:fibonacci: rows=5 does not hold one stretch of terms=12 rows",
        ),
        (
            "synthetic:adding,rows=5",
            "synthetic:adding: rows=5 does not hold one sequence of length + 1 = 11 rows",
        ),
        (
            "synthetic:streams,rows=10000000,n=64",
            "synthetic:streams: rows=10000000 x n=64 is above 100 million; use fewer",
        ),
    ],
)
def test_a_mistake_is_told_in_one_message(text, message):
    with pytest.raises(UserError) as error:
        synthetic.make(text)
    assert str(error.value) == message


def test_spaces_around_names_and_values_do_not_matter():
    spaced = synthetic.make("synthetic: streams , n = 2, delay =3")
    assert spaced.digest() == synthetic.make("synthetic:streams,delay=3,n=2").digest()


# Fibonacci


def test_the_canonical_pair_is_the_last_stretch_and_occurs_once():
    made = synthetic.make("synthetic:fibonacci")
    last = made.starts[-1]
    assert column(made, "K")[last:].tolist() == [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89]
    assert column(made, "X")[last:].tolist() == [1, 4, 7, 12, 19, 30, 47, 74, 117, 186, 297, 476]
    assert made.ids[-1] == "000199 from 0 1"
    starts = {tuple(start) for start in column(made, "K").reshape(200, 12)[:, :2].tolist()}
    assert len(starts) == 200 and (0, 0) not in starts


@pytest.mark.parametrize(("rows", "terms"), [(60, 60), (2400, 12), (600_000, 60)])
def test_every_term_is_exact_in_whole_numbers_of_any_size(rows, terms):
    made = synthetic.make(f"synthetic:fibonacci,rows={rows},terms={terms}")
    assert np.abs(made.values).max() < 2**53
    for stretch in np.unique(np.linspace(0, len(made.starts) - 1, 50, dtype=int)):
        a, b = map(int, made.ids[stretch].split()[-2:])
        begin = made.starts[stretch]
        k, x = [a, b], 0
        for t in range(terms):
            k.append(k[-1] + k[-2])
            x += 2 * k[t] + 1
            assert made.values[begin + t].tolist() == [x, k[t]]


def test_x_has_its_closed_form():
    _, x = fibonacci.pair(np.array([[0, 1]]), 60)
    numbers = [0, 1]
    while len(numbers) < 62:
        numbers.append(numbers[-1] + numbers[-2])
    assert x[0].tolist() == [2 * numbers[t + 2] + t - 1 for t in range(60)]


def test_k_can_be_left_out_and_x_stays():
    both, alone = synthetic.make("synthetic:fibonacci"), synthetic.make("synthetic:fibonacci,feature=0")
    assert both.columns == ("X", "K") and alone.columns == ("X",)
    assert np.array_equal(column(both, "X"), column(alone, "X"))


def test_k_adds_what_two_rows_of_x_lack_and_nothing_to_three():
    made = synthetic.make("synthetic:fibonacci")
    x, k = (column(made, name).reshape(-1, 12)[:, :4] for name in ("X", "K"))
    ones = np.ones((len(x), 1))
    for inputs, exact in [((x[:, 1:3], k[:, 1:3]), True), ((x[:, 1:3],), False), ((x[:, :3],), True)]:
        inputs = np.concatenate([*inputs, ones], axis=1)
        error = inputs @ np.linalg.lstsq(inputs, x[:, 3], rcond=None)[0] - x[:, 3]
        assert (np.abs(error).max() < 1e-9) == exact


def test_whole_stretches_go_to_one_part_and_the_canonical_pair_to_test():
    windows = Windows(synthetic.make("synthetic:fibonacci"), 4, 1, "0.7,0.15,0.15")
    parts = windows.part_of_row.reshape(200, 12)
    assert (parts == parts[:, :1]).all()
    assert parts[-1, 0] == 2


# Sums of sines, trend, random walk


@pytest.mark.parametrize("waves", [1, 3, 8])
def test_a_sum_of_k_sines_obeys_its_autoregression_of_order_2k(waves):
    x = synthetic.make(f"synthetic:sines,waves={waves}").values[:, 0]
    polynomial = np.ones(1)
    for rate in RATES[:waves]:
        polynomial = np.convolve(polynomial, [1.0, -2.0 * math.cos(rate), 1.0])
    # The angles themselves, up to 2000, are rounded to 1e-13.
    assert np.abs(np.convolve(x, polynomial, mode="valid")).max() < 1e-12 * np.abs(polynomial).sum()
    assert x[:3] == pytest.approx([sum(math.sin(rate * t) for rate in RATES[:waves]) for t in range(3)])


def test_sines_without_noise_do_not_depend_on_the_seed_and_with_noise_do():
    texts = [f"synthetic:sines,seed={seed},noise={noise}" for noise in (0, 0.1) for seed in (0, 1)]
    digests = [synthetic.make(text).digest() for text in texts]
    assert digests[0] == digests[1] and len(set(digests)) == 3


def test_a_trend_is_the_line_plus_white_noise_of_its_size():
    plain = synthetic.make("synthetic:trend,rows=5,a=0.5,b=-1,noise=0").values[:, 0]
    assert plain.tolist() == [-1.0, -0.5, 0.0, 0.5, 1.0]
    v = synthetic.make("synthetic:trend,rows=20000,a=0.01,b=3,noise=0.2").values[:, 0]
    slope, level = np.polyfit(np.arange(20000), v, 1)
    assert slope == pytest.approx(0.01, abs=1e-5) and level == pytest.approx(3, abs=0.02)
    assert (v - 3 - 0.01 * np.arange(20000)).std() == pytest.approx(0.2, rel=0.03)


def test_the_increments_of_a_random_walk_are_white():
    x = synthetic.make("synthetic:random_walk,rows=20000").values[:, 0]
    steps = np.diff(x)
    assert x[0] == 0.0 and steps.std() == pytest.approx(1.0, abs=0.03)
    correlations = [np.corrcoef(steps[:-lag], steps[lag:])[0, 1] for lag in range(1, 21)]
    # 20 correlations of standard deviation 1/sqrt(n): four of them are never passed by chance.
    assert np.abs(correlations).max() < 4 / math.sqrt(len(steps))


# Streams


@pytest.mark.parametrize(("n", "delay"), [(1, 1), (4, 1), (3, 7)])
def test_the_target_row_holds_the_feature_of_delay_rows_before(n, delay):
    made = synthetic.make(f"synthetic:streams,n={n},delay={delay}")
    assert made.rows == 3000
    y, x = made.values[:, :n], made.values[:, n:]
    assert np.array_equal(y[delay:], x[:-delay])


def test_the_input_of_a_window_holds_its_targets_from_lookback_delay_on():
    windows = Windows(synthetic.make("synthetic:streams,delay=3"), 3, 1, "0.7,0.15,0.15")
    rows = windows.parts["test"]
    spread = windows.scaler.std[4:] * windows.inputs(rows)[:, 0, 4:] + windows.scaler.mean[4:]
    assert spread == pytest.approx(windows.raw_targets(rows)[:, 0], abs=1e-6)


def test_streams_are_white_and_do_not_know_of_each_other():
    x = synthetic.make("synthetic:streams,rows=20000").values[:, 4:]
    correlation = np.corrcoef(np.concatenate([x[:-1], x[1:]], axis=1).T) - np.eye(8)
    assert np.abs(correlation).max() < 4 / math.sqrt(20000)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_what_leaves_a_last_layer_of_w_units_has_nmse_above_the_floor(width):
    y = synthetic.make("synthetic:streams,rows=20000").values[:, :4]
    z = (y - y.mean(axis=0)) / y.std(axis=0)
    # The best image of rank w is spanned by the first w principal components.
    left_over = np.sort(np.linalg.eigvalsh(np.cov(z.T, bias=True)))[: 4 - width].sum() / 4
    assert left_over == pytest.approx((4 - width) / 4, abs=0.02)


# NARMA-10 and Mackey-Glass


def test_narma_rows_obey_the_recursion():
    made = synthetic.make("synthetic:narma10,rows=1000")
    y, u = column(made, "y"), column(made, "u")
    assert u.min() >= 0.0 and u.max() <= 0.5
    for t in range(9, 999):
        total = sum(y[t - i] for i in range(10))
        expected = 0.3 * y[t] + 0.05 * y[t] * total + 1.5 * u[t - 9] * u[t] + 0.1
        assert y[t + 1] == pytest.approx(expected, rel=1e-12)


def test_a_linear_filter_of_50_inputs_has_the_published_error_on_narma():
    made = synthetic.make("synthetic:narma10,rows=6000")
    y, u = column(made, "y"), column(made, "u")
    assert linear_nrmse(*lagged([u], 50, y)) == pytest.approx(0.38, abs=0.02)


def test_narma_that_runs_away_is_drawn_again():
    assert narma10.respond(np.full(100, 0.5))[-1] == np.inf
    for seed in range(4):
        y = column(synthetic.make(f"synthetic:narma10,rows=200000,seed={seed}"), "y")
        assert len(y) == 200_000 and y.max() <= narma10.RUNAWAY
    first_inputs = (np.random.default_rng(seed).uniform(0, 0.5, 200_200) for seed in range(4))
    assert any(narma10.respond(u)[-1] == np.inf for u in first_inputs)


def heun(history: float, tau: int, rows: int, steps: int) -> np.ndarray:
    """Mackey-Glass by Heun's method, one step after the other, sampled at whole times."""
    delay, step = tau * steps, 1.0 / steps
    x = [history] * (delay + 1)
    for _ in range((rows - 1) * steps):
        drive, next_drive = (0.2 * old / (1.0 + old**10) for old in x[-delay - 1 : len(x) - delay + 1][:2])
        slope = drive - 0.1 * x[-1]
        x.append(x[-1] + 0.5 * step * (slope + next_drive - 0.1 * (x[-1] + step * slope)))
    return np.array(x[delay::steps])


def test_mackey_glass_agrees_with_another_method_on_a_ten_times_finer_grid():
    exact = mackey_glass.solution(1.2, 17, 150)
    assert exact == pytest.approx(heun(1.2, 17, 150, steps=200), abs=2e-5)
    assert exact[0] == 1.2 and exact[17] == pytest.approx(
        math.exp(-1.7) * 1.2 + (1 - math.exp(-1.7)) * 10 * 0.2 * 1.2 / (1 + 1.2**10), rel=1e-9
    )


def test_the_error_of_mackey_glass_falls_with_the_fourth_power_of_the_step():
    reference = mackey_glass.solution(1.2, 17, 150, steps=160)
    coarse, fine = (
        np.abs(mackey_glass.solution(1.2, 17, 150, steps=steps) - reference).max() for steps in (10, 20)
    )
    assert math.log2(coarse / fine) == pytest.approx(4, abs=0.5)
    assert fine < 1e-6


@pytest.mark.parametrize("tau", [1, 2, 17, 30])
def test_mackey_glass_has_the_rows_asked_for_whatever_the_delay(tau):
    for rows in (1, 2, tau, tau + 1, tau + 2, 3 * tau):
        assert len(mackey_glass.solution(1.2, tau, rows)) == rows


def test_a_linear_filter_has_the_published_error_84_steps_ahead():
    x = synthetic.make("synthetic:mackey_glass,rows=6000").values[:, 0]
    assert linear_nrmse(*lagged([x], 100, x, ahead=84)) == pytest.approx(0.54, abs=0.02)


# Adding


@pytest.mark.parametrize("length", [2, 7, 10, 50])
def test_each_window_of_the_adding_problem_is_one_sequence_with_its_sum(length):
    made = synthetic.make(f"synthetic:adding,length={length},rows=5000")
    windows = Windows(made, length, 1, "0.7,0.15,0.15")
    rows = np.concatenate(list(windows.parts.values()))
    assert np.array_equal(np.sort(rows % (length + 1)), np.full(len(rows), length))
    assert len(rows) >= 5000 // (length + 1) - 2
    for row in rows:
        total, value, mark = made.values[row - length : row].T
        assert sorted(mark)[-3 if length > 2 else -2 :] == ([0, 1, 1] if length > 2 else [1, 1])
        assert mark[: length // 2].sum() == 1
        assert made.values[row, 0] == pytest.approx(value @ mark, rel=1e-15)
        assert np.array_equal(total, made.values[:length, 0])


def test_the_sums_and_the_filler_have_mean_1_and_variance_a_sixth():
    made = adding.series(rows=220_000)
    table = column(made, "sum").reshape(-1, 11)
    for values in (table[:, -1], table[:, :-1]):
        assert values.mean() == pytest.approx(1.0, abs=0.01)
        assert values.var() == pytest.approx(1 / 6, abs=0.003)


# Regimes


def test_each_state_is_an_autoregression_of_variance_1_with_its_own_coefficient():
    made = synthetic.make("synthetic:regimes,rows=50000,states=3,stay=0.99,seed=5")
    states = regimes.state_path(np.random.default_rng(5), 50_000, 3, 0.99)
    x = made.values[:, 0]
    assert np.mean(states[1:] == states[:-1]) == pytest.approx(0.99, abs=0.003)
    assert set(np.unique((states[1:] - states[:-1]) % 3)) == {0, 1, 2}
    for state, phi in enumerate([0.9, 0.0, -0.9]):
        here = np.flatnonzero(states[1:] == state)
        slope = x[here] @ x[here + 1] / (x[here] @ x[here])
        assert slope == pytest.approx(phi, abs=0.03)
        assert (x[here + 1] - phi * x[here]).var() == pytest.approx(1 - phi**2, abs=0.03)
        assert x[here + 1].var() == pytest.approx(1.0, abs=0.1)


def test_hamiltons_filter_beats_linear_autoregression_on_regimes_and_knowledge_beats_it():
    x = synthetic.make("synthetic:regimes,rows=20000").values[:, 0]
    phi, spread = np.array([0.9, -0.9]), math.sqrt(0.19)
    belief, errors = np.array([0.5, 0.5]), []
    for before, now in pairwise(x):
        errors.append(now - belief @ phi * before)
        belief = belief * np.exp(-0.5 * ((now - phi * before) / spread) ** 2)
        belief = np.array([[0.98, 0.02], [0.02, 0.98]]) @ (belief / belief.sum())
    filtered = np.mean(np.square(errors))
    linear = linear_nrmse(*lagged([x], 20, x)) ** 2 * x.var()
    assert filtered == pytest.approx(0.27, abs=0.02)
    assert linear == pytest.approx(0.40, abs=0.04)
    assert 0.19 < filtered < linear


# Seasonal sales


def test_sales_without_noise_are_the_product_of_their_parts_day_by_day():
    made = synthetic.make("synthetic:seasonal_sales,rows=900,growth=0.2,lift=0.4,noise=0")
    units, promotion = column(made, "units"), column(made, "promotion")
    day = datetime.date(2020, 1, 1)
    for row in range(900):
        assert made.times[row] == np.datetime64(day)
        years = row / 365.25
        expected = 100 * (1 + 0.2 * years) * WEEK[day.weekday()] * (1 + 0.3 * math.cos(2 * math.pi * years))
        assert units[row] == pytest.approx(expected * (1.4 if promotion[row] else 1.0), rel=1e-12)
        day += datetime.timedelta(days=1)
    assert WEEK.mean() == pytest.approx(1.0)
    assert (made.frequency, made.season, made.times.dtype) == ("1d", 7, np.dtype("datetime64[us]"))


def test_promotions_run_for_whole_weeks_and_are_neither_rare_nor_usual():
    promotion = column(synthetic.make("synthetic:seasonal_sales,rows=20000"), "promotion")
    edges = np.flatnonzero(np.diff(promotion))
    begins = edges[promotion[edges] == 0]
    ends = edges[promotion[edges] == 1]
    ends = ends[ends > begins[0]]
    assert (ends - begins[: len(ends)]).min() >= 7
    assert promotion.mean() == pytest.approx(1 - (1 - 1 / 45) ** 7, abs=0.02)


def test_the_noise_of_sales_is_relative():
    clean, noisy = (
        column(synthetic.make(f"synthetic:seasonal_sales,rows=20000,noise={noise}"), "units")
        for noise in (0, 0.05)
    )
    assert np.log(noisy / clean).std() == pytest.approx(0.05, rel=0.03)
