"""The candidates of a page as readings, and what takes some of them out: clocks, changes, the time of
rendering.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from pipelines.article import VIETNAM, Evidence, Hint, Precision
from pipelines.dates import grammar
from pipelines.dates.candidates import DateCandidate
from pipelines.dates.parse import parse_date, weekday_told
from pipelines.dates.reading import TOLERANCE, Parsed, is_possible

SHOWN = ("template", "title", "visible")
MACHINE = ("json-ld", "meta")
_HINT_WEIGHT = {"feed": 0.8, "listing": 0.8, "neighbours": 0.0, "sitemap": 0.8}
_SLASHED = re.compile(r"(?<!\d)\d{1,2}/\d{1,2}/\d{4}")
_INSTANT = timedelta(minutes=1)
_RENDER_WINDOW = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Reading:
    """A candidate with its reading."""

    candidate: DateCandidate
    parsed: Parsed

    @property
    def day(self) -> date:
        """The calendar day in Việt Nam."""
        return self.parsed.value.date()


@dataclass(slots=True)
class Weighing:
    """What has been found out on the way."""

    fetched_at: datetime
    reads: list[Reading] = field(default_factory=list)
    notes: list[Evidence] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)

    def refuse(self, read: Reading, note: str, flag: str) -> None:
        """Take a reading out, and keep it as evidence with the reason."""
        self.reads.remove(read)
        self.notes.append(evidence_of(read, 0.0, note, rejected=True))
        self.flags.append(flag)


def weigh(candidates: Iterable[DateCandidate], hints: Sequence[Hint], fetched_at: datetime) -> Weighing:
    """Read all candidates and hints, and take out those that are no times of publication."""
    weighing = Weighing(fetched_at.astimezone(VIETNAM))
    _read_all(weighing, [*candidates, *_from_hints(hints)])
    _prove_month_first(weighing)
    _refuse_clocks(weighing)
    _refuse_modified(weighing)
    _refuse_render_times(weighing)
    return weighing


def _from_hints(hints: Iterable[Hint]) -> Iterable[DateCandidate]:
    for hint in hints:
        if hint.published:
            weight = _HINT_WEIGHT.get(hint.source, 0.5)
            yield DateCandidate(hint.source, hint.published, rule=f"hint of a {hint.source}", weight=weight)


def _read_all(weighing: Weighing, candidates: Iterable[DateCandidate]) -> None:
    for candidate in candidates:
        now = weighing.fetched_at
        parsed = candidate.parsed
        if parsed is None or not is_possible(parsed, now) or candidate.month_first:
            parsed = parse_date(candidate.raw, now=now, month_first=candidate.month_first)
        if parsed is None and candidate.source not in SHOWN:
            parsed = parse_date(candidate.raw, now=now, month_first=True)  # day-first it would lie ahead
            parsed = parsed if parsed is not None and parsed.month_first else None
        if parsed is not None:
            weighing.reads.append(Reading(candidate, parsed))
        elif re.search(r"\d{4}", candidate.raw):
            note = "refused: before 1990, more than a day after the fetch, or no day of the calendar"
            weighing.notes.append(
                Evidence(
                    "published_at_rejected",
                    "",
                    candidate.rule or candidate.source,
                    candidate.raw[:300],
                    0.0,
                    note,
                )
            )
            weighing.flags.append("date_refused")


def _prove_month_first(weighing: Weighing) -> None:
    """ASP.NET writes "8/7/2019 10:15:00 AM" for 7 August: believed where another candidate proves it."""
    reads = weighing.reads
    changed = [read.day for read in reads if read.candidate.modified]
    american = any(read.parsed.month_first and read.candidate.source not in SHOWN for read in reads)
    written = {
        r.day
        for r in reads
        if (r.candidate.source in MACHINE or grammar.ISO.fullmatch(r.candidate.raw)) and not r.candidate.modified
    }
    for number, read in enumerate(reads):
        if read.candidate.source in SHOWN and (shown := _month_first_by_weekday(read, written, weighing.fetched_at)):
            reads[number] = shown
        if (
            read.candidate.source in SHOWN
            or read.parsed.month_first
            or not re.match(r"\s*\d{1,2}/\d{1,2}/\d{4}", read.candidate.raw)
        ):
            continue
        other = parse_date(read.candidate.raw, now=weighing.fetched_at, month_first=True)
        if other is None or not other.month_first:
            continue
        others = {r.day for r in reads if r is not read and not r.parsed.yearless}
        late = any(read.day > day + TOLERANCE >= other.value.date() for day in changed)
        if (other.value.date() in others and read.day not in others) or american or late:
            reads[number] = Reading(replace(read.candidate, month_first=True), other)


def _month_first_by_weekday(read: Reading, written: Collection[date], now: datetime) -> Reading | None:
    """ "Thứ Hai, 05/12/2014" as 12 May, where that was a Monday, 5 December was none, and a machine agrees."""
    if read.day in written or read.parsed.month_first or not _SLASHED.search(read.candidate.raw):
        return None
    told = weekday_told(read.candidate.raw)
    if told is None or read.day.weekday() == told:
        return None
    other = parse_date(read.candidate.raw, now=now, month_first=True)
    if other is None or not other.month_first or other.value.weekday() != told or other.value.date() not in written:
        return None
    return Reading(replace(read.candidate, month_first=True), other)


def _refuse_clocks(weighing: Weighing) -> None:
    """A date above the title that is the time of fetching is the page's clock."""
    for read in [r for r in weighing.reads if r.candidate.before_title]:
        now, value = weighing.fetched_at, read.parsed.value
        near = (
            abs(value - now) < _RENDER_WINDOW if read.parsed.precision is Precision.MINUTE else read.day == now.date()
        )
        if near:
            weighing.refuse(read, "the clock of the page: the time of fetching, above the title", "date_clock")


def _refuse_modified(weighing: Weighing) -> None:
    """Modified dates are kept as evidence; a shown "Cập nhật: …" that is the only date of the page stays."""
    published = [r for r in weighing.reads if not r.candidate.modified and r.candidate.weight > 0]
    for read in [r for r in weighing.reads if r.candidate.modified]:
        if read.candidate.source in SHOWN and not any(_comparable(read, other) for other in published):
            continue
        flag = "date_modified" if published else "date_modified_only"
        weighing.refuse(read, "the time of a change, not of publication", flag)


def _comparable(shown: Reading, other: Reading) -> bool:
    """Whether another date can take the place of a shown "Cập nhật" line: any that is not later than it."""
    if other.parsed.yearless:
        return False
    return other.candidate.source in (*SHOWN, *MACHINE) and other.day <= shown.day


def _refuse_render_times(weighing: Weighing) -> None:
    """A machine date that is the time of fetching, where another place tells an earlier day."""
    changed = [note for note in weighing.notes if note.note.startswith("the time of a change")]
    for read in [r for r in weighing.reads if r.candidate.source in MACHINE]:
        now = weighing.fetched_at
        fresh = abs(read.parsed.value - now) < _RENDER_WINDOW or read.day >= now.date()
        earlier = any(
            r is not read and r.day < read.day and r.candidate.weight > 0 and not r.parsed.yearless
            for r in weighing.reads
        )
        contradicted = any(note.value and note.value[:10] < (read.day - TOLERANCE).isoformat() for note in changed)
        # published within the minute of the fetch, or after it, and nothing shown agrees: the clock of the server
        instant = read.parsed.precision is Precision.MINUTE and read.parsed.value >= now - _INSTANT
        agreed = any(r.day == read.day and r.candidate.source not in MACHINE for r in weighing.reads)
        if (fresh and (earlier or contradicted)) or (instant and not agreed):
            weighing.refuse(read, "the time of fetching: written when the page was rendered", "date_render_time")


def evidence_of(read: Reading, confidence: float, note: str, *, rejected: bool = False) -> Evidence:
    """A reading as evidence; `rejected` for one that lost or was refused."""
    value = "" if read.parsed.yearless else iso(read.parsed)
    name = "published_at_rejected" if rejected else "published_at"
    rule = read.candidate.rule or read.candidate.source
    return Evidence(name, value, rule, read.candidate.raw[:300], round(confidence, 2), note)


def iso(parsed: Parsed) -> str:
    """ISO 8601 to the minute; what the precision does not cover is zero."""
    value = parsed.value.replace(second=0, microsecond=0)
    if parsed.precision is not Precision.MINUTE:
        value = value.replace(hour=0, minute=0)
    return value.isoformat()
