"""Days on which Vietnamese newsrooms are quiet: Tết, 30 April and 1 May, 2 September."""

from __future__ import annotations

from datetime import date, timedelta

# First day of the lunar year in Vietnam: the day (at UTC+7) of the second new moon after the one whose month
# holds the winter solstice, the third where a leap month comes between (Decree 121-CP of 1967 on the calendar).
# In 2030 that is a day before China's (new moon at 16:07 UTC). tests/test_health_holidays.py reckons the moons.
TET = {
    day.year: day
    for day in (
        date(2010, 2, 14), date(2011, 2, 3), date(2012, 1, 23), date(2013, 2, 10), date(2014, 1, 31),
        date(2015, 2, 19), date(2016, 2, 8), date(2017, 1, 28), date(2018, 2, 16), date(2019, 2, 5),
        date(2020, 1, 25), date(2021, 2, 12), date(2022, 2, 1), date(2023, 1, 22), date(2024, 2, 10),
        date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26), date(2029, 2, 13),
        date(2030, 2, 2), date(2031, 1, 23), date(2032, 2, 11), date(2033, 1, 31), date(2034, 2, 19),
        date(2035, 2, 8),
    )
}  # fmt: skip
BEFORE, AFTER = timedelta(days=3), timedelta(days=10)
"""The public holiday is seven to nine days; offices empty a little before and fill slowly."""


def is_holiday(day: date) -> bool:
    """Whether a day is one on which silence means nothing. Beyond the table: any day Tết can fall near."""
    tet = TET.get(day.year)
    if tet is None:
        if (1, 18) <= (day.month, day.day) <= (3, 2):  # Tết lies between 21 January and 20 February
            return True
    elif tet - BEFORE <= day <= tet + AFTER:
        return True
    # 30 April and 1 May, 2 September, with the bridging days around them.
    return (4, 28) <= (day.month, day.day) <= (5, 4) or (8, 31) <= (day.month, day.day) <= (9, 4)


def ordinary_days(after: date, until: date) -> int:
    """Days after `after` up to and with `until` that are no holidays; 0 where `until` is not later.

    Looks at two years at most: whoever is silent for longer is silent.
    """
    days = min((until - after).days, 730)
    return sum(not is_holiday(until - timedelta(days=back)) for back in range(days))
