"""What a check of the archive found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

MOST_LINES = 10
"""Lines of one kind that are told one by one; the rest are counted."""


@dataclass(slots=True)
class Findings:
    """Collects what the checks find, in words for a person; paths are relative to the data folder."""

    damage: list[str] = field(default_factory=list)
    """What is wrong and still is."""
    repaired: list[str] = field(default_factory=list)
    """What was wrong and is not any more."""
    notes: list[str] = field(default_factory=list)
    """What is worth knowing and no damage."""
    counts: dict[str, int] = field(default_factory=dict)

    def some(self, lines: Iterable[str], rest: str) -> None:
        """Tell the first lines of one kind one by one, and how many more there are: `… and 7 more {rest}`."""
        every = list(lines)
        self.damage += every[:MOST_LINES]
        if len(every) > MOST_LINES:
            self.damage.append(f"… and {len(every) - MOST_LINES:,} more {rest}")


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was checked and what was found: see `Findings` for the kinds.

    `counts`: files, records (of all WARC files), captures, articles (of the database), unlisted (responses in
    the WARC files that the database does not list), published, compared (published articles whose words were
    looked for in the search index). `free`: bytes free on the disk.
    """

    damage: tuple[str, ...]
    repaired: tuple[str, ...]
    notes: tuple[str, ...]
    counts: dict[str, int]
    free: int
    seconds: float

    @property
    def sound(self) -> bool:
        """Nothing is damaged (any more)."""
        return not self.damage
