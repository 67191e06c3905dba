"""Section and tags of an article: template, crumbs of the page, head of the page."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice
from urllib.parse import unquote, urlsplit

from lxml.html import HtmlElement

from pipelines.article import Evidence, Hint, Template
from pipelines.extract.compare import bare
from pipelines.extract.page import Page, squeeze, visible_parts, visible_text
from pipelines.queries import shown_text
from pipelines.text import fold

_HOME = frozenset(map(bare, ("trang chủ", "home", "trang nhất", "trangchu", "tin tức", "news", "")))
MAX_SECTION = 80
MAX_LINKS = 500
"""Links among which the one to the front page is looked for."""


# "Trang chủ » Đảng viên", "Trang chủ > Tin tức > Thời sự"; not "Trang chủ | Giới thiệu | Liên hệ", which is a menu
_CRUMBS = re.compile(r"(?:trang chủ|trang nhất|home)\s*(?:[»›>/→]\s*[^»›>/→|]{2,80}){1,4}", re.IGNORECASE)
# the beginning of such a line; after lower() and a search for its first word it is tried in few places only
_CRUMBS_BEGIN = re.compile(r"(?:trang\s+(?:chủ|nhất)|home)\s*[»›>/→]")


def find_section(
    page: Page,
    template: Template | None,
    hints: Sequence[Hint],
    title: str,
    names: Collection[str],
    address: str = "",
) -> tuple[str | None, Evidence | None]:
    """The section the publisher puts the article in, the innermost that is named.

    What the page says goes before what listings said. `address` is the article's: of several listings that link to it
    the one counts whose section stands in it, else the one that was seen first.
    """
    known = _HOME | {bare(n) for n in names} | {bare(title)}

    def good(text: str) -> bool:
        return 1 < len(text) <= MAX_SECTION and bare(text) not in known

    if template is not None:
        for css, node in page.select_all(template.section):
            text = squeeze(node.get("content")) if node.tag == "meta" else visible_text(node)
            if good(text):
                return text, Evidence("section", text, f"template:{template.name} section {css}", text)
    value = page.meta("article:section").split(",")[0].strip()
    if good(value):
        return value, Evidence("section", value, "meta article:section", page.meta("article:section")[:300], 0.9)
    for crumbs in page.index.named("readcrumb")[:2]:
        texts = [visible_text(a) for a in crumbs.iter("a")]
        texts = [t for t in texts if good(t)]
        if texts:
            return texts[-1], Evidence("section", texts[-1], "crumbs of the page", " > ".join(texts)[:300], 0.8)
    named = page.news_object.get("articleSection")
    named = named[0] if isinstance(named, list) and named else named
    if isinstance(named, str) and good(squeeze(named)):
        return squeeze(named), Evidence("section", squeeze(named), "json-ld articleSection", named[:300], 0.8)
    texts = [t for t in _plain_crumbs(page) if good(t)]
    if texts:
        return texts[-1], Evidence("section", texts[-1], "line of crumbs", " > ".join(texts)[:300], 0.8)
    listed = [hint for hint in hints if hint.section and good(hint.section)]
    if listed:
        hint = max(listed, key=lambda h: _stands_in(h.section or "", address))  # of equals the first
        return hint.section, Evidence("section", hint.section or "", hint.source, hint.section or "", 0.7)
    return None, None


def _plain_crumbs(page: Page) -> list[str]:
    """Texts of the links of a line that begins with the front page and has arrows between its links."""
    if not _may_have_crumbs(page):
        return []
    for link in islice(page.tree.iter("a"), MAX_LINKS):
        if bare(shown_text(link, 6)[:40]) not in _HOME or not link.get("href"):
            continue
        line: HtmlElement | None = link.getparent()
        while line is not None and len(line) == 1 and line.tag != "body":
            line = line.getparent()
        if line is None or len(line) > 9:
            continue
        if _CRUMBS.fullmatch(visible_text(line, 400)):
            return [visible_text(a) for a in line.iter("a")]
    return []


def _may_have_crumbs(page: Page) -> bool:
    """Whether such a line can be on the page at all: far cheaper than to look at the line of each link."""
    text = "".join(visible_parts(page.tree)).lower()
    for word in ("trang", "home"):
        at = text.find(word)
        while at >= 0:
            if _CRUMBS_BEGIN.match(text, at):
                return True
            at = text.find(word, at + 1)
    return False


def _stands_in(section: str, address: str) -> int:
    """2 where the section's title is a part of the address' path, 1 where it is a piece of one, else 0.

    Some systems leave the letter đ out of addresses: "Đảng, đoàn thể" is /ang-oan-the there.
    """
    parts = [part.lower() for part in unquote(urlsplit(address).path).split("/")[:-1] if part]
    best = 0
    for text in (fold(section), fold(section.replace("đ", "").replace("Đ", ""))):
        slug = re.sub(r"[\W_]+", "-", text).strip("-")
        if slug in parts:
            return 2
        if len(slug) > 5 and any(slug in part for part in parts):
            best = 1
    return best


def find_tags(page: Page, template: Template | None) -> tuple[str, ...]:
    """Tags as shown by the template; else `article:tag` of the head. Each once."""
    texts: list[str] = []
    if template is not None:
        for _, node in page.select_all(template.tags):
            links = list(node.iter("a")) or [node]
            texts.extend(visible_text(link).lstrip("#").strip(" ,;") for link in links)
    if not texts and (value := page.meta("article:tag")):
        texts = [part.strip() for part in value.split(",")]
    seen: dict[str, str] = {}
    for text in texts:
        if 1 < len(text) <= 80:
            seen.setdefault(bare(text), text)
    return tuple(seen.values())
