"""Which text an article had when: from its captures by their times, whatever order they came in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise


@dataclass(frozen=True, slots=True)
class Text:
    """One text of an article, and the extractor that read it."""

    title: str
    lead: str | None
    body: str
    """Paragraphs one a line, without the lead."""
    version: str

    @property
    def words(self) -> int:
        """Words of lead and body."""
        return len(self.body.split()) + len((self.lead or "").split())


@dataclass(frozen=True, slots=True)
class Seen:
    """One capture of an article: when it was fetched (ISO 8601, +07:00) and the hash of the text it gave."""

    capture_id: int
    fetched_at: str
    text_hash: str
    version: str


@dataclass(frozen=True, slots=True)
class Run:
    """Captures in a row that gave one text."""

    text_hash: str
    capture_id: int
    """The capture its text was read from: the first one that this text's extractor has read."""
    since: str
    """When the text was first seen."""
    captures: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Replaced:
    """A revision: the text of `old` gave way to that of `new` at `new.since`."""

    number: int
    old: Run
    new: Run


def runs(seen: Sequence[Seen], texts: Mapping[str, Text]) -> list[Run]:
    """Group captures (any order) into runs of equal text, oldest first. Every hash must be in `texts`."""
    ordered = sorted(seen, key=lambda one: (one.fetched_at, one.capture_id))
    found = []
    for text_hash, group in groupby(ordered, key=lambda one: one.text_hash):
        members = list(group)
        # A capture read by an older extractor only stands for the text; it is not where the text comes from.
        origin = next((one for one in members if one.version == texts[text_hash].version), members[0])
        found.append(Run(text_hash, origin.capture_id, members[0].fetched_at, tuple(one.capture_id for one in members)))
    return found


def revisions(found: Sequence[Run]) -> list[Replaced]:
    """The revisions between runs, numbered from 1 (the oldest text)."""
    return [Replaced(number, old, new) for number, (old, new) in enumerate(pairwise(found), 1)]
