"""Weighing the candidates: one published time, its precision, what contradicts it, and the estimate for sorting."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pipelines.article import VIETNAM, Evidence, Hint, Precision, PublishedDate
from pipelines.dates.candidates import DateCandidate
from pipelines.dates.event import EventDay, complete, event_day
from pipelines.dates.parse import TOLERANCE, Parsed, is_possible, parse_date
from pipelines.identity import url_date

_SHOWN = ("template", "title", "visible")
_MACHINE = ("json-ld", "meta")
_HINT_WEIGHT = {"feed": 0.8, "listing": 0.8, "neighbours": 0.0, "sitemap": 0.5}
_RENDER_WINDOW = timedelta(hours=6)
_TRUSTED = 0.6  # a shown line of less weight gives way to what the machine says


@dataclass(frozen=True, slots=True)
class _Read:
    """A candidate with its reading."""

    candidate: DateCandidate
    parsed: Parsed

    @property
    def day(self) -> date:
        return self.parsed.value.date()


@dataclass(slots=True)
class _Weighing:
    """What has been found out on the way."""

    fetched_at: datetime
    reads: list[_Read]
    notes: list[Evidence]
    flags: list[str]

    def refuse(self, read: _Read, note: str, flag: str) -> None:
        """Take a reading out, and keep it as evidence with the reason."""
        self.reads.remove(read)
        self.notes.append(_evidence(read, 0.0, note, rejected=True))
        self.flags.append(flag)


def choose_date(
    candidates: Sequence[DateCandidate],
    *,
    hints: Sequence[Hint] = (),
    fetched_at: datetime,
    url: str,
    lead: str | None,
    paragraphs: Sequence[str],
) -> PublishedDate:
    """The published time of a page. `fetched_at` is aware; `lead` and `paragraphs` give the event's day.

    What is shown beats what machines say, unless the line says "Cập nhật"; modified dates never win; a machine's date
    that is the time of fetching gives way to any other; future days and those before 1990 are refused. Hints and the
    address speak where the page is silent. Nothing known: None with precision none. The evidence keeps what lost.
    """
    everything = [*candidates, *_from_hints(hints)]
    weighing = _Weighing(fetched_at.astimezone(VIETNAM), [], [], [])
    _read_all(weighing, everything)
    _prove_month_first(weighing)
    _refuse_clocks(weighing)
    _refuse_modified(weighing)
    _refuse_render_times(weighing)
    address = url_date(url)
    winner = _winner(weighing.reads) or _completed(weighing, address, candidates) or _from_address(weighing, address)
    event = event_day(lead, paragraphs)
    return _outcome(weighing, winner, address, event)


# --- reading --------------------------------------------------------------------------------------------------


def _from_hints(hints: Iterable[Hint]) -> Iterable[DateCandidate]:
    for hint in hints:
        if hint.published:
            weight = _HINT_WEIGHT.get(hint.source, 0.5)
            yield DateCandidate(hint.source, hint.published, rule=f"hint of a {hint.source}", weight=weight)


def _read_all(weighing: _Weighing, candidates: Iterable[DateCandidate]) -> None:
    for candidate in candidates:
        now = weighing.fetched_at
        parsed = candidate.parsed
        if parsed is None or not is_possible(parsed, now) or candidate.month_first:
            parsed = parse_date(candidate.raw, now=now, month_first=candidate.month_first)
        if parsed is None and candidate.source not in _SHOWN:
            parsed = parse_date(candidate.raw, now=now, month_first=True)  # day-first it would lie ahead
            parsed = parsed if parsed is not None and parsed.month_first else None
        if parsed is not None:
            weighing.reads.append(_Read(candidate, parsed))
        elif re.search(r"\d{4}", candidate.raw):
            note = "refused: before 1990, more than a day after the fetch, or no day of the calendar"
            weighing.notes.append(
                Evidence("published_at_rejected", "", candidate.rule or candidate.source, candidate.raw[:300], 0.0, note)
            )
            weighing.flags.append("date_refused")


def _prove_month_first(weighing: _Weighing) -> None:
    """ASP.NET writes "8/7/2019 10:15:00 AM" for 7 August: believed where another candidate proves it."""
    reads = weighing.reads
    changed = [read.day for read in reads if read.candidate.modified]
    american = any(read.parsed.month_first and read.candidate.source not in _SHOWN for read in reads)
    for number, read in enumerate(reads):
        if read.candidate.source in _SHOWN or read.parsed.month_first or not re.match(r"\s*\d{1,2}/\d{1,2}/\d{4}", read.candidate.raw):
            continue
        other = parse_date(read.candidate.raw, now=weighing.fetched_at, month_first=True)
        if other is None or not other.month_first:
            continue
        others = {r.day for r in reads if r is not read and not r.parsed.yearless}
        late = any(read.day > day + TOLERANCE >= other.value.date() for day in changed)
        if (other.value.date() in others and read.day not in others) or american or late:
            reads[number] = _Read(replace(read.candidate, month_first=True), other)


def _refuse_clocks(weighing: _Weighing) -> None:
    """A date above the title that is the time of fetching is the page's clock."""
    for read in [r for r in weighing.reads if r.candidate.before_title]:
        now, value = weighing.fetched_at, read.parsed.value
        near = abs(value - now) < _RENDER_WINDOW if read.parsed.precision is Precision.MINUTE else read.day == now.date()
        if near:
            weighing.refuse(read, "the clock of the page: the time of fetching, above the title", "date_clock")


def _refuse_modified(weighing: _Weighing) -> None:
    """Modified dates are kept as evidence; a shown "Cập nhật: …" that is the only date of the page stays."""
    published = [r for r in weighing.reads if not r.candidate.modified and r.candidate.weight > 0]
    for read in [r for r in weighing.reads if r.candidate.modified]:
        if read.candidate.source in _SHOWN and not any(_comparable(read, other) for other in published):
            continue
        flag = "date_modified" if published else "date_modified_only"
        weighing.refuse(read, "the time of a change, not of publication", flag)


def _comparable(shown: _Read, other: _Read) -> bool:
    """Whether another date can take the place of a shown "Cập nhật" line: any that is not later than it."""
    if other.parsed.yearless:
        return False
    return other.candidate.source in (*_SHOWN, *_MACHINE) and other.day <= shown.day


def _refuse_render_times(weighing: _Weighing) -> None:
    """A machine date that is the time of fetching, where another place tells an earlier day."""
    changed = [note for note in weighing.notes if note.note.startswith("the time of a change")]
    for read in [r for r in weighing.reads if r.candidate.source in _MACHINE]:
        now = weighing.fetched_at
        fresh = abs(read.parsed.value - now) < _RENDER_WINDOW or read.day >= now.date()
        earlier = any(
            r is not read and r.day < read.day and r.candidate.weight > 0 and not r.parsed.yearless for r in weighing.reads
        )
        contradicted = any(note.value and note.value[:10] < (read.day - TOLERANCE).isoformat() for note in changed)
        if fresh and (earlier or contradicted):
            weighing.refuse(read, "the time of fetching: written when the page was rendered", "date_render_time")


# --- choosing -------------------------------------------------------------------------------------------------


def _winner(reads: Sequence[_Read]) -> _Read | None:
    usable = [r for r in reads if not r.parsed.yearless and r.candidate.weight > 0 and r.candidate.source != "address"]
    return max(usable, key=_rank, default=None)


def _rank(read: _Read) -> tuple[int, float, bool]:
    """Trusted shown lines, then machines, then weak shown lines, then hints; then weight."""
    source, weight = read.candidate.source, read.candidate.weight
    if source in _SHOWN and weight >= _TRUSTED:
        group = 4
    elif source in _MACHINE and weight >= _TRUSTED - 0.1:
        group = 3
    elif source in _SHOWN:
        group = 2
    else:
        group = 1
    if read.parsed.precision is Precision.MONTH:
        group = 0
    return group, weight, read.parsed.precision is Precision.MINUTE


def _completed(
    weighing: _Weighing, address: tuple[str, Precision] | None, candidates: Sequence[DateCandidate]
) -> _Read | None:
    """A shown day without a year, its year taken from the address or from a neighbour in a listing; else None."""
    known = [(r.day, f"from {r.candidate.rule}") for r in weighing.reads if not r.parsed.yearless]
    if address is not None:
        known.insert(0, (date.fromisoformat(address[0][:10]), "from the address"))
    for read in weighing.reads:
        if not read.parsed.yearless or (read.candidate.source in _SHOWN and read.candidate not in candidates):
            continue
        for day, source in known:
            found = _nearest(read.parsed.value, day)
            if found is None or found > weighing.fetched_at + TOLERANCE:
                continue
            weighing.flags.append("date_completed")
            parsed = replace(read.parsed, value=found, yearless=False)
            rule = f"{read.candidate.rule}; year {source}"
            return _Read(replace(read.candidate, weight=0.6, rule=rule), parsed)
        weighing.notes.append(_evidence(read, 0.0, "no year is shown and nothing tells it", rejected=True))
    return None


def _nearest(value: datetime, known: date) -> datetime | None:
    """The day and month of `value` in the year that brings it nearest to a known day."""
    found = complete(EventDay(value.day, value.month, None, "", ""), known)
    return None if found is None else value.replace(year=found.year, month=found.month, day=found.day)


def _from_address(weighing: _Weighing, address: tuple[str, Precision] | None) -> _Read | None:
    """A day or month that the address is filed under. A clock in an id is when the draft was begun: estimate only."""
    if address is None or address[1] is Precision.MINUTE:
        return None
    value = datetime.fromisoformat(address[0])
    value = (value if value.tzinfo else value.replace(tzinfo=VIETNAM)).astimezone(VIETNAM)
    if value > weighing.fetched_at + TOLERANCE:
        return None
    candidate = DateCandidate("address", address[0], rule="address", weight=0.6)
    return _Read(candidate, Parsed(value, address[1]))


# --- telling --------------------------------------------------------------------------------------------------


def _evidence(read: _Read, confidence: float, note: str, *, rejected: bool = False) -> Evidence:
    value = "" if read.parsed.yearless else _iso(read.parsed)
    name = "published_at_rejected" if rejected else "published_at"
    rule = read.candidate.rule or read.candidate.source
    return Evidence(name, value, rule, read.candidate.raw[:300], round(confidence, 2), note)


def _iso(parsed: Parsed) -> str:
    value = parsed.value.replace(second=0, microsecond=0)
    if parsed.precision is not Precision.MINUTE:
        value = value.replace(hour=0, minute=0)
    return value.isoformat()


def _outcome(
    weighing: _Weighing, winner: _Read | None, address: tuple[str, Precision] | None, event: EventDay | None
) -> PublishedDate:
    if winner is None:
        return _without(weighing, address, event)
    finer = _with_minute(winner, weighing.reads)
    notes = _notes(winner, finer)
    confidence = winner.candidate.weight
    for read in weighing.reads:
        if read in (winner, finer) or read.parsed.yearless or read.candidate.weight <= 0:
            continue
        if read.day != winner.day and read.parsed.precision is not Precision.MONTH:
            weighing.notes.append(_evidence(read, 0.0, f"another day than {winner.day.isoformat()}", rejected=True))
            weighing.flags.append("date_contradiction")
            confidence = min(confidence, 0.8)
        else:
            confidence = min(1.0, confidence + 0.02)
    if winner.parsed.placeholder_time and finer is winner:
        weighing.flags.append("date_placeholder_time")
    published = _iso(finer.parsed)
    happened = _event(weighing, event, winner.day)
    estimate, basis = published[:10], "published"
    if finer.parsed.precision is Precision.MONTH and happened and happened[:7] == published[:7]:
        estimate, basis = happened, "event_date"
    return PublishedDate(
        published_at=published,
        precision=finer.parsed.precision,
        event_date=happened,
        date_estimate=estimate,
        date_estimate_basis=basis,
        evidence=(_evidence(finer, confidence, "; ".join(notes)), *weighing.notes),
        flags=tuple(dict.fromkeys(weighing.flags)),
    )


def _notes(winner: _Read, finer: _Read) -> list[str]:
    notes = []
    if finer is not winner:
        shown = winner.candidate.rule or winner.candidate.source
        notes.append(f"the day is also told by {shown} ({winner.candidate.raw[:60]}), the minute only here")
    if finer.parsed.month_first:
        notes.append("month first, as other places of the page prove")
    if winner.parsed.placeholder_time:
        notes.append("the time shown is a placeholder for none")
    if winner.candidate.modified:
        notes.append("the only date shown says updated")
    if not finer.parsed.zone_given:
        notes.append("no zone given: +07:00 assumed")
    return notes


def _with_minute(winner: _Read, reads: Sequence[_Read]) -> _Read:
    """The winner, or where it tells the day only, the best other candidate that tells the minute of that day."""
    if winner.parsed.precision is Precision.MINUTE:
        return winner
    same = [
        r
        for r in reads
        if r.parsed.precision is Precision.MINUTE
        and not r.parsed.yearless
        and r.candidate.weight > 0
        and r.candidate.source != "sitemap"
        and (r.day == winner.day or (winner.parsed.precision is Precision.MONTH and r.day.replace(day=1) == winner.day))
    ]
    return max(same, key=_rank, default=winner)


def _event(weighing: _Weighing, event: EventDay | None, known: date | None) -> str | None:
    if event is None:
        return None
    note = ""
    day = event.dated(event.year) if event.year is not None else None
    if event.year is None and known is not None:
        day, note = complete(event, known), f"year completed from {known.isoformat()}"
    if day is None or day > (weighing.fetched_at + timedelta(days=366)).date():
        return None
    weighing.notes.append(Evidence("event_date", day.isoformat(), event.rule, event.raw, 0.9 if not note else 0.8, note))
    return day.isoformat()


def _without(weighing: _Weighing, address: tuple[str, Precision] | None, event: EventDay | None) -> PublishedDate:
    """No published time: an estimate from a clock in the address, else from the event's day, else none."""
    known = None
    if address is not None and address[1] is Precision.MINUTE:
        known = date.fromisoformat(address[0][:10])
        if known > (weighing.fetched_at + TOLERANCE).date():
            known = None
    happened = _event(weighing, event, known)
    estimate, basis = None, None
    if known is not None:
        estimate, basis = known.isoformat(), "address"
    elif happened is not None and happened <= (weighing.fetched_at + TOLERANCE).date().isoformat():
        estimate, basis = happened, "event_date"
    return PublishedDate(
        event_date=happened,
        date_estimate=estimate,
        date_estimate_basis=basis,
        evidence=tuple(weighing.notes),
        flags=tuple(dict.fromkeys(weighing.flags)),
    )
