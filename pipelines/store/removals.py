"""Which articles their site has removed: told from looks at them on different nights. Pure; times come in.

A page that is missing once proves little, and many pages that are missing at once prove that something is amiss with
the site: an outage, a block, new addresses after a redesign. So misses count only on a night on which at most a
quarter of the known articles that were looked at are missing, and an article is gone when it was missing twice, on
different nights, and was not seen in between or since.

Articles found after a night with such a mass of misses are judged apart from those found before it: after a
redesign the new ones are all there, and must not make the misses of all the old ones count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from pipelines.article import VIETNAM

ANOTHER_NIGHT = timedelta(hours=20)
"""Less than a day: tomorrow's run may begin a little earlier than today's."""
THERE_FOR_ONE = 3
"""So many other known articles must have been found in their places for each one that is missing."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a known article."""

    article: int
    at: datetime
    """Aware."""
    there: bool


@dataclass(frozen=True, slots=True)
class Mass:
    """A night on which too many known articles were missing for any of them to count."""

    night: date
    missing: int
    there: int


@dataclass(frozen=True, slots=True)
class Removals:
    """What looks tell."""

    gone: Mapping[int, datetime]
    """Articles that are gone, each since the first look that missed it."""
    masses: tuple[Mass, ...]
    """Nights whose misses do not count, in order."""


@dataclass(slots=True)
class _State:
    misses: list[datetime] = field(default_factory=list)
    """That count, since the article was last seen."""

    @property
    def gone(self) -> bool:
        return len(self.misses) > 1 and self.misses[-1] - self.misses[0] >= ANOTHER_NIGHT


def night_of(moment: datetime) -> date:
    """The night a moment belongs to: from noon to noon in Vietnam, named after the day on which it ends."""
    return (moment.astimezone(VIETNAM) + timedelta(hours=12)).date()


def removals(first_seen: Mapping[int, datetime], looks: Iterable[Look]) -> Removals:
    """Judge the looks at the articles of one site, given in any order.

    `first_seen`: when each article was seen first. A look on that same night says nothing of its staying.
    """
    nights: dict[date, list[Look]] = defaultdict(list)
    for look in sorted(looks, key=lambda one: (one.at, one.article)):
        nights[night_of(look.at)].append(look)
    found = {article: night_of(at) for article, at in first_seen.items()}
    states: dict[int, _State] = defaultdict(_State)
    eras: list[date] = []  # nights of masses: each begins a new era of articles
    masses: list[Mass] = []
    for night in sorted(nights):
        last = {look.article: look for look in nights[night] if found[look.article] < night}
        by_era: dict[int, list[Look]] = defaultdict(list)
        newest = len(eras)
        for look in last.values():
            by_era[sum(found[look.article] >= era for era in eras)].append(look)
        for era, group in sorted(by_era.items()):
            there = sum(look.there for look in group)
            fresh = sum(not look.there and not states[look.article].gone for look in group)
            counts = there >= THERE_FOR_ONE * fresh
            if not counts:
                masses.append(Mass(night, fresh, there))
                eras += [night] * (era == newest)
            for look in group:
                if look.there:
                    states[look.article].misses.clear()
                elif counts:
                    states[look.article].misses.append(look.at)
    return Removals({one: state.misses[0] for one, state in states.items() if state.gone}, tuple(masses))
