"""What a probe found of a site, and of what it is unsure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pipelines.article import Article, Capture, KhotinError, Refusal
from scrapers.catalogue import Family, Kind, Site
from scrapers.probing.addresses import Form
from scrapers.probing.facts import FoundProvince
from scrapers.probing.families import Fit, Proposal
from scrapers.probing.visitor import Visit


class NotProbed(KhotinError):
    """The site can't be looked at: it does not answer, blocks, forbids it, or its links lead nowhere."""

    exit_code = 4


@dataclass(frozen=True)
class Draft:
    """A card in the making."""

    site: Site
    new_family: bool


@dataclass(frozen=True, slots=True)
class ProbedSection:
    """A section's listing as it was read."""

    url: str
    title: str
    capture: Capture
    articles: tuple[str, ...] = ()
    """Canonical addresses that the card's patterns find in it."""
    dates: dict[str, str] = field(default_factory=dict)
    """Address -> the date beside it, as written."""
    pages: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """A page behind a headline, and what the card makes of it."""

    capture: Capture
    result: Article | Refusal


@dataclass(frozen=True, slots=True)
class UnusedSource:
    """A feed or a sitemap that holds more than the sections."""

    url: str
    articles: int
    why: str


@dataclass(frozen=True)
class Probed:
    """A site as it was seen."""

    asked: str
    host: str
    name: str
    kind: tuple[Kind, str]
    province: FoundProvince | None
    site: Site
    """The card, with its family in it."""
    family: Family
    """The family that fits, or a new one."""
    new_family: bool
    own_patterns: bool
    """The card has patterns of its own; otherwise it uses the family's."""
    generator: str
    sections: tuple[ProbedSection, ...]
    samples: tuple[Sample, ...]
    forms: tuple[Form, ...]
    others: tuple[str, ...]
    """Addresses that are no articles: the names of sections."""
    fit: Fit | None
    proposal: Proposal | None
    unused: tuple[UnusedSource, ...]
    week: tuple[float, int] | None
    """Articles a week by the dates of the listings, and of how many dates that was made."""
    copying: str
    at: datetime
    live: bool
    visits: tuple[Visit, ...]
    unsure: tuple[str, ...] = field(default=())
    """What a person must look at, one line each."""

    @property
    def pages(self) -> int:
        """Pages of the site that were seen and could be read."""
        return sum(visit.page is not None for visit in self.visits)
