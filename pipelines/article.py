"""The words of the house as dataclasses: what is known of a page before, during and after extraction.

Times are timezone-aware; times of Vietnamese pages are +07:00 (`VIETNAM`), a zone without daylight saving.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum

VIETNAM = timezone(timedelta(hours=7))


class Verdict(StrEnum):
    """What a page is. Only `ARTICLE` is stored as an article; all others are quarantined under their name."""

    ARTICLE = "article"
    LISTING = "listing"
    HOME = "home"
    GALLERY = "gallery"
    LOGIN = "login"
    CHALLENGE = "challenge"
    SOFT_404 = "soft_404"
    ERROR_PAGE = "error_page"
    PDF_VIEWER = "pdf_viewer"
    NOT_HTML = "not_html"
    STATIC = "static_page"
    """A page about the site itself: tasks, structure, contacts, a form of the front-end's makers."""
    EMPTY = "empty"
    TOO_LARGE = "too_large"
    """More bytes than any page has, as sent or when unpacked: what came of it is in the archive."""
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASH = "crash"


OF_THE_MACHINE = frozenset({Verdict.TIMEOUT, Verdict.MEMORY, Verdict.CRASH})
"""Verdicts on the machine rather than on the page: another day it may be read."""


class Precision(StrEnum):
    """How exact a published time is. `NONE` goes with a missing time."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Template:
    """One version of a family's article layout: CSS selectors, and the days between which they hold.

    Every selector field is a tuple tried in order; the first selector that yields text wins, except `body`,
    where all containers of the first matching selector are used (see `body_pick`), and `drop`, `keep` and
    `caption`, which all apply. An empty `body` means: no container is known, use the generic path between
    the title and the first of `ends`.
    """

    name: str
    match: tuple[str, ...] = ()
    """Selectors that prove this template fits a page; any one suffices. Empty: fits if `body` matches."""
    title: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    body_pick: str = "all"
    """`all` containers in document order, or only the `longest` (Liferay: one container a portlet)."""
    published: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    """Removed inside the body: related boxes, share lines, players, the name of a CMS user."""
    keep: tuple[str, ...] = ()
    """Kept although a `drop` selector matches: text boxes of the newsroom."""
    caption: tuple[str, ...] = ()
    """Captions of images, beside `figcaption`: they become `Image.caption`, not body text."""
    ends: tuple[str, ...] = ()
    """Lines (compared trimmed, NFC, without case) at which the article is over: "Phản hồi", "Tin khác"."""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class UrlRules:
    """How a site's addresses are brought to one canonical form (see `pipelines.identity`)."""

    keep_params: tuple[str, ...] = ()
    """Query parameters that tell pages apart; all others are dropped."""
    rewrite: tuple[tuple[str, str], ...] = ()
    """(regular expression, replacement) on path and query: language prefixes, print versions."""
    hosts: tuple[str, ...] = ()
    """Hosts that are one site, the present one first: the others are rewritten to it."""


@dataclass(frozen=True, slots=True)
class PageRules:
    """What extraction may know of a page's site. An unknown site has the templates of all families."""

    site: str = ""
    names: tuple[str, ...] = ()
    """Names of the site and its publisher: never a title, never a byline."""
    templates: tuple[Template, ...] = ()
    article_urls: tuple[str, ...] = ()
    """Regular expressions searched in path and query of an address."""
    urls: UrlRules = UrlRules()
    agencies: tuple[str, ...] = ()
    """Prefixes with which the newsroom's own texts open: "HNP", "Baohatinh.vn"."""
    boilerplate: tuple[str, ...] = ()
    """Lines of this site that are never article text (compared trimmed, NFC, without case)."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What another page said of this one before it was opened: a link in a feed, a sitemap, a listing."""

    source: str
    """`feed`, `sitemap` or `listing`."""
    published: str | None = None
    """The date as written there."""
    title: str | None = None
    section: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """One archived response. `body` is without transfer and content encoding; charset is not yet decoded."""

    url: str
    fetched_at: datetime
    status: int
    content_type: str
    body: bytes
    site: str = ""
    digest: str = ""
    """`sha1:` + base32 of the payload as it was sent (the WARC-Payload-Digest)."""
    record_id: str = ""
    """WARC-Record-ID without angle brackets: `urn:uuid:…`."""
    warc_file: str = ""
    """Path relative to the data folder's `warc/`."""
    warc_offset: int = 0
    warc_length: int = 0
    location: str = ""
    """Absolute target of a redirect, else empty."""
    truncated: str = ""
    """Why the body is not whole: `damaged`, or a reason of WARC-Truncated (`length`, `time` …)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a published value comes from."""

    field: str
    value: str
    rule: str
    """Which rule, selector, tag or hint gave it: `template:liferay/asset published`, `json-ld datePublished`."""
    raw: str = ""
    """The string as it stood on the page (at most 300 characters)."""
    confidence: float = 1.0
    """0 to 1."""
    note: str = ""
    """Contradictions, completions, refusals."""


@dataclass(frozen=True, slots=True)
class Image:
    """A picture of an article: absolute address, caption and credit as shown."""

    url: str
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document linked from an article's body (PDF, DOC, XLS …)."""

    url: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class PublishedDate:
    """The outcome of weighing all date candidates of a page. Times are ISO 8601 with +07:00."""

    published_at: str | None = None
    """`2020-07-01T20:05:00+07:00`; with precision day or month the unknown parts are zero or the first."""
    precision: Precision = Precision.NONE
    event_date: str | None = None
    """`2012-04-17`: the day that opens the lead or signs the end. Never the published time."""
    date_estimate: str | None = None
    """`2012-04-17`: the day that sorting falls back on; equal to the published day where one is known."""
    date_estimate_basis: str | None = None
    """`published`, `event_date`, `listing`, `address`, `neighbours` or `first_seen`."""
    evidence: tuple[Evidence, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """The text and the facts of one article. Text is clean: NFC, the publisher's spelling."""

    url: str
    canonical_url: str
    title: str
    lead: str | None
    paragraphs: tuple[str, ...]
    """Body paragraphs after the lead, none empty, no line breaks inside."""
    byline: str | None = None
    agency: str | None = None
    date: PublishedDate = PublishedDate()
    section: str | None = None
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    language: str | None = None
    """ISO 639-1: `vi`, `en` …; None where the text is too short to tell."""
    template: str = "generic"
    """`family/template` that gave the body, or `generic`."""
    flags: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = field(default=(), compare=False)

    verdict = Verdict.ARTICLE

    @property
    def body(self) -> str:
        """Lead first where there is one, then the paragraphs, one a line."""
        return "\n".join((self.lead, *self.paragraphs) if self.lead else self.paragraphs)

    @property
    def text_hash(self) -> str:
        """SHA-256 (hex) of title, lead and paragraphs: equal hashes are the same text, so no revision."""
        text = "\x1e".join((self.title, self.lead or "", *self.paragraphs))
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page is not an article. `reason` is one short English sentence for the operator."""

    verdict: Verdict
    reason: str
    flags: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class KhotinError(Exception):
    """Base of all errors that are told to a person as one line. Exit code 1 unless a subclass says otherwise."""

    exit_code = 1
