"""The verdict on a site: what the card expects and its own past against what a run saw. Pure; the time comes in.

The order is that of causes: a site that sends us elsewhere, does not answer or keeps us out can show nothing
else; whether it was redesigned can be told only from pages that came; silence means something only where all
else is as ever. A share is judged only where it rests on enough pages: one odd page is no redesign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from statistics import median
from typing import Any

from pipelines.article import VIETNAM
from pipelines.health.holidays import is_holiday, ordinary_days
from pipelines.health.layout import LEAST_WORDS, redesign
from pipelines.health.model import (
    BLOCKS,
    FAILURES,
    Answers,
    Expectation,
    Health,
    HealthVerdict,
    Line,
    Outcome,
    Past,
    Seen,
)

_KEEPS_OUT = (Outcome.MOVED, Outcome.SLOW_DOWN, Outcome.CHALLENGE)
MOST_PAGES = 3
"""Articles asked for from which on a majority of them speaks for the site."""
WATCHED_DAYS = 28
"""A week is called thin only after a month of watching: before that the past is what a first visit found."""


def judge(expected: Expectation, seen: Seen | None, past: Past) -> HealthVerdict:
    """The verdict on a site after a run; `seen` is None for a site that was never run.

    Never raises. `since` is carried over from the verdict before, if it was the same.
    """
    if seen is None:
        return HealthVerdict(Health.NEVER_RUN, (Line("a crawl of the site", "none so far"),))
    seen = _with_robots(seen)
    about, verdict = "", Health.OK
    lines: tuple[Line, ...]
    if lines := _moved(seen):
        verdict = Health.MOVED
    elif lines := _dead(seen):
        verdict = Health.DEAD
    elif lines := _blocked(seen):
        verdict = Health.BLOCKED
    else:
        about, lines = redesign(expected, seen, past)
        verdict = Health.REDESIGNED if about else Health.OK
    if verdict is Health.OK:
        quiet = tuple(_quiet(expected, seen, past))
        verdict = Health.QUIET if quiet else Health.OK
        lines = (*quiet, *lines, *_as_ever(expected, seen, past))
    lines = (*lines, *_missing(seen))
    since = past.since if past.verdict is verdict and past.since else seen.at
    return HealthVerdict(verdict, tuple(lines), since, _measures(seen, past, about))


def _with_robots(seen: Seen) -> Seen:
    """Where robots.txt could not be had, what it "disallowed" came to the same end as robots.txt itself."""
    robots, lists = seen.robots, seen.lists
    kept_out = lists.of(Outcome.ROBOTS)
    cause = next((one for one in robots.counts if one in FAILURES or one in _KEEPS_OUT), None)
    if not kept_out or cause is None:
        return seen
    counts = {**lists.counts, cause: lists.of(cause) + kept_out}
    del counts[Outcome.ROBOTS]
    examples = {**lists.examples, cause: robots.examples.get(cause, "")}
    return replace(seen, lists=Answers(counts, examples))


def _most(answers: Answers, outcomes: frozenset[Outcome], least: int) -> bool:
    return answers.total >= least and answers.of(*outcomes) * 2 >= answers.total


def _told(seen: Seen, outcomes: frozenset[Outcome], expected: str) -> tuple[Line, ...]:
    """Evidence where at least half of the lists, or of enough articles, came to one of these ends."""
    lines = []
    if _most(seen.lists, outcomes, 1):
        lines.append(Line(expected, f"of the listings and feeds {seen.lists.told(*sorted(outcomes))}"))
    if _most(seen.pages, outcomes, MOST_PAGES):
        lines.append(Line(expected, f"of the articles {seen.pages.told(*sorted(outcomes))}"))
    return tuple(lines)


def _moved(seen: Seen) -> tuple[Line, ...]:
    lines = _told(seen, frozenset({Outcome.MOVED}), "answers on the hosts of the card")
    return (*lines, Line("", f"redirects lead to {seen.moved_to}")) if lines and seen.moved_to else lines


def _dead(seen: Seen) -> tuple[Line, ...]:
    return _told(seen, FAILURES, "answers")


def _blocked(seen: Seen) -> tuple[Line, ...]:
    lines = _told(seen, BLOCKS, "pages that may be read")
    if not lines and seen.cut_short:
        done = seen.lists.of(Outcome.OK) + seen.pages.of(Outcome.OK)
        lines = (Line("pages that may be read", f"after {done} pages: {seen.cut_short}"),)
    return lines


def _quiet(expected: Expectation, seen: Seen, past: Past) -> Iterator[Line]:
    if past.last_new is None:
        if seen.lists.of(Outcome.OK) and not seen.found:
            yield Line("articles", "none so far")
        return
    if seen.found and not seen.articles:
        return  # new addresses that are not fetched yet: there is news
    today, newest = seen.at.astimezone(VIETNAM).date(), past.last_new.astimezone(VIETNAM).date()
    idle = ordinary_days(newest, today)
    if idle > expected.quiet_days:
        yield Line(
            f"a new article within {expected.quiet_days} days, holidays apart",
            f"none for {(today - newest).days} days, since {newest}",
        )
        return
    week, before = (past.weeks or (0,))[0], past.weeks[1:]
    if past.watched_days < WATCHED_DAYS or any(is_holiday(today - timedelta(days=back)) for back in range(7)):
        return
    usual = median(before or (0,))
    if week < expected.weekly[0] <= usual and week * 3 < usual:
        yield Line(
            f"at least {expected.weekly[0]} articles a week; {usual:g} were usual",
            f"{week} in the last 7 days",
        )


def _missing(seen: Seen) -> Iterator[Line]:
    missing, there = seen.missing
    if missing:
        yield Line(
            "at most a quarter of the known articles missing",
            f"{missing} of {missing + there} that were looked at again; none of them is taken for removed",
        )


def _as_ever(expected: Expectation, seen: Seen, past: Past) -> Iterator[Line]:
    """What came in a night that gives no reason for alarm."""
    if seen.links:
        usual = [median(counts) for url in seen.links if (counts := past.links.get(url))]
        lists = "1 listing or feed" if len(seen.links) == 1 else f"{len(seen.links)} listings and feeds"
        came = f"{sum(seen.links.values())} links in {lists}"
        yield Line(f"about {sum(usual):g}" if usual else "links to articles", came)
    week = f"{past.weeks[0]} in the last 7 days" if past.weeks else "none counted yet"
    low, high = expected.weekly
    yield Line(f"{low} to {high} articles a week", f"{len(seen.articles)} stored this time, {week}")
    for answers, what in ((seen.lists, "listings and feeds"), (seen.pages, "articles")):
        odd = sorted(one for one in answers.counts if one is not Outcome.OK)
        if odd:
            yield Line("", f"of the {what} {answers.told(*odd)}")


def _measures(seen: Seen, past: Past, about: str) -> dict[str, Any]:
    articles = seen.articles
    return {
        "lists": {one.name.lower(): count for one, count in sorted(seen.lists.counts.items())},
        "pages": {one.name.lower(): count for one, count in sorted(seen.pages.counts.items())},
        "links": dict(sorted(seen.links.items())),
        "found": seen.found,
        "stored": len(articles),
        "matched": sum(one.matched for one in articles),
        "dated": sum(one.dated for one in articles),
        "titled": sum(one.titled for one in articles),
        "bylined": sum(one.bylined for one in articles),
        "with_body": sum(one.words >= LEAST_WORDS for one in articles),
        "refused": dict(sorted(seen.refused.items())),
        "week": past.weeks[0] if past.weeks else 0,
        "usual_week": median(past.weeks[1:]) if past.weeks[1:] else None,
        "about": about,
    }
