"""What there is to tell after a run: trouble that was not told yet, and told trouble that is over."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from khotin.telling.channels import Channel, Message, NotTold
from pipelines.health import Health, SiteHealth, latest
from pipelines.schema import StoreError, iso
from pipelines.store import Store

RUN = "*"
"""The subject under which a run that failed is noted; all others are sites."""
FAILED = "failed"
PROBLEMS = "problems"
"""What `told` notes of a site with problems of the run, under a subject of its own: it may be judged well."""
Problems = Mapping[str, Sequence[str]]
"""Site -> what went wrong with it in this run, nothing where all went well; sites that tell nothing are missing."""
TOLD = frozenset({Health.QUIET, Health.BLOCKED, Health.MOVED, Health.REDESIGNED, Health.DEAD})
"""Verdicts that are told. Quiet is no fault of ours or theirs, but the card asks that someone looks."""


SHOWN = 10
"""Problems of a site in a message; the summary of the crawl has all."""


@dataclass(frozen=True, slots=True)
class News:
    """What was not told yet."""

    begun: tuple[SiteHealth, ...] = ()
    over: tuple[SiteHealth, ...] = ()
    """Sites whose told trouble is over, as they are now."""
    odd: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Site -> problems of the run that no verdict tells of: a fault at a page, a listing that gave nothing to read."""
    even: tuple[str, ...] = ()
    """Sites whose told problems are over."""
    was: Mapping[str, str] | None = None
    """Subject -> the trouble that was told last."""
    failure: str = ""
    """Why the run itself ended before its time."""
    recovered: bool = False
    """The run before had failed, this one went to its end."""

    def __bool__(self) -> bool:
        return bool(self.begun or self.over or self.odd or self.even or self.failure or self.recovered)


def _subject(site: str) -> str:
    return f"{site}:{PROBLEMS}"


def gather(cx: sqlite3.Connection, failure: str = "", problems: Problems | None = None) -> News:
    """Compare the newest verdicts, and the run that just ended, with what was told."""
    was: dict[str, str] = dict(cx.execute("SELECT subject, trouble FROM told"))
    newest = latest(cx)
    # Of a site whose verdict is told its problems are no news.
    well = {s: p for s, p in (problems or {}).items() if s not in newest or newest[s].verdict not in TOLD}
    return News(
        begun=tuple(one for one in newest.values() if one.verdict in TOLD and was.get(one.site) != one.verdict.value),
        over=tuple(one for one in newest.values() if one.verdict not in TOLD and one.site in was),
        odd={site: tuple(lines) for site, lines in well.items() if lines and _subject(site) not in was},
        even=tuple(site for site, lines in well.items() if not lines and _subject(site) in was),
        was=was,
        failure=failure if failure and RUN not in was else "",
        recovered=not failure and RUN in was,
    )


def note(cx: sqlite3.Connection, news: News, now: datetime) -> None:
    """Write down that the news were told."""
    begun = [(one.site, one.verdict.value) for one in news.begun]
    begun += [(_subject(site), PROBLEMS) for site in news.odd]
    if news.failure:
        begun.append((RUN, FAILED))
    cx.executemany(
        "INSERT OR REPLACE INTO told (subject, trouble, told_at) VALUES (?, ?, ?)",
        [(subject, trouble, iso(now)) for subject, trouble in begun],
    )
    over = [*(one.site for one in news.over), *map(_subject, news.even)] + ([RUN] if news.recovered else [])
    cx.executemany("DELETE FROM told WHERE subject = ?", [(subject,) for subject in over])


def message_of(news: News, summary: str = "") -> Message:
    """The news as one message; `summary` is what the run did, in lines for a person."""
    heads, lines, facts = [], [], []
    was = news.was or {}
    if news.failure:
        heads.append("the crawl failed")
        lines += [f"The crawl ended before its time: {news.failure}", ""]
    if news.recovered:
        heads.append("the crawl works again")
        lines += ["The crawl went to its end again.", ""]
    for one in (*news.begun, *news.over):
        again = "" if one in news.begun else " again"
        before = f", was {was[one.site]}" if one.site in was else ""
        heads.append(f"{one.site} {one.verdict}{again}")
        lines.append(f"{one.site}: {one.verdict}{again} since {one.since}{before}")
        lines += [f"  {line}" for line in one.evidence if not again]
        facts.append(
            {
                "site": one.site,
                "verdict": one.verdict.value,
                "was": was.get(one.site),
                "since": one.since,
                "evidence": [{"expected": line.expected, "came": line.came} for line in one.evidence],
            }
        )
    for site, problems in news.odd.items():
        heads.append(f"{site} had problems")
        lines += [f"{site}: had problems in this crawl", *(f"  {one}" for one in problems[:SHOWN])]
        lines += [f"  and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
    for site in news.even:
        heads.append(f"{site} has no problems any more")
        lines.append(f"{site}: had no problems in this crawl")
    if summary:
        lines += ["", summary]
    shown = ", ".join(heads[:3]) + (f" and {len(heads) - 3} more" if len(heads) > 3 else "")
    return Message(
        f"khotin: {shown}",
        "\n".join(lines).strip(),
        {
            "sites": facts,
            "problems": {site: list(problems) for site, problems in news.odd.items()}
            | {site: [] for site in news.even},
            "failure": news.failure or None,
        },
    )


def tell_news(
    archive: Path,
    channels: Sequence[Channel],
    *,
    now: datetime,
    failure: str = "",
    problems: Problems | None = None,
    summary: str = "",
) -> tuple[bool, tuple[NotTold, ...]]:
    """Send what was not told yet. Returns whether anything was sent, and the channels that failed.

    One message holds all the news. They count as told when one channel took them; when none did, they are tried
    again after the next run. Raises the errors of `Store.open`.
    """
    if not channels:
        return False, ()
    try:
        store = Store.open(archive, create=False)
    except StoreError:
        if not failure:
            raise
        # The trouble is that the archive can't be opened; without it nothing is remembered, and it is told again.
        untold = send(channels, message_of(News(failure=failure), summary))
        return len(untold) < len(channels), untold
    with store:
        with store.transaction() as cx:
            news = gather(cx, failure, problems)
        if not news:
            return False, ()
        untold = send(channels, message_of(news, summary))
        if len(untold) < len(channels):
            with store.transaction() as cx:
                note(cx, news, now)
    return len(untold) < len(channels), untold


def send(channels: Sequence[Channel], message: Message) -> tuple[NotTold, ...]:
    """Send one message by every channel; one that fails stops no other. Returns the failures."""
    problems = []
    for channel in channels:
        try:
            channel.send(message)
        except NotTold as error:
            problems.append(error)
    return tuple(problems)
