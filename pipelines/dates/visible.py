"""The date line that a reader sees, on pages without a template: one walk over the tree, then a judgement of
each hit.

A hit counts where it stands near the title, alone in its line, and in no header, list, comment or footer. The
ancestors that a hit shares with the title say nothing against it: only what lies below their fork is judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from pipelines.dates.attributes import date_attribute
from pipelines.dates.candidates import DateCandidate
from pipelines.dates.grammar import RELATIVE
from pipelines.dates.parse import parse_date
from pipelines.dates.reading import Parsed
from pipelines.queries import shown_text
from pipelines.text import clean_line, fold
from pipelines.zones import stands_elsewhere

# Matches "04/10/2021", "4 Th10", "ngày 4 tháng", "2021-10-04", "5 giờ trước", "hôm qua", "( 20/08)", "October
# 4"
_HIT = re.compile(
    r"\d\s{0,3}[/.\-–|]\s{0,3}\d{1,2}\s{0,3}[/.\-–|]\s{0,3}\d\d|\d\s*,?\s*[Tt][Hh](?:[áÁ][nN][gG]"
    r"|g)?\.?\s*\d|[Tt]h(?:áng|g)?\.?\s*\d"
    r"|[Tt]háng\s+[MHBTNSCmhbtnsc]|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*[.,]?\s+\d"
    r"|\d[\s/-]+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|\d(?:\s+\S+|\s*[h'’′])\s+trước\b"
    r"|[Hh]ôm (?:qua|nay|kia)|[Vv]ừa (?:xong|đăng)"
    r"|\(\s*\d{1,2}\s*[/.-]\s*\d{1,2}\s*\)|\bago\b"
)
_MAYBE = re.compile(r"\d|[HhVv][ôừ]|ago")  # what every hit has: one cheap look before the costly one
_SKIPPED = frozenset(
    {"script", "style", "noscript", "template", "textarea", "select", "option", "head", "svg", "iframe"}
)
_INLINE = frozenset(
    (
        "span",
        "a",
        "b",
        "i",
        "em",
        "strong",
        "small",
        "font",
        "time",
        "label",
        "u",
        "abbr",
        "sup",
        "ins",
        "bdi",
    )
)

_DATE_CLASS = re.compile(r"date|time|publish|ngay|thoi-?gian|meta|info|posted|byline|author", re.IGNORECASE)

_UPDATE = re.compile(r"cap nhat|chinh sua|sua lan|modified|updated")
_POSTED = re.compile(r"\bdang\b|xuat ban|ngay dua|posted|published")
_PUBLISH_CLASS = re.compile(r"publish|posted|ngay-?dang|create-?date|date-?created", re.IGNORECASE)
_CHANGED_CLASS = re.compile(r"^(?!.*(?:publish|posted|-date)).*\b(?:updated|modified)\b", re.IGNORECASE)
_VIEWS = re.compile(
    r"(?:\b(?:luot\s*)?(?:xem|doc|truy cap|binh luan|views?|view count|hits|comments?"
    r"|da xem)\b\s*:?\s*(?:\([\d.,]*\)|[\d.,]+)?|[\d.,]+\s*(?:luot|views?|binh luan|phut doc|nguoi)[\w\s]*"
    r"|\b[\d.,]+\b|gmt|print|in (?:bai|trang|tin)\w*|chia se|co chu|facebook|zalo|twitter|email|google news"
    r"|theo doi)"
)
# A day that a document, a deadline or an event bears is not the day of publication.
_OTHER_DAY = re.compile(
    r"\b(?:ban hanh|hieu luc|nghi quyet|quyet dinh|chi thi|thong tu|nghi dinh|cong van|ke hoach|huong dan"
    r"|giay phep|giay chung nhan|cap ngay|het han|han nop|han chot|ky ngay|tu ngay|den ngay"
    r"|ky niem|ngay sinh|sinh ngay|mat ngay|khai mac|be mac|dien ra|so:?\s*\d+|anh(?: chup|:)|video:?"
    r"|nhiem ky|khoa [ivx\d]+|dai hoi|ban quyen|copyright|hotline|dien thoai"
    r"|lich (?:hop|cong tac|tiep|thi))\b|©"
)
_PLACE_AND_DAY = re.compile(r"^[^\d,]{2,30},\s*(?:ngay|thang)\b")
# "Số 245 (3112), ngày 17/06/2020": the issue of a magazine; not "Số 245-NQ/TW, ngày 17/06/2020"
_ISSUE = re.compile(r"so:?\s*\d{1,4}\s*\(\d{2,5}\)\s*[,-]?\s*(?:ra )?ngay\b")
_PARTS = re.compile(r"[|•·]")
_LABELLED = re.compile(
    r"\s*(?:chuyen muc|muc|tac gia|nguon(?: tin)?|nguoi (?:dang|viet|gui)|the loai|danh muc|author)\s*:"
)
_PIECES = frozenset({"span", "b", "i", "em", "strong", "div", "p", "small", "sup", "font"})
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NEAR = 900  # characters of text between the title and its date line: a lead and a byline fit in
_NEAR_BEFORE = 400  # and between a date line and the title below it: a line of tools
_LONG = 130  # a text this long is a paragraph or a lead
_SENTENCE = 60  # or this long and with a full stop
_JUDGED = 120
_LINE = 160  # a date line is not longer


@dataclass(frozen=True, slots=True)
class _Hit:
    element: HtmlElement
    text: str
    order: int
    position: int
    """Characters of text before it on the page."""
    paragraphs: int
    """Long texts before it on the page."""
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class _Title:
    """Where the title stands, in the measures of `_Hit`. Without a title everything counts from the top."""

    start: int = 0
    end: int = 0
    paragraphs: int = 0
    found: bool = False


def visible_dates(
    root: HtmlElement, title: str, title_node: HtmlElement | None, scope: HtmlElement | None = None
) -> list[DateCandidate]:
    """Date lines near the title, the surest first (at most four). The tree stays as it is."""
    body = root if root.tag == "body" else root.find("body")
    body = root if body is None else body
    if title_node is None:
        title_node = find_title(body, title)
    fork = title_node if title_node is not None else scope
    path: set[HtmlElement] = {fork, *fork.iterancestors()} if fork is not None else set()
    hits, place = _walk(body, title_node)
    found: list[tuple[float, int, DateCandidate]] = []
    seen: set[str] = set()
    # a list of a thousand dates is no reason to judge them all: only those nearest to the title
    hits.sort(key=lambda hit: abs(hit.position - place.end))
    for hit in hits[:_JUDGED]:
        candidate = _judge(hit, title, place, path)
        if candidate is not None and candidate.raw not in seen:
            seen.add(candidate.raw)
            found.append((-candidate.weight, hit.order, candidate))
    found.sort(key=lambda item: item[:2])
    return [candidate for _, _, candidate in found[:4]]


def find_title(body: HtmlElement, title: str) -> HtmlElement | None:
    """The element that shows the title; else the only h1."""
    title = clean_line(title)
    wanted, first = fold(title)[:50], title[:1].lower()
    headings = list(body.iter("h1"))
    if wanted:
        for element in (*headings, *body.iter("h2", "h3", "h4", "div", "span", "p", "td")):
            own = (element.text or "").lstrip()
            if not own and element.tag not in ("div", "td"):
                own = shown_text(element, 6).lstrip()
            # the first letter spares the folding of most texts
            if own[:1].lower() == first and fold(clean_line(own[:200])).startswith(wanted):
                return element
    return headings[0] if len(headings) == 1 else None


def _walk(body: HtmlElement, title_node: HtmlElement | None) -> tuple[list[_Hit], _Title]:
    """Texts that may hold a date, and where the title stands between them. One walk, no recursion."""
    total, paragraphs = 0, 0
    hits: list[_Hit] = []
    place = _Title()
    inside_title: set[HtmlElement] = set(title_node.iter()) if title_node is not None else set()
    for order, element in enumerate(body.iter()):
        tag = element.tag
        skipped = not isinstance(tag, str) or tag in _SKIPPED
        if title_node is not None and element is title_node:
            place = _Title(total, total + len(element.text_content()), paragraphs, found=True)
        for text, owner in (
            (None if skipped else element.text, element),
            (element.tail, element.getparent()),
        ):
            if text is None or text.isspace():
                continue
            if len(text) < 4:
                if (
                    text.isdecimal()
                    and owner is element
                    and (pieces := _in_pieces(element))
                    and owner not in inside_title
                ):
                    hits.append(_Hit(element, pieces, order, total, paragraphs))
                continue
            total += len(text)
            if owner in inside_title or owner is None or owner.tag in _SKIPPED:
                continue
            line = " ".join(text.split()) if len(text) > _SENTENCE else text
            if len(line) > _LONG or (len(line) > _SENTENCE and line.endswith((".", "…", ".”", '."', "./."))):
                paragraphs += 1
            elif _MAYBE.search(line) and _HIT.search(line):
                hits.append(_Hit(owner, line, order, total - len(text), paragraphs))
        if not skipped and (machine := date_attribute(element)):
            hits.append(_Hit(element, machine, order, total, paragraphs, attribute=machine))
    return hits, place


def _in_pieces(element: HtmlElement) -> str | None:
    """A date of which each part has its element: "<b>17</b>/<b>06</b>/<b>2020</b>"; None where it is none."""
    box = element.getparent()
    if box is None or not 3 <= len(box) <= 6 or any(child.tag not in _PIECES for child in box):
        return None
    text = clean_line(shown_text(box, 14)[:60])
    return text if len(text) <= 40 and _YEAR.search(text) and _HIT.search(text) else None


def _judge(hit: _Hit, title: str, place: _Title, path: set[HtmlElement]) -> DateCandidate | None:
    """A hit as a candidate with its weight, or None."""
    line = hit.attribute or posted_part(_line(hit, path))
    parsed = parse_date(line)
    if parsed is None and not _relative(line):
        return None
    label = fold(line)
    posted, updated = bool(_POSTED.search(label)), bool(_UPDATE.search(label))
    if hit.attribute and _CHANGED_CLASS.search(hit.element.get("class") or ""):
        updated = True
    marked = any(_DATE_CLASS.search(words) for words in _class_words(hit.element, 2))
    named = any(_PUBLISH_CLASS.search(words) for words in _class_words(hit.element, 1))
    weight = _nearness(hit, place, labelled=(posted or updated or named) and len(line) <= 80)
    if weight == 0 or (not place.found and not marked and not posted):
        return None
    if stands_elsewhere(hit.element, title, path, own_footer=True):
        return None
    if parsed is not None and not hit.attribute and not _alone(line, label, parsed):
        return None
    weight += 0.03 if marked else -0.03
    if parsed is not None:
        weight += 0.02 if parsed.precision == "minute" else 0
        weight -= 0.1 if parsed.yearless else 0
    rule = f"time[datetime] near title ({hit.element.tag})" if hit.attribute else f"line near title ({hit.element.tag})"
    before = place.found and hit.position < place.start
    return DateCandidate(
        "visible",
        line,
        updated and not posted,
        rule=rule,
        weight=round(weight, 3),
        before_title=before,
        parsed=parsed,
    )


def posted_part(line: str) -> str:
    """What follows the label of publication in a line that tells of a change first: "Cập nhật: 9/10 | Đăng: 4/10"."""
    folded = fold(line)
    posted, updated = _POSTED.search(folded), _UPDATE.search(folded)
    if len(folded) == len(line) and posted and updated and updated.start() < posted.start():
        rest = line[posted.start() :]
        return rest if parse_date(rest) is not None else line
    return line


def _nearness(hit: _Hit, place: _Title, *, labelled: bool) -> float:
    """The weight of a hit by its distance from the title; 0 where it is too far."""
    if not place.found:
        return 0.6
    if hit.position < place.start:
        gap, between = place.start - hit.position, place.paragraphs - hit.paragraphs
        return 0.68 if gap <= _NEAR_BEFORE and between == 0 else 0
    gap, between = max(0, hit.position - place.end), hit.paragraphs - place.paragraphs
    if gap <= _NEAR and between <= 1:
        return 0.93 - min(0.3, gap / 3000)
    return 0.55 if labelled else 0  # after the body only a line that says what it is: "Ngày đăng: …"


def _relative(line: str) -> bool:
    return len(line) <= 60 and RELATIVE.search(fold(line)) is not None


def _line(hit: _Hit, path: set[HtmlElement]) -> str:
    """The whole line around a hit: its block where that is short, else the text itself."""
    element, best = hit.element, clean_line(hit.text)
    for _ in range(4):
        if element in path or element.tag == "body":
            break
        text = clean_line(shown_text(element)[: 4 * _LINE])
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
    if (_OTHER_DAY.search(label) and not _ISSUE.match(label)) or (parsed.rest and _PLACE_AND_DAY.match(label)):
        return False
    rest = _VIEWS.sub(" ", fold(parsed.rest))
    if len(line) > _LINE or re.search(r"[a-z]{2,}[.!?;]\s+\S", rest):
        return False
    if _word_count(rest) <= 8:
        return True
    # "17/06/2020 | Chuyên mục: Nông thôn mới | Tác giả: Kim Anh": each part a few words, the longer ones labelled
    parts = [_word_count(part) for part in _PARTS.split(rest) if _LABELLED.match(part)]
    others = [_word_count(part) for part in _PARTS.split(rest) if not _LABELLED.match(part)]
    return bool(parts) and max(parts) <= 8 and sum(parts) <= 16 and sum(others) <= 3


def _word_count(text: str) -> int:
    return sum(any(character.isalpha() for character in word) for word in text.split())


def _class_words(element: HtmlElement, levels: int) -> Iterator[str]:
    current: HtmlElement | None = element
    for _ in range(levels):
        if current is None:
            return
        yield f"{current.get('class') or ''} {current.get('id') or ''}"
        current = current.getparent()
