"""What looks at articles on several nights tell of their removal."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from pipelines.article import VIETNAM
from pipelines.store.removals import Look, Mass, Removals, night_of, removals

START = datetime(2026, 11, 1, 2, tzinfo=VIETNAM)
KNOWN = dict.fromkeys(range(1, 60), START)


def night(number: int, hour: float = 0) -> datetime:
    return START + timedelta(days=number, hours=hour)


def there(number: int, *articles: int) -> list[Look]:
    return [Look(article, night(number), there=True) for article in articles]


def missing(number: int, *articles: int, hour: float = 0) -> list[Look]:
    return [Look(article, night(number, hour), there=False) for article in articles]


def test_an_article_is_gone_since_the_first_of_two_misses_on_different_nights() -> None:
    looks = [*there(1, 2, 3, 4), *missing(1, 1), *there(2, 5, 6, 7), *missing(2, 1)]
    assert removals(KNOWN, looks) == Removals({1: night(1)}, ())
    assert removals(KNOWN, reversed(looks)) == Removals({1: night(1)}, ())


@pytest.mark.parametrize(
    "looks",
    [
        missing(1, 1),
        missing(1, 1) + missing(1, 1, hour=3),  # twice, in one night
        missing(1, 1, hour=9.5) + missing(1, 1, hour=10.5),  # before and after noon
        missing(1, 1) + there(2, 1) + missing(3, 1),  # seen in between
        missing(1, 1) + missing(2, 1) + there(3, 1),  # back again
    ],
)
def test_once_or_in_one_night_or_seen_again_is_not_gone(looks: list[Look]) -> None:
    others = [look for number in (1, 2, 3) for look in there(number, 2, 3, 4)]
    assert removals(KNOWN, looks + others) == Removals({}, ())


def test_a_night_on_which_much_is_missing_counts_for_nothing() -> None:
    down = [*missing(1, 1, 2, 3), *there(1, *range(4, 12))]  # 3 of 11
    assert removals(KNOWN, [*down, *missing(2, 1), *there(2, 4, 5, 6)]) == Removals(
        {}, (Mass(night_of(night(1)), 3, 8),)
    )
    few = [*missing(1, 1, 2, 3), *there(1, *range(4, 13))]  # 3 of 12
    assert removals(KNOWN, [*few, *missing(2, 1), *there(2, 4, 5, 6)]) == Removals({1: night(1)}, ())


def test_after_new_addresses_for_all_the_old_articles_stay_even_when_the_new_ones_are_many() -> None:
    young = {article: night(1, 1) for article in range(100, 140)}
    looks = missing(1, *range(1, 20))
    for number in range(2, 9):
        looks += [*missing(number, number, number + 1), *there(number, *young)]
    found = removals(KNOWN | young, looks)
    assert found.gone == {}
    assert [mass.missing for mass in found.masses] == [19, 2, 2, 2, 2, 2, 2, 2]
    # But of the new ones each is told that is removed.
    looks += [*missing(9, 105), *there(9, 106, 107, 108), *missing(10, 105), *there(10, 106, 107, 108)]
    assert removals(KNOWN | young, looks).gone == {105: night(9)}


def test_articles_that_are_gone_do_not_make_the_next_ones_doubtful() -> None:
    looks = []
    for number in (1, 2, 9):
        looks += [*missing(number, 1, 2, 3), *there(number, *range(20, 29))]
    looks += [*missing(20, 1, 2, 3, 4), *there(20, 5, 6, 7), *missing(21, 4), *there(21, 5, 6, 7)]
    assert removals(KNOWN, looks).gone == {1: night(1), 2: night(1), 3: night(1), 4: night(20)}


def test_articles_found_the_same_night_are_no_proof_that_the_site_is_well() -> None:
    fresh = {article: night(1, 1) for article in range(100, 110)}
    looks = [*missing(1, 1), *(Look(article, night(1, 2), there=True) for article in fresh)]
    assert removals(KNOWN | fresh, looks).masses == (Mass(night_of(night(1)), 1, 0),)
