"""The quiet days of Vietnamese newsrooms, and Tết against the moon."""

import math
from datetime import UTC, date, datetime, timedelta

import pytest

from pipelines.article import VIETNAM
from pipelines.health import is_holiday, ordinary_days
from pipelines.health.holidays import TET


def new_moon(number: int) -> datetime:
    """The new moon `number` after that of January 2000, within some minutes (Meeus, Astronomical Algorithms, 49)."""
    t = number / 1236.85
    day = 2451550.09766 + 29.530588861 * number + 0.00015437 * t * t
    sun = math.radians(2.5534 + 29.10535670 * number)
    moon = math.radians(201.5643 + 385.81693528 * number + 0.0107582 * t * t)
    node = math.radians(160.7108 + 390.67050284 * number - 0.0016118 * t * t)
    e = 1 - 0.002516 * t
    day += -0.40720 * math.sin(moon) + 0.17241 * e * math.sin(sun) + 0.01608 * math.sin(2 * moon)
    day += 0.01039 * math.sin(2 * node) + 0.00739 * e * math.sin(moon - sun) - 0.00514 * e * math.sin(moon + sun)
    day += 0.00208 * e * e * math.sin(2 * sun)
    dynamical = datetime(2000, 1, 1, 12, tzinfo=UTC) + timedelta(days=day - 2451545.0)
    return dynamical - timedelta(seconds=70)  # the difference to civil time in these years


@pytest.mark.parametrize("year", range(2010, 2036))
def test_tet_is_the_day_of_a_new_moon_in_vietnam_between_21_january_and_20_february(year: int) -> None:
    days = {
        moon.date()
        for number in range((year - 2000) * 12, (year - 2000) * 13 + 4)
        if date(year, 1, 21) <= (moon := new_moon(number).astimezone(VIETNAM)).date() <= date(year, 2, 20)
    }
    assert TET[year] in days
    if year - 1 in TET:  # twelve or thirteen months: of two new moons in the span the other one is no new year
        assert (TET[year] - TET[year - 1]).days in (353, 354, 355, 383, 384, 385)


def test_tet_of_2030_is_a_day_before_the_chinese_new_year() -> None:
    assert TET[2030] == date(2030, 2, 2)


def test_holidays_do_not_count_as_silence() -> None:
    assert ordinary_days(date(2026, 2, 13), date(2026, 2, 27)) == 0  # Tết 2026: 17 February
    assert ordinary_days(date(2026, 2, 10), date(2026, 3, 1)) == 5
    assert ordinary_days(date(2026, 4, 27), date(2026, 5, 5)) == 1
    assert ordinary_days(date(2026, 8, 30), date(2026, 9, 5)) == 1
    assert ordinary_days(date(2026, 6, 1), date(2026, 6, 11)) == 10
    assert ordinary_days(date(2026, 6, 11), date(2026, 6, 1)) == 0


def test_beyond_the_table_all_days_of_a_possible_tet_are_holidays() -> None:
    assert [is_holiday(date(2040, 1, day)) for day in (17, 18, 31)] == [False, True, True]
    assert [is_holiday(date(2040, 3, day)) for day in (2, 3)] == [True, False]
