"""A listing of unknown layout: every link with an article's address, and the date that stands nearest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice

from lxml.html import HtmlElement

from pipelines.article import Hint
from scrapers.discovery.found import Gathering, line

_CLOCK = r"\d{1,2}[:h]\d{2}(?::\d{2})?(?:\s*[AP]M)?"
_DAY = r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*(?:19|20)\d\d"
_DATE = re.compile(
    # as in "26/07/2022 | 09:50 AM", "20:05 01/07/2020", "7/3/2026, 00:05 (GMT+7)", "08/01/2026 - 18:21"
    rf"(?:{_CLOCK}[\s,|-]*)?(?<![\d/]){_DAY}(?!\d)(?:[\s,|-]*{_CLOCK})?(?:\s*\(?(?:GMT|UTC)[^\s)]*\)?)?"
    # as in "2025-08-30T01:07:33+0700", "2025-06-30 19:02:21"
    r"|(?<!\d)20\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:\s*[+-]\d\d:?\d\d|Z)?)?(?!\d)"
    # "( 20/08)": a day without a year, only in brackets; "2 giờ trước"
    r"|\(\s*\d{1,2}/\d{1,2}\s*\)"
    r"|(?<!\w)\d{1,2}\s+(?:phút|giờ|ngày|tuần|tháng)\s+trước",
    re.IGNORECASE,
)
# "3/5/2026 3:34:00 PM" beside "05/03/2026 15:34" (baochinhphu.vn): a machine's American form, month first.
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) (\d{1,2}):(\d\d):(\d\d) ([AP])M")
_BESIDE = 30
"""Letters that may stand beside a date in its line: "Ngày đăng … Lượt xem". With more it is a sentence."""
_NEAR = 1500
"""Characters of an item at most, its links apart, in which a date still belongs to the link."""
_LEVELS, _CLIMB = 24, 10
"""Levels above a link that are told of it, and of those searched for its date: pages nested without end."""
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_ASIDE = frozenset({"aside", "nav", "footer", "header"})


def gather_links(tree: HtmlElement, base: str, gathering: Gathering, section: str | None) -> None:
    """All links to articles, in document order. Links in side columns, menus and footers get no section."""
    own: dict[HtmlElement, set[str]] = {}
    links: list[tuple[HtmlElement, str]] = []
    for link in tree.iter("a"):
        url = gathering.article(link.get("href") or "", base) if link.get("href") else None
        if url is None:
            continue
        links.append((link, url))
        for around in (link, *islice(link.iterancestors(), _LEVELS)):
            own.setdefault(around, set()).add(url)
    for link, url in links:
        aside = any(around.tag in _ASIDE for around in link.iterancestors())
        title = _title(link.text_content()) or _title(link.get("title"))
        hint = Hint("listing", _date_near(link, own), title, None if aside else section)
        gathering.add(url, base, hint)
    for link, url in links:
        # A picture's text only where no link to the article has words: it is often the file's name.
        gathering.add(url, base, Hint("listing", title=_title(alt_text(link))))


def nearest_date(element: HtmlElement, skip: Callable[[HtmlElement], bool]) -> str | None:
    """The first date inside an element that stands alone or nearly so, skipped parts apart."""
    for part in _parts(element, skip):
        found = moment(part, next((d for text in _texts(part) if (d := lone_date(text))), None))
        if found:
            return found
    return None


def moment(element: HtmlElement, shown: str | None) -> str | None:
    """The date of one element: a machine's `datetime`, else what it shows, else the date in its `title`."""
    if element.tag == "time" and (machine := line(element.get("datetime"))):
        return machine
    title = (element.get("title") or "").strip()
    if _DATE.fullmatch(title.removesuffix(".")) and (shown is None or "trước" in shown):
        return _month_first(title)
    return shown


def lone_date(text: str | None) -> str | None:
    """The date, as written, of a line with little else: "Ngày đăng 31/10/2020 | 11:19 AM | View count: 9"."""
    match = _DATE.search(text or "")
    if not match or not text:
        return None
    beside = text[: match.start()] + text[match.end() :]
    return line(match[0].strip("() ")) if sum(map(str.isalpha, beside)) <= _BESIDE else None


def alt_text(link: HtmlElement) -> str | None:
    """What a link's first picture with a text says."""
    return next((image.get("alt") for image in link.iter("img") if image.get("alt")), None)


def _date_near(link: HtmlElement, own: dict[HtmlElement, set[str]]) -> str | None:
    """The date in the largest part of the page that has this article's links only, the nearest first."""
    if found := _date_inside(link):
        return found
    item = link
    for around in islice(link.iterancestors(), _CLIMB):
        if len(own[around]) > 1 or around.tag in {"body", "main"} or _length(around) > _NEAR:
            break
        item = around
        if found := nearest_date(around, lambda element: element.tag == "a"):
            return found
    return _date_after(item, own) if len(own.get(item.getparent(), ())) > 1 else None


def _date_inside(link: HtmlElement) -> str | None:
    """A date that has an element of its own inside the link; one among its words belongs to the title."""
    words = line(link.text_content())
    parts = (part for part in link.iterdescendants() if part.tag not in _HEADINGS)
    return next((d for part in parts if line(part.text_content()) != words and (d := nearest_date(part, _none))), None)


def _date_after(item: HtmlElement, own: dict[HtmlElement, set[str]]) -> str | None:
    """In flat markup ("<a>…</a> (20/08)<br><a>…"): the date between this link and the next.

    Not where a date stands before the first link: there the date that follows is the next link's.
    """
    parent = item.getparent()
    if lone_date(parent.text):
        return None
    for before in parent:
        if before in own:
            break
        if _date_of(before):
            return None
    if found := lone_date(item.tail):
        return found
    for after in item.itersiblings():
        if after in own:
            return None
        if found := _date_of(after):
            return found
    return None


def _date_of(sibling: HtmlElement) -> str | None:
    return nearest_date(sibling, _none) or lone_date(sibling.tail)


def _none(_: HtmlElement) -> bool:
    """Skips nothing."""
    return False


def _parts(element: HtmlElement, skip: Callable[[HtmlElement], bool]) -> Iterator[HtmlElement]:
    """The element and what is inside, in document order, without skipped parts, scripts and styles."""
    waiting = [element]
    while waiting:
        part = waiting.pop()
        yield part
        children = (c for c in part if c.tag not in {"script", "style", "noscript"} and not skip(c))
        waiting.extend(reversed(list(children)))


def _texts(part: HtmlElement) -> Iterator[str]:
    yield part.text or ""
    for child in part:
        yield child.tail or ""


def _length(element: HtmlElement) -> int:
    """Characters of an element, its links apart."""
    parts = _parts(element, lambda inner: inner.tag == "a")
    return sum(len(text.strip()) for part in parts for text in _texts(part))


def _month_first(text: str) -> str:
    match = _AMERICAN.fullmatch(text)
    if not match or int(match[1]) > 12:
        return text
    month, day, year, hour = (int(match[i]) for i in range(1, 5))
    return f"{year}-{month:02}-{day:02}T{hour % 12 + 12 * (match[7] == 'P'):02}:{match[5]}:{match[6]}"


def _title(text: str | None) -> str | None:
    """A link's text as a title; "Xem tiếp" and lone numbers are none."""
    cleaned = (line(text) or "").lstrip(">»•·-– ")
    return cleaned if sum(map(str.isalpha, cleaned)) >= 10 else None
