"""Small tables made at publication: months, months of each site, gaps."""

from datetime import date, timedelta
from pathlib import Path

from storing import NOW, T0, full_page, new_store, rows, save

from pipelines.publish import publish
from pipelines.publish.overviews import find_gaps

FIRST = date(2026, 1, 1)


def days(*numbers: int) -> list[date]:
    return [FIRST + timedelta(days=number) for number in numbers]


def test_a_pause_far_longer_than_the_usual_ones_is_a_gap():
    regular = [*range(0, 24, 2)]
    assert list(find_gaps(days(*regular, 60, 62))) == [(date(2026, 1, 24), date(2026, 3, 1), 37, 1)]


def test_a_fortnight_is_the_shortest_gap_and_a_slow_site_has_longer_ones():
    daily = [*range(12)]
    assert list(find_gaps(days(*daily, 25))) == []
    assert [gap[2] for gap in find_gaps(days(*daily, 26))] == [14]
    weekly = [*range(0, 77, 7)]
    assert list(find_gaps(days(*weekly, 100))) == []
    assert [gap[2:] for gap in find_gaps(days(*weekly, 101))] == [(30, 6)]


def test_of_a_site_with_few_articles_no_gap_is_claimed():
    assert list(find_gaps(days(0, 1, 2, 300))) == []
    assert list(find_gaps([])) == []


def test_a_month_is_a_range_of_ids_and_the_sums_are_the_articles(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with new_store(archive) as store:
        for number, day in enumerate(("2026-02-03", "2026-01-30", "2026-02-01", "2025-12-24")):
            save(store, full_page(f"p{number}", f"Bài {number}", day=day), T0)
        save(store, full_page("hg", "Bài khác", site="ha-giang", day="2026-02-02"), T0, site="ha-giang")
    publish(archive, tmp_path / "public.db", now=NOW)
    public = tmp_path / "public.db"
    assert rows(public, "SELECT * FROM months") == [
        {"month": "2025-12", "first_id": 1, "last_id": 1, "articles": 1},
        {"month": "2026-01", "first_id": 2, "last_id": 2, "articles": 1},
        {"month": "2026-02", "first_id": 3, "last_id": 5, "articles": 3},
    ]
    assert rows(public, "SELECT month, site, articles, edited, gone FROM site_months") == [
        {"month": "2025-12", "site": "thu-do", "articles": 1, "edited": 0, "gone": 0},
        {"month": "2026-01", "site": "thu-do", "articles": 1, "edited": 0, "gone": 0},
        {"month": "2026-02", "site": "ha-giang", "articles": 1, "edited": 0, "gone": 0},
        {"month": "2026-02", "site": "thu-do", "articles": 2, "edited": 0, "gone": 0},
    ]
    assert rows(public, "SELECT sum(articles) AS a, sum(words) AS w FROM site_months") == rows(
        public, "SELECT count(*) AS a, sum(words) AS w FROM articles"
    )
