"""Two nights at five sites: what was asked for, and what came back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from make import hanoimoi
from make.plan import SitePlan
from make.site import NOTE, Placed, Section, View
from make.texts import VIETNAM
from make.warcs import Exchange, stored_gzip

STARTS = {
    1: datetime(2026, 11, 20, 20, 30, tzinfo=VIETNAM),
    2: datetime(2026, 11, 21, 20, 30, tzinfo=VIETNAM),
}
_HTML = "text/html; charset=utf-8"
# 177 bytes, status 200: sets a cookie and loads the page anew; only a browser gets past it
CHALLENGE = (
    b'<html><body><script>document.cookie="D1N=00000000000000000000000000000000"+"; expires=Fri, '
    b'31-Dec-2027 23:59:59 GMT; path=/";window.location.reload(true);</script></body></html>'
)
GONE_IN_WORDS = "Nội dung không tồn tại hoặc đã bị gỡ bỏ."
_MISSING = "<html><head><title>404 Not Found</title></head><body><h1>Not Found</h1></body></html>\n"


@dataclass(slots=True)
class _Clock:
    """Time passes between requests: three seconds each, as a polite crawler takes it."""

    now: datetime

    def tick(self) -> datetime:
        self.now += timedelta(seconds=3)
        return self.now


def exchanges(plan: SitePlan, night: int, offset: int) -> tuple[Exchange, ...]:
    """All exchanges of one site in one night, in order of time; `offset` minutes after the night's start."""
    return tuple(_night(plan, night, _Clock(STARTS[night] + timedelta(minutes=offset))))


def present(plan: SitePlan, night: int) -> tuple[Placed, ...]:
    """The stories that the site lists on a night, newest first, as they stand on that night."""
    gone = {key for key, _ in plan.removed} if night > 1 else set()
    shown = (item for item in plan.stories if night > 1 or item.story.key not in plan.new)
    return tuple(
        replace(item, story=item.story.edited()) if night > 1 else item for item in shown if item.story.key not in gone
    )


def listings(plan: SitePlan, night: int) -> Iterator[tuple[Section, int, int, Sequence[Placed]]]:
    """Section, page, number of pages and items of every listing page of a night."""
    items = present(plan, night)
    further = dict(plan.sections)
    moved = dict(plan.redirects)
    seconds = dict(plan.seconds)
    for section in plan.layout.sections:
        if section.url in further:
            keys = further[section.url]
            own = [item for item in items if item.story.key in keys]
            # the same story is listed here under its other address: the former host's, the other section's
            own = [
                replace(item, url={**moved, **seconds}.get(item.story.key, item.url))
                if item.section != section
                else item
                for item in own
            ]
        else:
            own = [item for item in items if item.section == section]
            if len(plan.layout.sections) == 1:
                own += [replace(plan.placed(key), url=url) for key, url in plan.seconds]
        pages = -(-len(own) // plan.page_size)
        for page in range(1, pages + 1):
            yield section, page, pages, own[(page - 1) * plan.page_size : page * plan.page_size]


def _night(plan: SitePlan, night: int, clock: _Clock) -> Iterator[Exchange]:
    layout = plan.layout
    items = present(plan, night)
    yield _robots(plan, clock.tick())
    front: list[str] = []
    for section, page, pages, own in listings(plan, night):
        at = clock.tick()
        view = View(at, items)
        yield _page(plan, layout.listing_address(section, page), at, layout.listing(section, page, pages, own, view))
        front += [item.story.key for item in own] if page == 1 else []
    if isinstance(layout, hanoimoi.HanoiMoi):
        yield from _feeds(plan, items, clock)
    for item in items:
        key = item.story.key
        if key in plan.dead or (night > 1 and key not in front):
            continue
        at = clock.tick()
        if key in plan.challenge:
            yield _answer(plan, item.url, at, 200, "OK", "text/html", CHALLENGE)
            continue
        body = layout.article(item, View(at, [other for other in items if other.story.key != key]))
        yield _page(plan, item.url, at, body, broken=dict(plan.broken).get(key, ""))
    yield from _others(plan, night, items, clock)


def _others(plan: SitePlan, night: int, items: Sequence[Placed], clock: _Clock) -> Iterator[Exchange]:
    """Second addresses and former addresses; what was removed (second night)."""
    for key, url in plan.seconds:
        at, item = clock.tick(), plan.placed(key)
        body = plan.layout.article(item, View(at, [other for other in items if other.story.key != key]))
        yield _page(plan, url, at, body)
    for key, url in plan.redirects:
        host = "/".join(url.split("/")[:3])
        yield _answer(plan, f"{host}/robots.txt", clock.tick(), 200, "OK", "text/plain", b"User-agent: *\nAllow: /\n")
        at = clock.tick()
        yield _answer(plan, url, at, 301, "Moved Permanently", _HTML, b"", location=plan.placed(key).url)
    for key, status in plan.removed if night > 1 else ():
        at, url = clock.tick(), plan.placed(key).url
        if status == 200:
            text = f"<html><head><meta charset='utf-8'><title>Thông báo</title></head><body><p>{GONE_IN_WORDS}</p>"
            yield _page(plan, url, at, f"{text}<p><a href='/'>Về trang chủ</a></p><!-- {NOTE} --></body></html>\n")
        else:
            reason = {404: "Not Found", 410: "Gone"}[status]
            yield _answer(plan, url, at, status, reason, "text/html", _MISSING.encode())


def _feeds(plan: SitePlan, items: Sequence[Placed], clock: _Clock) -> Iterator[Exchange]:
    for section in plan.layout.sections:
        keys = dict(plan.sections).get(section.url)
        own = [i for i in items if (i.story.key in keys if keys else i.section == section)][:10]
        at = clock.tick()
        body = hanoimoi.feed(section, own, at).encode()
        yield _answer(plan, hanoimoi.feed_address(section), at, 200, "OK", "text/xml; charset=utf-8", body)
    at = clock.tick()
    url = "https://hanoimoi.vn/sitemap.xml"
    yield _answer(plan, url, at, 200, "OK", "application/xml", hanoimoi.sitemap_index(at).encode())
    at = clock.tick()
    news = hanoimoi.sitemap(items[:8], news=True).encode()
    yield _answer(plan, "https://hanoimoi.vn/sitemap-news.xml", at, 200, "OK", "application/xml", news)
    at = clock.tick()
    month = [item for item in items if item.story.published and (item.story.published.month == 11)]
    packed = stored_gzip(hanoimoi.sitemap(month, news=False).encode())
    url = "https://hanoimoi.vn/sitemap-article-2026-11.xml.gz"
    yield _answer(plan, url, at, 200, "OK", "application/x-gzip", packed)


def _robots(plan: SitePlan, at: datetime) -> Exchange:
    url = f"https://{plan.layout.host}/robots.txt"
    if plan.layout.robots is None:
        return _answer(plan, url, at, 404, "Not Found", "text/html", _MISSING.encode())
    return _answer(plan, url, at, 200, "OK", "text/plain", plan.layout.robots.encode())


def _page(plan: SitePlan, url: str, at: datetime, text: str, *, broken: str = "") -> Exchange:
    body = text.encode()
    if broken:
        word = broken.encode()
        cut = next(n for n, byte in enumerate(word) if byte >= 0xC0) + 1  # drop the byte after the first lead byte
        body = body.replace(word, word[:cut] + word[cut + 1 :])
        body = body.replace(b"&bull; ", b"\x95 ", 1)  # a bullet of windows-1252 in the first list
    return _answer(plan, url, at, 200, "OK", _HTML, body, packed=True)


def _answer(
    plan: SitePlan,
    url: str,
    at: datetime,
    status: int,
    reason: str,
    content_type: str,
    body: bytes,
    *,
    location: str = "",
    packed: bool = False,
) -> Exchange:
    headers = [("Date", format_datetime(at.astimezone(UTC), usegmt=True)), ("Content-Type", content_type)]
    for name, value in plan.layout.server:
        if name != "Content-Encoding":
            headers.append((name, value))
        elif packed:
            headers.append((name, value))
            body = stored_gzip(body)
    if location:
        headers.append(("Location", location))
    headers.append(("Content-Length", str(len(body))))
    return Exchange(url, at, status, reason, tuple(headers), body)
