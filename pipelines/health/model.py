"""What a verdict rests on: what a card expects, what a run saw, and the site's own past."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Health(StrEnum):
    """The verdicts on a site."""

    OK = "ok"
    QUIET = "quiet"
    """It answers and looks as ever, but has had nothing new for longer than is usual."""
    BLOCKED = "blocked"
    """It keeps us out: 403, 429, a challenge, robots.txt."""
    MOVED = "moved"
    """It sends us to a host that its card does not name."""
    REDESIGNED = "redesigned"
    """It answers, but its pages are no longer as its card describes them."""
    DEAD = "dead"
    """It does not answer, or with errors only."""
    NEVER_RUN = "never_run"


TROUBLES = frozenset({Health.BLOCKED, Health.MOVED, Health.REDESIGNED, Health.DEAD})
"""Verdicts on which someone has to do something."""


class Outcome(StrEnum):
    """What a request came to."""

    OK = "ok"
    NOT_FOUND = "not found"
    MOVED = "sent to another host"
    FORBIDDEN = "access denied"
    SLOW_DOWN = "asked to slow down"
    CHALLENGE = "challenge page"
    ROBOTS = "disallowed by robots.txt"
    DNS = "host name not found"
    REFUSED = "connection refused or lost"
    TIMEOUT = "no answer in time"
    SERVER_ERROR = "server error"
    OTHER = "could not be fetched"


BLOCKS = frozenset({Outcome.FORBIDDEN, Outcome.SLOW_DOWN, Outcome.CHALLENGE, Outcome.ROBOTS})
FAILURES = frozenset({Outcome.DNS, Outcome.REFUSED, Outcome.TIMEOUT, Outcome.SERVER_ERROR, Outcome.OTHER})


@dataclass(frozen=True, slots=True)
class Answers:
    """What the requests of one kind came to, with an example of each outcome (an address, a status)."""

    counts: Mapping[Outcome, int] = field(default_factory=dict)
    examples: Mapping[Outcome, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """All requests."""
        return sum(self.counts.values())

    def of(self, *outcomes: Outcome) -> int:
        """Requests that came to one of these."""
        return sum(self.counts.get(outcome, 0) for outcome in outcomes)

    def told(self, *outcomes: Outcome) -> str:
        """These outcomes in words: `3 of 4: access denied (HTTP 403 at https://…)`."""
        parts = (
            f"{self.counts[one]} of {self.total}: {one.value}"
            + (f" ({self.examples[one]})" if self.examples.get(one) else "")
            for one in outcomes
            if self.counts.get(one)
        )
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Facts:
    """What matters of one stored article."""

    template: str
    """`family/template`, or `generic`."""
    dated: bool
    titled: bool
    bylined: bool
    words: int

    @property
    def matched(self) -> bool:
        """Whether a template of the site's families gave the text."""
        return self.template != "generic"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the site card says of a healthy site."""

    weekly: tuple[int, int]
    """Fewest and most new articles in an ordinary week."""
    quiet_days: int
    """Days without a new article after which someone should look."""
    templates: bool = True
    """Whether the site's families have templates that articles should match."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one run saw of a site."""

    at: datetime
    robots: Answers = Answers()
    lists: Answers = Answers()
    """Feeds, sitemaps and pages of listings."""
    pages: Answers = Answers()
    """Articles."""
    links: Mapping[str, int] = field(default_factory=dict)
    """Article links in each feed and first page of a listing that was read; one that was unchanged is not in it."""
    articles: tuple[Facts, ...] = ()
    """Articles whose text was stored in this run, the newest first."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """Pages behind article links that are no articles, by their verdict."""
    found: int = 0
    """Addresses that were not known before."""
    moved_to: str = ""
    """The foreign host that redirects lead to."""
    missing: tuple[int, int] = (0, 0)
    """Known articles that were missing this night, and those in their places, where there were too many of the
    former for any to be taken for removed."""
    cut_short: str = ""
    """Why the run left the site alone before its end."""

    @property
    def asked(self) -> bool:
        """Whether the run got so far as to ask the site for anything."""
        return bool(self.robots.total or self.lists.total or self.pages.total)


@dataclass(frozen=True, slots=True)
class Past:
    """The site's own past, as it was before the run."""

    links: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """Address of a listing -> links found there in earlier healthy runs, the newest first."""
    articles: tuple[Facts, ...] = ()
    """The newest articles stored in earlier healthy runs, at most 100."""
    recent: tuple[Facts, ...] = ()
    """The newest articles of earlier runs, healthy or not, at most 5; the newest first."""
    refused_share: float | None = None
    """Share of the pages of earlier healthy runs that were no articles; None without any."""
    weeks: tuple[int, ...] = ()
    """Articles that appeared in each of the last 13 weeks up to the run, the newest week first."""
    last_new: datetime | None = None
    """When the newest article appeared: its publication or, where that is unknown or later, its discovery."""
    watched_days: float = 0
    """How long verdicts have been given."""
    verdict: Health | None = None
    """The one before."""
    since: datetime | None = None
    about: str = ""
    """What a redesign showed in: `lists` or `pages`."""
    evidence: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of evidence."""

    expected: str
    came: str

    def __str__(self) -> str:
        return f"{self.came} (expected: {self.expected})" if self.expected else self.came


@dataclass(frozen=True, slots=True)
class HealthVerdict:
    """How a site is doing, and why."""

    verdict: Health
    evidence: tuple[Line, ...] = ()
    since: datetime | None = None
    """When the verdict was given first, without another one since; None for a site that was never run."""
    measures: Mapping[str, Any] = field(default_factory=dict)
    """The numbers behind it, for the next nights and for readers; JSON values."""
