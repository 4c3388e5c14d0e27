"""Files as they are published, from their raw form with one command each: kinds of them, made here."""

import datetime as dt
import math
import random

import pytest

from narrows.tuning.cli import main
from narrows.tuning.run import Run

SMALL = [
    "--trials",
    "1",
    "--epochs",
    "1",
    "--units",
    "2",
    "--layers",
    "1",
    "--bottleneck",
    "0",
    "--no-confirm",
]


def season(count, period, level, noise=0.1):
    draw = random.Random(0)
    return [
        level * (1 + 0.3 * math.sin(2 * math.pi * n / period) + noise * draw.gauss()) for n in range(count)
    ]


def comma(value, digits=1):
    return f"{value:.{digits}f}".replace(".", ",")


def hours(count, start="2011-01-01"):
    return [dt.datetime.fromisoformat(start) + dt.timedelta(hours=n) for n in range(count)]


def air_quality():
    """Semicolons, decimal commas, date and clock apart, -200 for what is missing, empty rows at the end."""
    rows = ["Date;Time;CO(GT);PT08.S1(CO);T;;"]
    for n, (time, value) in enumerate(zip(hours(300, "2004-03-10T18:00"), season(300, 24, 5), strict=True)):
        co = "-200" if n % 37 == 5 else comma(value)
        rows.append(f"{time:%d/%m/%Y};{time:%H.%M.%S};{co};{1300 + n % 50};{comma(10 + value)};;")
    return [*rows, *[";;;;;;"] * 20]


def bicycle_hires():
    """The date, and the hour in a column of its own; some hours have no row."""
    rows = ["instant,dteday,season,hr,holiday,temp,cnt"]
    for n, (time, value) in enumerate(zip(hours(300), season(300, 24, 150), strict=True)):
        if n not in (27, 28, 180):
            rows.append(f"{n},{time:%Y-%m-%d},1,{time.hour},0,{0.2 + value / 1000:.2f},{int(value)}")
    return rows


def electricity():
    """A column for each client, the time in one without a name; they begin and end at different times."""
    rows = ['"";"MT_001";"MT_002";"MT_003"']
    clients = [season(300, 24, level) for level in (30, 400, 9000)]
    for n, time in enumerate(hours(300)):
        one, two, three = (comma(client[n], 6) for client in clients)
        rows.append(f'"{time}";{one};{"" if n < 40 else two};{"" if n > 270 else three}')
    return rows


def petrol_prices():
    """Weeks, the newest first, a title above, days before months."""
    first = dt.date(2019, 1, 7)
    values = season(200, 52, 130, 0.01)
    rows = [f"{first + dt.timedelta(weeks=n):%d/%m/%Y},{value:.2f}" for n, value in enumerate(values)]
    return ["Weekly road fuel prices", "", "Date,ULSP (Pump price in pence/litre)", *reversed(rows)]


def daily_minima():
    """Stray marks in front of some numbers, and a remark below."""
    rows = ['"Date","Daily minimum temperatures"']
    for n, value in enumerate(season(300, 7, 11)):
        mark = "?" if n in (60, 201, 233) else ""
        rows.append(f'"{dt.date(1981, 1, 1) + dt.timedelta(days=n)}",{mark}{value:.1f}')
    return [*rows, "", "Daily minimum temperatures in Melbourne, Australia, 1981-1990"]


def tourism():
    """Quarters, several regions below each other."""
    rows = ['"Quarter","Region","Purpose","Trips"']
    for region, level in (("Adelaide", 100), ("Sydney", 700)):
        for n, value in enumerate(season(80, 4, level)):
            rows.append(f'{1998 + n // 4} Q{n % 4 + 1},"{region}","Holiday",{value:.5f}')
    return rows


def long_frame():
    """Series below each other as `unique_id`, `ds`, `y`, of very different size."""
    rows = ["unique_id,ds,y"]
    for name, level in (("H1", 10), ("H2", 5000)):
        rows += [
            f"{name},{time},{value:.3f}"
            for time, value in zip(hours(300), season(300, 24, level), strict=True)
        ]
    return rows


def particulates():
    """Year, month, day and hour in four columns, NA for what is missing, wind as text."""
    rows = ["No,year,month,day,hour,pm2.5,DEWP,cbwd"]
    for n, (time, value) in enumerate(zip(hours(300, "2010-01-01"), season(300, 24, 90), strict=True)):
        held = "NA" if n < 24 or n % 90 == 3 else str(int(value))
        wind = "NW" if n % 5 else "cv"
        rows.append(f"{n + 1},{time.year},{time.month},{time.day},{time.hour},{held},{-20 + n % 9},{wind}")
    return rows


COMMANDS = {
    air_quality: "--target CO(GT) --time Date,Time --missing-values -200 --missing ffill",
    bicycle_hires: "--target cnt --time dteday,hr --features temp --missing ffill",
    electricity: "--wide columns --time column_1 --horizon 4",
    petrol_prices: "--target|ULSP (Pump price in pence/litre)|--time|Date",
    daily_minima: "--target|Daily minimum temperatures|--time|Date|--missing-values|text|--missing|ffill",
    tourism: "--target Trips --time Quarter --id Region --horizon 4",
    long_frame: "--target y --time ds --id unique_id --horizon 4",
    particulates: "--target pm2.5 --time year,month,day,hour --features DEWP,cbwd --missing ffill",
}
STEPS = {"petrol_prices": "1w", "daily_minima": "1d", "tourism": "1q"}


@pytest.mark.parametrize("made", COMMANDS, ids=lambda made: made.__name__)
def test_a_file_as_it_is_published_is_searched_with_one_command(made, tmp_path, monkeypatch):
    path, out = tmp_path / "data.csv", tmp_path / "run"
    path.write_text("\n".join(made()) + "\n")
    words = COMMANDS[made].split("|" if "|" in COMMANDS[made] else " ")
    monkeypatch.setattr(
        "sys.argv", ["narrows", "tune", str(path), *words, *SMALL, "--quiet", "--out", str(out)]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    run = Run(out)
    assert run.answer["sentences"] and run.series.frequency == STEPS.get(made.__name__, "1h")


def test_remarks_below_a_table_are_left_out_and_rows_below_an_empty_line_are_not(tmp_path):
    from narrows.tuning.series.reading import read_series

    path = tmp_path / "minima.csv"
    for remark in (["Source: somewhere"], ["a, b, c", "more"], ["(c) 1990, all rights reserved, by us"]):
        path.write_text("\n".join(["day,y", "1981-01-01,2", "1981-01-02,3", "", *remark]) + "\n")
        series = read_series(path, target="y", time="day")
        assert series.values[:, 0].tolist() == [2, 3]
        assert any("of remarks below the table left out" in note for note in series.notes)
    path.write_text("day,y\n1981-01-01,2\n\n1981-01-02,3\n")
    assert read_series(path, target="y", time="day").rows == 2
