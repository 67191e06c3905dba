"""What `new-site` and `check` print."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from khotin.terminal import console, counted, print_json
from pipelines.article import Article

if TYPE_CHECKING:
    from scrapers.ingest import IngestReport
    from scrapers.probing.check import Checked
    from scrapers.probing.found import Probed
    from scrapers.probing.saved import Compared
    from scrapers.probing.writing import Written


SHOWN = 8
"""Hosts, and content types, that are named of those left out."""


@contextmanager
def telling(as_json: bool) -> Iterator[Callable[[str], None]]:
    """Each request on stderr as it is answered; nothing where a program reads."""
    err = console(stderr=True)
    yield (lambda _: None) if as_json else (lambda line: err.print(line, markup=False, style="dim"))


def probed(found: Probed, written: Written, as_json: bool) -> None:
    """What a probe found, what it is unsure of, and what to do next."""
    if as_json:
        print_json(_record(found, written))
        return
    from scrapers.probing.writing import is_default

    out = console()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(found):
        table.add_row(name, Text(value))
    out.print(table)
    if found.unsure:
        out.print("\nUnsure:")
        for line in found.unsure:
            out.print(f"- {line}", markup=False)
    out.print("\nWritten:")
    for path in (written.card, *([written.family] if written.family else [])):
        out.print(f"  {path}", markup=False)
    out.print(f"  {written.pages[0].parent}/  ({len(written.pages)} saved pages)", markup=False)
    out.print("\nNext:")
    cards = written.card.parents[1]
    named = "" if is_default(cards) else f"KHOTIN_CARDS={shlex.quote(str(cards))} "
    steps = (
        f"1. Read {written.card} and settle every line with 'decide:'.",
        "2. Read each saved page's .json beside the page in a browser, correct it, put your name under read_by.",
        f"3. {named}khotin check {found.site.id} --saved     until nothing is left to look at",
        f"4. {named}khotin check {found.site.id}             looks at the site with the card",
    )
    for step in steps:
        out.print(step, markup=False)


def checked(found: Checked, as_json: bool) -> None:
    """What a look at a site found, line by line, with the articles as they were read."""
    if as_json:
        print_json({"site": found.site, "holds": found.holds, "at": found.at, "live": found.live,
                    "requests": found.requests, "findings": found.findings, "articles": found.articles})  # fmt: skip
        return
    out = console()
    table = Table(box=None, pad_edge=False)
    for column in ("", "what", "found", "address"):
        table.add_column(column, no_wrap=column in ("", "what"), overflow="fold")
    styles = {"ok": "green", "note": "yellow", "trouble": "bold red"}
    for one in found.findings:
        table.add_row(Text(one.holds.value, style=styles[one.holds.value]), one.what, Text(one.text), Text(one.url))
    out.print(table)
    for article in found.articles:
        out.print(f"\n{article.title}", markup=False, style="bold")
        day = (article.published_at or "no date")[:16].replace("T", " ")
        flags = f"; flags: {', '.join(article.flags)}" if article.flags else ""
        by = article.byline or "no byline"
        out.print(f"  {day}; {by}; {article.characters:,} characters; {article.template}{flags}", markup=False)
        out.print(f"  {article.url}", markup=False)
    troubles = sum(one.holds.value == "trouble" for one in found.findings)
    end = "All of the card holds that was looked at" if found.holds else f"{troubles} lines of trouble"
    out.print(f"\n{found.site}: {end}. {counted(found.requests, 'request')}; nothing was stored.", markup=False)


def compared(pages: Sequence[Compared], as_json: bool) -> None:
    """What became of saved pages that were read again."""
    if as_json:
        print_json([{"file": str(one.file), "url": one.url, "read_by": one.read_by, "differs": one.differs,
                     "problem": one.problem} for one in pages])  # fmt: skip
        return
    out = console()
    for one in pages:
        out.print(f"{one.problem or f'{one.file}: as expected, read by {one.read_by}'}\n  {one.url}", markup=False)
    unread = sum(not one.read_by for one in pages)
    changed = sum(bool(one.differs) for one in pages)
    out.print(f"{counted(len(pages), 'saved page')}: {unread} not looked at yet, {changed} otherwise than expected.")
    if unread:
        out.print("Open each address in a browser, compare it with the JSON file, and put your name in its read_by.")


def ingested(report: IngestReport, as_json: bool) -> None:
    """What was taken from WARC files of others, and what was left."""
    if as_json:
        print_json(report)
        return
    out = console()
    for problem in report.problems:
        out.print(problem, markup=False)
    if report.lost:
        out.print(f"{report.lost:,} captures were lost, as in a power cut; the next crawl fetches them again")
    for site, number in report.taken.items():
        out.print(f"{site}: {counted(number, 'capture')} taken", markup=False)
    if report.known:
        out.print(f"{report.known:,} captures were there already")
    for title, left in (("other hosts", report.other_hosts), ("no pages", report.no_pages)):
        if left:
            shown = [f"{name} {number:,}" for name, number in list(left.items())[:SHOWN]]
            more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
            out.print(f"left out, {title}: {', '.join(shown)}{more}", markup=False)
    counts = ", ".join(f"{number} {name.replace('_', ' ')}" for name, number in report.counts.items())
    out.print(
        f"Read {counted(report.files, 'WARC file')}: {counts or 'no page of a site of the catalogue'}.", markup=False
    )


def _facts(found: Probed) -> Iterator[tuple[str, str]]:
    site = found.site
    yield "site", f"{found.name} ({found.host}), {site.kind.replace('_', ' ')}"
    row = found.province.row if found.province else None
    yield "province", f"{row.short_name} ({row.code} of the {row.scheme})" if row else "not known"
    for section in found.sections:
        pages = ", further pages" if section.pages else ""
        yield (
            "section",
            f"{section.title or '(no title)'}: {counted(len(section.articles), 'article')}{pages}  {section.url}",
        )
        for feed in section.feeds:
            yield "  feed", feed
    for source in found.unused:
        yield "not used", f"{source.url} ({counted(source.articles, 'article')}): {source.why}"
    fit, count = found.fit, len(found.samples)
    if fit:
        yield "family", f"{fit.family}: reads {fit.pages} of {count} articles ({', '.join(fit.templates)})"
    else:
        proposal = found.proposal
        held = (
            f"selectors proposed, right on {proposal.agrees} of {count}"
            if proposal and proposal.template
            else "none fits"
        )
        yield "family", f"{site.family}, new: {held}" + (f"; made with {found.generator}" if found.generator else "")
    patterns = [form.pattern for form in found.forms] if found.own_patterns else list(found.family.article_urls)
    yield "articles", f"{'  '.join(patterns)}{'' if found.own_patterns else '  (the family' + chr(39) + 's)'}"
    for sample in found.samples:
        yield "", _sample(sample.result, sample.capture.url)
    if found.week:
        yield "a week", f"about {found.week[0]:.0f} articles, by {found.week[1]} dates"
    yield "pages", f"{found.pages} read, {len(found.visits)} asked for"


def _sample(result: Any, url: str) -> str:
    if not isinstance(result, Article):
        return f"{result.verdict}: {result.reason}  {url}"
    day = (result.date.published_at or "no date")[:16].replace("T", " ")
    return (
        f"{day}  {result.title}  ({result.byline or 'no byline'}; {len(result.body):,} characters; {result.template})"
    )


def _record(found: Probed, written: Written) -> dict[str, Any]:
    row = found.province.row if found.province else None
    return {
        "site": found.site.id,
        "name": found.name,
        "host": found.host,
        "kind": found.site.kind,
        "province": {"code": row.code, "scheme": row.scheme, "name": row.short_name} if row else None,
        "family": found.site.family,
        "new_family": found.new_family,
        "article_urls": list(found.site.rules.article_urls),
        "sections": [
            {"url": one.url, "title": one.title, "articles": len(one.articles), "dated": len(one.dates),
             "pages": list(one.pages), "feeds": list(one.feeds), "problems": list(one.problems)}
            for one in found.sections
        ],
        "not_used": [{"url": one.url, "articles": one.articles, "why": one.why} for one in found.unused],
        "samples": [
            {"url": one.capture.url, "verdict": one.result.verdict.value, "title": getattr(one.result, "title", None),
             "template": getattr(one.result, "template", None)}
            for one in found.samples
        ],
        "unsure": list(found.unsure),
        "pages": found.pages,
        "written": [str(path) for path in (written.card, written.family, *written.pages) if path],
    }  # fmt: skip
