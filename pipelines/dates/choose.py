"""Weighing the candidates: one published time, its precision, what contradicts it, and the estimate for
sorting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from pipelines.article import VIETNAM, Evidence, Hint, Precision, PublishedDate
from pipelines.dates.candidates import DateCandidate
from pipelines.dates.event import EventDay, complete, event_day
from pipelines.dates.reading import TOLERANCE, Parsed
from pipelines.dates.weighing import MACHINE, SHOWN, Reading, Weighing, evidence_of, iso, weigh
from pipelines.identity import url_date

_TRUSTED = 0.6  # a shown line of less weight gives way to what the machine says


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

    What is shown beats what machines say, unless the line says "Cập nhật"; modified dates never win; a
    machine's date that is the time of fetching gives way to any other; future days and those before 1990 are
    refused. Hints and the address speak where the page is silent. Nothing known: None with precision none.
    The evidence keeps what lost.
    """
    weighing = weigh(candidates, hints, fetched_at)
    address = url_date(url)
    winner = _winner(weighing.reads) or _completed(weighing, address, candidates) or _from_address(weighing, address)
    event = event_day(lead, paragraphs)
    return _outcome(weighing, winner, address, event)


# --- choosing
# -------------------------------------------------------------------------------------------------


def _winner(reads: Sequence[Reading]) -> Reading | None:
    usable = [r for r in reads if not r.parsed.yearless and r.candidate.weight > 0 and r.candidate.source != "address"]
    return max(usable, key=_rank, default=None)


def _rank(read: Reading) -> tuple[int, float, bool]:
    """Trusted shown lines, then machines, then weak shown lines, then hints; then weight."""
    source, weight = read.candidate.source, read.candidate.weight
    if source in SHOWN and weight >= _TRUSTED:
        group = 4
    elif source in MACHINE and weight >= _TRUSTED - 0.1:
        group = 3
    elif source in SHOWN:
        group = 2
    else:
        group = 1
    if read.parsed.precision is Precision.MONTH:
        group = 0
    return group, weight, read.parsed.precision is Precision.MINUTE


def _completed(
    weighing: Weighing, address: tuple[str, Precision] | None, candidates: Sequence[DateCandidate]
) -> Reading | None:
    """A shown day without a year, its year taken from the address or from a neighbour in a listing; else
    None.
    """
    known = [(r.day, f"from {r.candidate.rule}") for r in weighing.reads if not r.parsed.yearless]
    if address is not None:
        known.insert(0, (date.fromisoformat(address[0][:10]), "from the address"))
    for read in weighing.reads:
        if not read.parsed.yearless or (read.candidate.source in SHOWN and read.candidate not in candidates):
            continue
        for day, source in known:
            found = _nearest(read.parsed.value, day)
            if found is None or found > weighing.fetched_at + TOLERANCE:
                continue
            weighing.flags.append("date_completed")
            parsed = replace(read.parsed, value=found, yearless=False)
            rule = f"{read.candidate.rule}; year {source}"
            return Reading(replace(read.candidate, weight=0.6, rule=rule), parsed)
        weighing.notes.append(evidence_of(read, 0.0, "no year is shown and nothing tells it", rejected=True))
    return None


def _nearest(value: datetime, known: date) -> datetime | None:
    """The day and month of `value` in the year that brings it nearest to a known day."""
    found = complete(EventDay(value.day, value.month, None, "", ""), known)
    return None if found is None else value.replace(year=found.year, month=found.month, day=found.day)


def _from_address(weighing: Weighing, address: tuple[str, Precision] | None) -> Reading | None:
    """A day or month that the address is filed under. A clock in an id is when the draft was begun: estimate
    only.
    """
    if address is None or address[1] is Precision.MINUTE:
        return None
    value = datetime.fromisoformat(address[0])
    value = (value if value.tzinfo else value.replace(tzinfo=VIETNAM)).astimezone(VIETNAM)
    if value > weighing.fetched_at + TOLERANCE:
        return None
    candidate = DateCandidate("address", address[0], rule="address", weight=0.6)
    return Reading(candidate, Parsed(value, address[1]))


# --- telling
# --------------------------------------------------------------------------------------------------


def _outcome(
    weighing: Weighing, winner: Reading | None, address: tuple[str, Precision] | None, event: EventDay | None
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
            weighing.notes.append(evidence_of(read, 0.0, f"another day than {winner.day.isoformat()}", rejected=True))
            weighing.flags.append("date_contradiction")
            confidence = min(confidence, 0.8)
        else:
            confidence = min(1.0, confidence + 0.02)
    if winner.parsed.placeholder_time and finer is winner:
        weighing.flags.append("date_placeholder_time")
    published = iso(finer.parsed)
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
        evidence=(evidence_of(finer, confidence, "; ".join(notes)), *weighing.notes),
        flags=tuple(dict.fromkeys(weighing.flags)),
    )


def _notes(winner: Reading, finer: Reading) -> list[str]:
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


def _with_minute(winner: Reading, reads: Sequence[Reading]) -> Reading:
    """The winner, or where it tells only the day, the best other candidate with the minute of that day."""
    if winner.parsed.precision is Precision.MINUTE:
        return winner
    same = [
        r
        for r in reads
        if r.parsed.precision is Precision.MINUTE
        and not r.parsed.yearless
        and r.candidate.weight > 0
        and (r.day == winner.day or (winner.parsed.precision is Precision.MONTH and r.day.replace(day=1) == winner.day))
    ]
    return max(same, key=_rank, default=winner)


def _event(weighing: Weighing, event: EventDay | None, known: date | None) -> str | None:
    if event is None:
        return None
    note = ""
    day = event.dated(event.year) if event.year is not None else None
    if event.year is None and known is not None:
        day, note = complete(event, known), f"year completed from {known.isoformat()}"
    if day is None or day > (weighing.fetched_at + timedelta(days=366)).date():
        return None
    weighing.notes.append(
        Evidence("event_date", day.isoformat(), event.rule, event.raw, 0.9 if not note else 0.8, note)
    )
    return day.isoformat()


def _without(weighing: Weighing, address: tuple[str, Precision] | None, event: EventDay | None) -> PublishedDate:
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
