"""The date line that a reader sees, on pages without a template: one walk over the tree, then a judgement of each hit.

A hit counts where it stands near the title, alone in its line, and in no header, list, comment or footer. The
ancestors that a hit shares with the title say nothing against it: only what lies below their fork is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipelines.dates.candidates import DateCandidate
from pipelines.dates.parse import Parsed, parse_date
from pipelines.text import clean_line, fold

# "04/10/2021", "4 Th10", "ngày 4 tháng", "2021-10-04", "5 giờ trước", "hôm qua", "( 20/08)", "October 4"
_HIT = re.compile(
    r"\d\s{0,3}[/.\-–|]\s{0,3}\d{1,2}\s{0,3}[/.\-–|]\s{0,3}\d\d|\d\s*,?\s*[Tt][Hh](?:[áÁ][nN][gG]|g)?\.?\s*\d|[Tt]h(?:áng|g)?\.?\s*\d"
    r"|[Tt]háng\s+[MHBTNSCmhbtnsc]|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?\s+\d"
    r"|\d\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\d\s+\S+\s+trước\b|[Hh]ôm (?:qua|nay|kia)|[Vv]ừa (?:xong|đăng)"
    r"|\(\s*\d{1,2}\s*[/.-]\s*\d{1,2}\s*\)|\bago\b"
)
_SKIPPED = frozenset({"script", "style", "noscript", "template", "textarea", "select", "option", "head", "svg", "iframe"})
_INLINE = frozenset({"span", "a", "b", "i", "em", "strong", "small", "font", "time", "label", "u", "abbr", "sup", "ins", "bdi"})

# Words of class and id under which no date of this article stands (matched per token of the attribute).
_ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:clock|today|date-?now|now-?date|current-?(?:date|time)|(?:date|time)-?(?:current|today|now|server|head(?:er)?|top)|topbar|top-bar"
    r"|masthead|navbar|nav|menu|footer|foot|copyright|licen[sc]e|giay-?phep|ban-?quyen|related|relate|relation|(?:tin|bai)-?(?:lien-?quan|khac|moi|cu|cung)"
    r"|lien-?quan|cung-?chuyen-?muc|other(?:s|-?news|-?article|-?post)?|older|newer|(?:same|next|prev)-?(?:cat\w*|post|news)|comments?|cmt|binh-?luan|y-?kien|phan-?hoi|reply|respond"
    r"|sidebar|aside|widget|most-?(?:view|read)\w*|(?:doc|xem)-?nhieu|hot-?news|latest|newest|tin-?moi|moi-?nhat|recent|calendar|lich|weather|thoi-?tiet|banner|ads?|advert\w*"
    r"|slider?|carousel|swiper|marquee|ticker|breaking|suggest\w*|recommend\w*|read-?more|list-?news|news-?list|event-?list|document-?list|van-?ban|poll|vote|popup|modal|login)(?=$|[\s_-])",
)  # fmt: skip
_HEADER = re.compile(r"(?:^|[\s_-])(?:site-?|page-?|top-?|main-?)?header(?:$|\s|[_-](?:top|bar|main|site|date|time|inner|wrap\w*|left|right))|(?:^|\s)(?:top|banner|date_?time)(?:$|\s)")
_ARTICLE_HEADER = re.compile(r"article|detail|post|entry|story|content|news|title")
_DATE_CLASS = re.compile(r"date|time|publish|ngay|thoi-?gian|meta|info|posted|byline|author", re.IGNORECASE)

_UPDATE = re.compile(r"cap nhat|chinh sua|sua lan|modified|updated")
_POSTED = re.compile(r"\bdang\b|xuat ban|ngay dua|posted|published")
_VIEWS = re.compile(
    r"(?:\b(?:luot\s*)?(?:xem|doc|truy cap|binh luan|views?|view count|hits|comments?|da xem)\b\s*:?\s*(?:\([\d.,]*\)|[\d.,]+)?|[\d.,]+\s*(?:luot|views?|binh luan|phut doc|nguoi)[\w\s]*"
    r"|\b[\d.,]+\b|gmt|print|in (?:bai|trang|tin)\w*|chia se|co chu|facebook|zalo|twitter|email|google news|theo doi)"
)
# A day that a document, a deadline or an event bears is not the day of publication.
_OTHER_DAY = re.compile(
    r"\b(?:ban hanh|hieu luc|nghi quyet|quyet dinh|chi thi|thong tu|nghi dinh|cong van|ke hoach|huong dan|giay phep|giay chung nhan|cap ngay|het han|han nop|han chot|ky ngay|tu ngay|den ngay"
    r"|ky niem|sinh|mat ngay|khai mac|be mac|dien ra|so \d+|so:|anh:?|video:?|nhiem ky|khoa|dai hoi|ban quyen|copyright|hotline|dien thoai|lich)\b|©"
)
_PLACE_AND_DAY = re.compile(r"^[^\d,]{2,30},\s*(?:ngay|thang)\b")
_NEAR = 900  # characters of text between the title and its date line: a lead and a byline fit in
_LONG = 130  # a text this long is a paragraph or a lead
_LINE = 160  # a date line is not longer


@dataclass(slots=True)
class _Hit:
    element: HtmlElement
    text: str
    order: int
    distance: int
    """Characters since the title; negative before it."""
    paragraphs: int
    """Long texts since the title."""
    attribute: str = ""


def visible_dates(root: HtmlElement, title: str, title_node: HtmlElement | None) -> list[DateCandidate]:
    """Date lines near the title, the surest first (at most four). The tree stays as it is."""
    body = root if root.tag == "body" else root.find("body")
    body = root if body is None else body
    if title_node is None:
        title_node = find_title(body, title)
    path = set(title_node.iterancestors()) | {title_node} if title_node is not None else set()
    found: list[tuple[float, int, DateCandidate]] = []
    seen: set[str] = set()
    for hit in _hits(body, title_node):
        for candidate in _judge(hit, title, title_node, path):
            if candidate.raw not in seen:
                seen.add(candidate.raw)
                found.append((-candidate.weight, hit.order, candidate))
    found.sort(key=lambda item: item[:2])
    return [candidate for _, _, candidate in found[:4]]


def find_title(body: HtmlElement, title: str) -> HtmlElement | None:
    """The element that shows the title; else the only h1."""
    wanted = fold(clean_line(title))[:50]
    headings = list(body.iter("h1"))
    if wanted:
        for element in (*headings, *body.iter("h2", "h3", "h4", "div", "span", "p", "td")):
            own = (element.text or "").strip() or ("" if element.tag in ("div", "td") else element.text_content()[:120])
            if own and fold(clean_line(own[:200])).startswith(wanted):
                return element
    return headings[0] if len(headings) == 1 else None


def _hits(body: HtmlElement, title_node: HtmlElement | None) -> Iterator[_Hit]:
    """Texts that may hold a date, with their distance from the title. One walk, no recursion."""
    total, order, paragraphs, title_end = 0, 0, 0, None if title_node is not None else 0
    inside_title: set[HtmlElement] = set(title_node.iter()) if title_node is not None else set()
    for element in body.iter():
        order += 1
        skipped = not isinstance(element.tag, str) or element.tag in _SKIPPED
        if element is title_node:
            title_end, paragraphs = total + len(element.text_content()), 0
        for text, owner in ((None if skipped else element.text, element), (element.tail, element.getparent())):
            if text is None or len(text) < 4:
                continue
            total += len(text)
            if owner in inside_title or owner is None or owner.tag in _SKIPPED:
                continue
            if len(text) > 300:
                text = " ".join(text.split())
            if len(text) > _LONG:
                paragraphs += 1
            elif _HIT.search(text):
                yield _Hit(owner, text, order, _distance(total, len(text), title_end), paragraphs)
        machine = None if skipped else _attribute(element)
        if machine:
            yield _Hit(element, machine, order, _distance(total, 0, title_end), paragraphs, attribute=machine)


def _distance(total: int, length: int, title_end: int | None) -> int:
    return -1 if title_end is None else max(0, total - length - title_end)


def _attribute(element: HtmlElement) -> str | None:
    if element.tag == "time" or element.get("itemprop") == "datePublished":
        value = element.get("datetime") or element.get("content")
        return value if value and len(value) < 48 else None
    return None


def _judge(
    hit: _Hit, title: str, title_node: HtmlElement | None, path: set[HtmlElement]
) -> Iterator[DateCandidate]:
    line = hit.attribute or _line(hit, path)
    parsed = parse_date(line)
    if parsed is None and not _relative(line):
        return
    before = hit.distance < 0
    label = fold(line)
    posted, updated = bool(_POSTED.search(label)), bool(_UPDATE.search(label))
    if hit.distance > _NEAR or hit.paragraphs > 1:
        # after the body only a line that says what it is: "Ngày đăng: …"
        if not (posted or updated) or len(line) > 80:
            return
    if _elsewhere(hit.element, title, path):
        return
    if parsed is not None and not hit.attribute and not _alone(line, label, parsed):
        return
    marked = any(_DATE_CLASS.search(words) for words in _class_words(hit.element, 2))
    weight = 0.93 if title_node is not None else 0.6
    weight -= 0.25 if before else min(0.3, hit.distance / 3000)
    weight -= 0.3 if hit.paragraphs > 1 else 0
    weight += 0.03 if marked else -0.03
    weight += 0.02 if parsed is not None and parsed.precision == "minute" else 0
    weight -= 0.1 if parsed is not None and parsed.yearless else 0
    if title_node is None and not marked and not posted:
        return
    tag = hit.element.tag
    rule = f"time[datetime] near title ({tag})" if hit.attribute else f"line near title ({tag})"
    yield DateCandidate("visible", line, updated and not posted, rule=rule, weight=round(weight, 3), before_title=before)


def _relative(line: str) -> bool:
    return len(line) <= 60 and re.search(r"trước|hôm|vừa|ago", line) is not None


def _line(hit: _Hit, path: set[HtmlElement]) -> str:
    """The whole line around a hit: its block where that is short, else the text itself."""
    element, best = hit.element, clean_line(hit.text)
    for _ in range(4):
        if element in path or element.tag == "body":
            break
        text = clean_line(" ".join(part for part in element.itertext() if isinstance(part, str))[: 4 * _LINE])
        if len(text) > _LINE:
            break
        best = text if len(text) >= len(best) else best
        parent = element.getparent()
        if parent is None or (element.tag not in _INLINE and len(parent) > 4):
            break
        element = parent
    return best


def _alone(line: str, label: str, parsed: Parsed) -> bool:
    """Whether the date has its line to itself, but for a name, a label, a view count."""
    if _OTHER_DAY.search(label) or (parsed.rest and _PLACE_AND_DAY.match(label)):
        return False
    rest = _VIEWS.sub(" ", fold(parsed.rest))
    words = [word for word in rest.split() if any(character.isalpha() for character in word)]
    return len(words) <= 8 and len(line) <= _LINE and not re.search(r"[a-z]{2,}[.!?;]\s+\S", rest)


def _class_words(element: HtmlElement, levels: int) -> Iterator[str]:
    current: HtmlElement | None = element
    for _ in range(levels):
        if current is None:
            return
        yield f"{current.get('class') or ''} {current.get('id') or ''}"
        current = current.getparent()


def _elsewhere(element: HtmlElement, title: str, path: set[HtmlElement]) -> bool:
    """Whether a hit stands in a header, a list, comments, a footer, or is hidden."""
    current: HtmlElement | None = element
    depth = 0
    while current is not None and current not in path and current.tag != "body":
        if _elsewhere_here(current):
            return True
        if depth < 4 and _links_elsewhere(current, title, in_list=current.tag in ("li", "dd", "dt")):
            return True
        current, depth = current.getparent(), depth + 1
    return False


def _elsewhere_here(element: HtmlElement) -> bool:
    if element.tag in ("nav", "footer", "aside", "form", "select", "figcaption", "figure", "blockquote"):
        return True
    words = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
    if element.tag == "header" and not _ARTICLE_HEADER.search(words):
        return True
    if words.strip():
        if _ELSEWHERE.search(words):
            return True
        if _HEADER.search(words) and not _ARTICLE_HEADER.search(words):
            return True
    style = element.get("style")
    return element.get("hidden") is not None or (style is not None and "display:none" in style.replace(" ", ""))


def _links_elsewhere(element: HtmlElement, title: str, *, in_list: bool) -> bool:
    """Whether an item around the date links to another article: by a text that is as long as a headline."""
    for link in element.iter("a"):
        if not link.get("href"):
            continue
        text = clean_line(link.text_content())
        if len(text) >= (15 if in_list else 30) and text.count(" ") >= (2 if in_list else 5) and fold(text) != fold(title):
            return True
    return False
