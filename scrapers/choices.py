"""What a run is asked to fetch, as its settings say: days, number, and when articles are looked at again."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from scrapy.settings import BaseSettings

from pipelines.article import KhotinError
from scrapers.frontier import Span


class BadSetting(KhotinError):
    """A setting that can't be read."""

    exit_code = 2


def span_of(settings: BaseSettings) -> Span:
    """The days of publication that KHOTIN_SINCE and KHOTIN_UNTIL ask for. Raises `BadSetting`."""
    since, until = (_day(settings, name) for name in ("KHOTIN_SINCE", "KHOTIN_UNTIL"))
    if since and until and since > until:
        message = f"there is no day from {since} to {until}: --since comes before --until"
        raise BadSetting(message)
    return Span(since, until)


def _day(settings: BaseSettings, name: str) -> date | None:
    text = str(settings.get(name) or "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        message = f"--{name.removeprefix('KHOTIN_').lower()} {text}: no day; write it as 2025-07-01"
        raise BadSetting(message) from error


def revisits_of(settings: BaseSettings) -> tuple[int, ...]:
    """The ages in days at which KHOTIN_REVISITS has articles looked at again. Raises `BadSetting`."""
    text = str(settings.get("KHOTIN_REVISITS") or "")
    try:
        plan = tuple(int(part) for part in text.split(",")) if text.strip() else ()
    except ValueError:
        plan = (0,)
    if any(days < 1 for days in plan) or any(a >= b for a, b in pairwise(plan)):
        message = f"KHOTIN_REVISITS={text} is no plan: write rising numbers of days, as 1,3,7,30,180"
        raise BadSetting(message)
    return plan


def budget_of(settings: BaseSettings) -> int:
    """The most requests of a site and run, as KHOTIN_BUDGET says; 0: no limit. Raises `BadSetting`."""
    return _number(settings, "KHOTIN_BUDGET", "requests")


def limit_of(settings: BaseSettings) -> int:
    """The most articles that a site is asked for in a run, as KHOTIN_LIMIT says; 0: no limit. Raises `BadSetting`."""
    return _number(settings, "KHOTIN_LIMIT", "articles")


def slowest_of(settings: BaseSettings) -> float:
    """The most seconds between two requests that a robots.txt may ask for, as KHOTIN_MAX_CRAWL_DELAY says; 0: any.

    Raises `BadSetting`.
    """
    return _number(settings, "KHOTIN_MAX_CRAWL_DELAY", "seconds", 60)


def _number(settings: BaseSettings, name: str, what: str, example: int = 2000) -> int:
    text = str(settings.get(name) or 0)
    if not (text.isascii() and text.isdigit()):
        message = f"{name}={text} is no number of {what}: write {example}, or 0 for no limit"
        raise BadSetting(message)
    return int(text)


def read_all(settings: BaseSettings) -> None:
    """Raises `BadSetting` if anything here can't be read: before a run makes its folder or sends a request."""
    for choice in (span_of, revisits_of, budget_of, limit_of, slowest_of):
        choice(settings)
