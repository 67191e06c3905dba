"""The headline of a page: never a block heading, a section or the name of the site."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from pipelines.article import Evidence, Template
from pipelines.extract.blocks import Block
from pipelines.extract.compare import bare, overlap, words
from pipelines.extract.emphasis import emphasised_lines
from pipelines.extract.marks import TITLE, furniture, names_of, says
from pipelines.extract.page import Page, squeeze, visible_text
from pipelines.text.cleaning import unescape

_SEPARATOR = re.compile(r"\s+[|–—•»«›‹:·]+\s+|\s+-+\s+|\s*\|\s*|\s*::+\s*")
_COLON = re.compile(r"(?<=\S):\s+")
# what a last part of a document title looks like when it names the publisher
_PUBLISHER = re.compile(
    r"^(?:báo|tạp chí|cổng|trang|website|web|đài|sở|ban|tỉnh [uủ]|thành [uủ]|huyện [uủ]|đảng bộ|"
    r"đảng [uủ]|ubnd|ủy ban|hội|bộ|công an"
    r"|trung tâm|tin tức|thời sự|chính trị|đọc báo|chuyên trang|truyền hình|vov|vtv|ttxvn)\b|"
    r"(?:online|\.vn|\.com|\.net|\.org)\b"
    r"|điện tử",
    re.IGNORECASE,
)
_NO_TITLE = frozenset(
    bare(text)
    for text in (
        "trang chủ",
        "chi tiết",
        "chi tiết tin",
        "chi tiết bài viết",
        "tin tức",
        "home",
        "index",
        "untitled",
        "news",
        "bài viết",
        "xem chi tiết",
        "nội dung",
        "chi tiết tin tức",
        "tin tức - sự kiện",
        "thông báo",
        "liên kết website",
        "video",
        "detail",
        "untitled document",
        "newsdetailview",
        "default",
        "tin hoạt động",
        "document",
    )
)
_HOME_LINK = re.compile(r"(?:https?://[^/]+)?/?(?:index\.\w+|default\.\w+|trang-chu(?:\.\w+)?)?", re.IGNORECASE)
_FILE_NAME = re.compile(r"^\S+\.(?:html?|aspx?|php|jsp)$", re.IGNORECASE)
MAX_TITLE = 400
NESTED = 4
"""Headings around a heading from which on it is none: an unclosed one, or some, hold the rest of the page."""


@dataclass(frozen=True, slots=True)
class Title:
    """A headline. `raw` is as it stands on the page, with a date that may be glued to it."""

    text: str
    raw: str
    node: HtmlElement | None
    rule: str
    confidence: float

    def evidence(self) -> Evidence:
        """Where the headline comes from."""
        return Evidence("title", self.text, self.rule, self.raw[:300], self.confidence)


def template_title(page: Page, template: Template) -> Title | None:
    """The headline by the template's selectors."""
    found = page.first_text(template.title)
    if found is None:
        return None
    text, node, css = found
    return Title(text, text, node, f"template:{template.name} title {css}", 1.0)


def generic_title(page: Page, names: Sequence[str], hint: str = "") -> Title | None:
    """The headline of a page no template describes.

    What the head of the page says (`og:title`, JSON-LD, `title` without the site's name) is the
    reference; a heading on the page that agrees with it is the headline as shown. A heading alone is
    taken only when the head says nothing."""
    known = {bare(n) for n in names if n} | {bare(page.meta("og:site_name"))} | _NO_TITLE
    known.discard("")
    references = list(_references(page, known, hint))
    # "Báo Mẫu" in the title element says nothing where og:title gives a headline
    references = [r for r in references if not _is_publisher(r[0])] or references
    headings = _headings(page, known)
    for reference, rule in references:
        for text, node in headings:
            if bare(text) == bare(reference):
                return Title(text, text, node, f"heading, as {rule}", 0.95)
    for reference, rule in references:
        shown = _shown(page, _without_ends(reference))
        if shown is not None:
            return Title(shown[0], shown[0], shown[1], f"line as {rule}", 0.9)
    for reference, rule in references:
        best = _closest(reference, headings)
        if best is not None:
            text, node = best
            return Title(text, text, node, f"heading, near {rule}", 0.85)
    for reference, rule in references:
        shown = _shown(page, _without_beginnings(reference))
        if shown is not None:
            return Title(shown[0], shown[0], shown[1], f"line as the end of {rule}", 0.85)
    if references:
        text, rule = references[0]
        return Title(text, text, None, rule, 0.7)
    return None


def names_publisher(title: Title) -> bool:
    """Whether a headline is only the name of a portal or an office: it stands nowhere on the page, or leads home."""
    return _is_publisher(title.text) and (title.node is None or _leads_home(title.node))


def _leads_home(node: HtmlElement) -> bool:
    links = [a.get("href") or "" for a in (*node.iter("a"), *node.iterancestors("a"))]
    return any(_HOME_LINK.fullmatch(link) for link in links)


def publisher_names(page: Page) -> tuple[str, ...]:
    """What an unknown site calls itself: `og:site_name`, and the parts behind the headline in the title element."""
    parts, _ = _split(page.document_title)
    behind = [part.strip() for part in parts[1:] if _is_publisher(part.strip())]
    return tuple(name for name in (page.meta("og:site_name"), *behind) if name)


def _is_publisher(text: str) -> bool:
    return len(words(text)) <= 9 and bool(_PUBLISHER.search(text))


def title_above(page: Page, names: Sequence[str], first: HtmlElement, lines: Sequence[Block] = ()) -> Title | None:
    """The headline above the first sentence, for pages whose head says nothing of one: the nearest heading, or of the
    `lines` right above it one that is set off. A heading below the first sentence is none, but for an `h1`.
    """
    known = {bare(n) for n in names if n} | _NO_TITLE
    headings = _headings(page, known - {""})
    headings = [(text, node) for text, node in headings if len(words(text)) >= 4]
    order = {node: i for i, node in enumerate(page.tree.iter())}
    start = order.get(first, 0)
    above = [
        (text, node) for text, node in headings if order.get(node, 0) < start and first not in node.iterancestors()
    ]
    near = {bare(block.text) for block in lines}
    if not above or bare(above[-1][0]) not in near:
        off = [line for line in emphasised_lines(lines) if not _is_publisher(line[1]) and bare(line[1]) not in known]
        if off:
            _, text, node = max(off, key=lambda line: (line[0], len(line[1])))
            return Title(text, text, node, "line set off above the text", 0.5)
    heading = above[-1] if above else next((h for h in headings if h[1].tag == "h1"), None)
    if heading is None:
        return None
    text, node = heading
    return Title(text, text, node, f"heading {node.tag} above the text", 0.5)


def _references(page: Page, known: set[str], hint: str) -> Iterable[tuple[str, str]]:
    headline = page.news_object.get("headline")
    candidates = [
        (page.meta("og:title", "twitter:title"), "og:title"),
        (squeeze(headline) if isinstance(headline, str) else "", "json-ld headline"),
        (page.document_title, "title element"),
        (squeeze(hint), "listing title"),
    ]
    seen: set[str] = set()
    for raw, rule in candidates:
        text = without_site_name(unescape(raw), known, page.url)  # JSON-LD has "Chi&amp;#7871;n s&amp;#7921;"
        key = bare(text)
        if _FILE_NAME.match(text):
            continue
        if text and key not in known and key not in seen and len(text) <= MAX_TITLE and len(words(text)) > 1:
            seen.add(key)
            yield text, rule


def without_site_name(raw: str, known: set[str], url: str = "") -> str:
    """A document title without the names of site and section behind or before it.

    "Tên bài - Hoạt động Đảng - Sở Mẫu" keeps its first part; a hyphen within the headline stays where
    what follows looks like no name."""
    parts, separators = _split(raw)
    host = url.split("/")[2].removeprefix("www.") if url.count("/") >= 2 else ""
    site = bare(host.split(".")[0]) if host else ""
    while len(parts) > 1 and _names_site(parts[-1], known, host, site):
        parts.pop()
        separators.pop()
    while len(parts) > 1 and (bare(parts[0]) in known or (host and host in parts[0].lower())):
        parts.pop(0)
        separators.pop(0)
    text = parts[0]
    for separator, part in zip(separators, parts[1:], strict=True):
        text += separator + part
    return text.strip()


def _split(raw: str) -> tuple[list[str], list[str]]:
    parts, separators, at = [], [], 0
    for found in _SEPARATOR.finditer(raw):
        if found.start() > at:
            parts.append(raw[at : found.start()])
            separators.append(found[0])
            at = found.end()
    parts.append(raw[at:])
    return [p for p in parts if p] or [raw], separators[: max(0, len([p for p in parts if p]) - 1)]


def _names_site(part: str, known: set[str], host: str, site: str) -> bool:
    key = bare(part)
    if key in known or not key:
        return True
    if host and (host in part.lower() or (len(site) > 4 and site in _unmarked(key))):
        return True
    return len(words(part)) <= 9 and bool(_PUBLISHER.search(part.strip()))


def _unmarked(text: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).replace("đ", "d")


def _headings(page: Page, known: set[str]) -> list[tuple[str, HtmlElement]]:
    found: list[tuple[str, HtmlElement]] = []
    for node in page.tree.iter("h1", "h2", "h3", "div", "p", "span", "td", "strong", "h4", "a"):
        if node.tag not in {"h1", "h2", "h3"}:
            names = names_of(node)
            if not names or not says(TITLE, names):
                continue
        if len(node) > 12 or sum(1 for _ in islice(node.iterancestors("h1", "h2", "h3"), NESTED)) == NESTED:
            continue  # headings left open lie a thousand deep, each with all that follows in it
        text = visible_text(node, 2_000)
        if not text or len(text) > MAX_TITLE or bare(text) in known or len(words(text)) < 3:
            continue
        if _in_furniture(node):
            continue
        found.append((text, node))
        if len(found) > 120:
            break
    return found


def _in_furniture(node: HtmlElement) -> bool:
    for parent in node.iterancestors():
        if parent.tag in {"nav", "footer"}:
            return True
        if parent.tag in {"body", "form", "main", "article"}:
            return False
        names = names_of(parent)
        if names and furniture(names) == "strong":
            return True
    return False


def _shown(page: Page, references: Sequence[str]) -> tuple[str, HtmlElement] | None:
    """A line of the page, in an element that is named in no way, that is the longest possible of the references."""
    keys = {bare(text): len(text) for text in references if len(words(text)) >= 4}
    firsts = {text[:1].casefold() for text in references}
    if not keys:
        return None
    best: tuple[str, HtmlElement] | None = None
    for node in page.tree.iter("div", "p", "span", "td", "strong", "b", "font", "h4", "h5", "center"):
        if (
            len(node) > 4
            or (start := "".join(islice(node.itertext(), 3)).lstrip())[:1].casefold() not in firsts
            or not start
        ):
            continue
        shown = visible_text(node, 2_000)
        size = keys.get(bare(shown), 0) if len(shown) <= MAX_TITLE else 0
        if size and size > len(best[0] if best else "") and not _linked(node):
            best = shown, node
    return best


def _without_ends(reference: str) -> list[str]:
    """A document title, and what is left of it without its last parts: "Tên bài" of "Tên bài - Tên chuyên mục"."""
    return [reference, *(reference[: found.start()] for found in _SEPARATOR.finditer(reference))]


def _without_beginnings(reference: str) -> list[str]:
    """What is left of a document title without its first parts: "Tên bài" of "Mẫu Online: Tên bài". What follows a
    headline is shorter than that: "Tên bài - Tên chuyên mục" has no such end.
    """
    cuts = (*_SEPARATOR.finditer(reference), *_COLON.finditer(reference))
    return [end for found in cuts if 2 * len(end := reference[found.end() :]) >= 3 * found.start()]


def _linked(node: HtmlElement) -> bool:
    return node.find(".//a[@href]") is not None or any(p.tag in {"a", "li"} for p in node.iterancestors())


def _closest(reference: str, headings: Sequence[tuple[str, HtmlElement]]) -> tuple[str, HtmlElement] | None:
    """A heading that says what the head of the page says: cut off, put before the site's name, or edited
    for search.
    """
    key = bare(reference)
    for text, node in headings:
        own = bare(text)
        if len(own) >= 15 and (own.startswith(key[:60]) if len(key) >= 20 else False):
            return text, node
        if len(own) >= 15 and key.startswith(own):
            return text, node
    scored = [
        (overlap(text, reference), node.tag == "h1", -i, text, node)
        for i, (text, node) in enumerate(headings)
        if node.tag in {"h1", "h2"}
        and 4 <= len(words(text)) <= 2 * len(words(reference))  # a lead has all the words of its headline too
        and node.find(".//a[@href]") is None
    ]
    scored = [s for s in scored if s[0] >= (0.5 if s[1] else 0.7)]
    if not scored:
        return None
    best = max(scored, key=lambda s: s[:3])
    return best[3], best[4]
