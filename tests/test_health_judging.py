"""The judge alone: where each verdict begins, and what is not enough for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pipelines.article import VIETNAM
from pipelines.health import Answers, Expectation, Facts, Health, HealthVerdict, Line, Outcome, Past, Seen, judge

NOW = datetime(2026, 6, 15, 2, 0, tzinfo=VIETNAM)
CARD = Expectation(weekly=(5, 50), quiet_days=10)
A, B, C = "https://a.example/tin", "https://a.example/dang", "https://a.example/rss"
GOOD = Facts("mau/bai", dated=True, titled=True, bylined=True, words=400)
GUESSED = replace(GOOD, template="generic")
FINE = Seen(
    NOW,
    robots=Answers({Outcome.OK: 1}),
    lists=Answers({Outcome.OK: 3}),
    pages=Answers({Outcome.OK: 4}),
    links={A: 20, B: 10, C: 30},
    articles=(GOOD,) * 4,
    found=4,
)
PAST = Past(
    links={A: (20, 20, 19), B: (10, 10, 10), C: (30, 30, 30)},
    articles=(GOOD,) * 100,
    recent=(GOOD,) * 5,
    refused_share=0.05,
    weeks=(12, *[14] * 12),
    last_new=NOW - timedelta(hours=8),
    watched_days=90,
    verdict=Health.OK,
    since=NOW - timedelta(days=90),
)


def verdict(seen: Seen | None = FINE, past: Past = PAST, card: Expectation = CARD) -> Health:
    return judge(card, seen, past).verdict


def test_a_fine_night_is_ok_and_says_what_came() -> None:
    assert judge(CARD, FINE, PAST) == HealthVerdict(
        Health.OK,
        (
            Line("about 60", "60 links in 3 listings and feeds"),
            Line("5 to 50 articles a week", "4 stored this time, 12 in the last 7 days"),
        ),
        PAST.since,
        {
            "lists": {"ok": 3},
            "pages": {"ok": 4},
            "links": {B: 10, C: 30, A: 20},
            "found": 4,
            "stored": 4,
            "matched": 4,
            "dated": 4,
            "titled": 4,
            "bylined": 4,
            "with_body": 4,
            "refused": {},
            "week": 12,
            "usual_week": 14.0,
            "about": "",
        },
    )


def test_no_run_is_no_verdict() -> None:
    assert judge(CARD, None, Past()) == HealthVerdict(
        Health.NEVER_RUN, (Line("a crawl of the site", "none so far"),), None, {}
    )


def test_a_verdict_that_changes_begins_now_and_one_that_stays_keeps_its_beginning() -> None:
    dead = replace(FINE, lists=Answers({Outcome.DNS: 3}), pages=Answers(), articles=(), links={})
    assert judge(CARD, dead, PAST).since == NOW
    before = replace(PAST, verdict=Health.DEAD, since=NOW - timedelta(days=3))
    assert judge(CARD, dead, before).since == NOW - timedelta(days=3)


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ({Outcome.OK: 2, Outcome.FORBIDDEN: 1}, Health.OK),
        ({Outcome.OK: 1, Outcome.FORBIDDEN: 1}, Health.BLOCKED),
        ({Outcome.CHALLENGE: 1}, Health.BLOCKED),
        ({Outcome.SLOW_DOWN: 1}, Health.BLOCKED),
        ({Outcome.ROBOTS: 3}, Health.BLOCKED),
        ({Outcome.MOVED: 2, Outcome.OK: 1}, Health.MOVED),
        ({Outcome.OK: 2, Outcome.TIMEOUT: 1}, Health.OK),
        ({Outcome.DNS: 3}, Health.DEAD),
        ({Outcome.REFUSED: 2, Outcome.SERVER_ERROR: 1}, Health.DEAD),
    ],
)
def test_what_half_of_the_listings_come_to_decides(lists: dict[Outcome, int], expected: Health) -> None:
    assert verdict(replace(FINE, lists=Answers(lists))) is expected


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ({Outcome.FORBIDDEN: 2}, Health.OK),  # two odd articles are not the site
        ({Outcome.FORBIDDEN: 3, Outcome.OK: 3}, Health.BLOCKED),
        ({Outcome.TIMEOUT: 4, Outcome.OK: 6}, Health.OK),
        ({Outcome.TIMEOUT: 6, Outcome.OK: 4}, Health.DEAD),
        ({Outcome.MOVED: 9, Outcome.OK: 1}, Health.MOVED),
        ({Outcome.NOT_FOUND: 9, Outcome.OK: 1}, Health.OK),
    ],
)
def test_articles_count_from_three_on(pages: dict[Outcome, int], expected: Health) -> None:
    assert verdict(replace(FINE, pages=Answers(pages))) is expected


def test_a_run_that_was_cut_short_is_blocked() -> None:
    assert verdict(replace(FINE, cut_short="asked to slow down (HTTP 503)")) is Health.BLOCKED


@pytest.mark.parametrize(
    ("links", "past", "expected"),
    [
        ({A: 0, B: 10, C: 30}, PAST, Health.OK),  # one of three, for the first time
        ({A: 0, B: 0, C: 30}, PAST, Health.REDESIGNED),
        ({A: 3, B: 1, C: 30}, PAST, Health.REDESIGNED),  # under a fifth
        ({A: 5, B: 3, C: 9}, PAST, Health.OK),
        ({A: 0, B: 10, C: 30}, replace(PAST, links={**PAST.links, A: (0, 20, 20)}), Health.REDESIGNED),  # second night
        ({A: 0, B: 10}, replace(PAST, links={B: (10,)}), Health.OK),  # never had any
        ({A: 0, B: 0}, Past(), Health.REDESIGNED),  # a first visit that finds nothing
        ({A: 0, B: 10}, Past(), Health.OK),
    ],
)
def test_listings_that_lose_their_links_are_a_redesign(links: dict[str, int], past: Past, expected: Health) -> None:
    assert verdict(replace(FINE, links=links), past) is expected


@pytest.mark.parametrize(
    ("now", "recent", "expected"),
    [
        ((GUESSED,), (GOOD,) * 5, Health.OK),
        ((GUESSED, GUESSED), (GOOD,) * 5, Health.REDESIGNED),
        ((GUESSED, GOOD), (GOOD,) * 5, Health.OK),
        ((GUESSED, GUESSED, GOOD), (GOOD,) * 5, Health.REDESIGNED),
        ((GUESSED, GOOD, GOOD), (GOOD,) * 5, Health.OK),
        ((GUESSED,), (GUESSED, GUESSED, GOOD, GOOD, GOOD), Health.REDESIGNED),  # one a night, third night
        ((GUESSED,) * 4 + (GOOD,) * 6, (), Health.OK),
    ],
)
def test_articles_without_their_template_are_a_redesign(
    now: tuple[Facts, ...], recent: tuple[Facts, ...], expected: Health
) -> None:
    assert verdict(replace(FINE, articles=now), replace(PAST, recent=recent)) is expected


def test_a_site_that_never_matched_a_template_is_no_redesign_unless_its_card_promises_one() -> None:
    seen, never = replace(FINE, articles=(GUESSED,) * 5), replace(PAST, articles=(GUESSED,) * 50)
    assert verdict(seen, never) is Health.OK
    assert verdict(seen, replace(PAST, articles=(), recent=())) is Health.REDESIGNED
    assert verdict(seen, replace(PAST, articles=(), recent=()), replace(CARD, templates=False)) is Health.OK


@pytest.mark.parametrize(
    ("without", "told"),
    [
        (replace(GOOD, dated=False), "a date in 100% of the articles"),
        (replace(GOOD, titled=False), "a title in 100% of the articles"),
        (replace(GOOD, words=8), "a body in 100% of the articles"),
        (replace(GOOD, bylined=False), "a byline in 100% of the articles"),
    ],
)
def test_articles_that_lose_a_fact_they_always_had_are_a_redesign(without: Facts, told: str) -> None:
    found = judge(CARD, replace(FINE, articles=(without,) * 5), PAST)
    assert (found.verdict, found.evidence) == (Health.REDESIGNED, (Line(told, "in 0 of 5"),))
    assert verdict(replace(FINE, articles=(without, GOOD, GOOD, GOOD, GOOD))) is Health.OK


def test_pages_behind_article_links_that_are_none_are_a_redesign() -> None:
    assert verdict(replace(FINE, articles=(GOOD,), refused={"listing": 3})) is Health.REDESIGNED
    assert verdict(replace(FINE, refused={"listing": 3})) is Health.OK
    assert verdict(replace(FINE, articles=(), refused={"listing": 3}), replace(PAST, refused_share=0.6)) is Health.OK
    assert verdict(replace(FINE, articles=(), refused={"timeout": 3})) is Health.OK  # our bounds, not its layout


def test_a_redesign_ends_only_when_pages_come_as_they_should() -> None:
    before = replace(
        PAST, verdict=Health.REDESIGNED, since=NOW - timedelta(days=1), about="pages", evidence=(Line("x", "y"),)
    )
    silent = replace(FINE, articles=(), found=0, pages=Answers())
    held = judge(CARD, silent, before)
    assert (held.verdict, held.since, held.evidence, held.measures["about"]) == (
        Health.REDESIGNED,
        NOW - timedelta(days=1),
        (Line("x", "y"),),
        "pages",
    )
    assert verdict(FINE, before) is Health.OK
    assert verdict(replace(FINE, links={}), replace(before, about="lists")) is Health.REDESIGNED
    assert verdict(FINE, replace(before, about="lists")) is Health.OK


@pytest.mark.parametrize(
    ("now", "days", "expected"),
    [
        (NOW, 10, Health.OK),
        (NOW, 11, Health.QUIET),
        (datetime(2026, 2, 28, 2, 0, tzinfo=VIETNAM), 18, Health.OK),  # Tết lies between
        (datetime(2026, 3, 12, 2, 0, tzinfo=VIETNAM), 18, Health.QUIET),
    ],
)
def test_silence_counts_in_ordinary_days(now: datetime, days: int, expected: Health) -> None:
    silent = replace(FINE, at=now, articles=(), found=0, pages=Answers())
    assert verdict(silent, replace(PAST, last_new=now - timedelta(days=days), weeks=(0, *[1] * 12))) is expected


@pytest.mark.parametrize(
    ("weeks", "watched", "expected"),
    [
        ((2, *[14] * 12), 90, Health.QUIET),
        ((2, *[14] * 12), 10, Health.OK),  # the past is what a first visit found
        ((2, *[3] * 12), 90, Health.OK),  # fewer than the card says, but as ever
        ((6, *[40] * 12), 90, Health.OK),  # as the card says
    ],
)
def test_a_thin_week_is_measured_by_the_card_and_by_the_past(
    weeks: tuple[int, ...], watched: float, expected: Health
) -> None:
    assert verdict(FINE, replace(PAST, weeks=weeks, watched_days=watched)) is expected


def test_a_thin_week_at_tet_is_no_alarm() -> None:
    tet = datetime(2026, 2, 20, 2, 0, tzinfo=VIETNAM)
    past = replace(PAST, weeks=(1, *[14] * 12), last_new=tet - timedelta(days=2))
    assert verdict(replace(FINE, at=tet), past) is Health.OK


def test_new_addresses_that_wait_to_be_fetched_are_no_silence() -> None:
    waiting = replace(FINE, articles=(), pages=Answers(), found=7)
    assert verdict(waiting, replace(PAST, last_new=NOW - timedelta(days=40))) is Health.OK
