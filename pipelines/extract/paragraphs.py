"""From blocks to paragraphs: related links, labels, repeated titles and leads go, the text stays."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import islice

from lxml.html import HtmlElement

from pipelines.byline import is_picture_credit, read_signature
from pipelines.extract.blocks import Block
from pipelines.extract.compare import bare
from pipelines.extract.lines import (
    RELATED_PREFIX,
    fold_line,
    is_boilerplate,
    is_comment_label,
    is_edge_furniture,
    is_end_label,
    is_imprint,
)
from pipelines.extract.pictures import is_document

_SENTENCE_END = re.compile(r"[.!?:;…][”\"')\]/.]*\s*$")
_DATE = re.compile(
    (
        r"\d{1,2}\s*[/.-]\s*\d{1,2}\s*[/.-]\s*\d{2,4}|ngày \d{1,2} tháng \d{1,2},? (?:năm )?\d{4}|"
        r"\d{4}-\d\d-\d\d|\d{1,2} th(?:áng |g )?\d{1,2},? \d{4}"
        r"|\d{1,2},? tháng (?:mười(?: một| hai)?|một|hai|ba|tư|năm|sáu|bảy|tám|chín),? \d{4}"
        r"|\btháng (?:mười(?: một| hai)?|một|hai|ba|tư|năm|sáu|bảy|tám|chín) \d{1,2},? \d{4}"
        r"|\d{1,2}[ /-](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[ /,.-]{1,2}\d{4}"
        r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[.,]? \d{1,2}(?:, ?| |/)\d{4}"
        r"|(?:^|[|•·–-] ?)\d{1,3} (?:giây|phút|giờ|ngày|tuần|tháng) trước(?= ?(?:$|[|•·–-]))"
    ),
    re.IGNORECASE,
)
_DATE_LABELS = re.compile(
    (
        r"thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|gmt|lượt xem|đã xem|cập nhật(?: lúc| ngày)?|"
        r"ngày đăng|đăng (?:ngày|lúc)|sửa lần cuối|view count"
    ),
    re.IGNORECASE,
)
_DATED = re.compile(
    r"\s*[(\[–-]*\s*\d{1,2}\s*[/.-]\s*\d{1,2}(?:\s*[/.-]\s*\d{2,4})?(?:[\s,-]+\d{1,2}[:h]\d\d)?\s*[)\]]?$"
)
"""A date behind a linked headline: "(12/05/2016)", "- 12/05/2016 08:15"; not "năm 2016"."""
DATED = 60
"""Characters at the end of a line among which it stands."""
_CLOCK = re.compile(r"\d{1,2}\s*[:h]\s*\d{2}")
_SOURCE_LABEL = re.compile(r"\s*(?:nguồn(?: tin)?|theo|tác giả)\s*:", re.IGNORECASE)
TEASER = 320
"""Characters of running text under a link up to which they are its summary."""
PROSE = 80
"""Characters from which a line with a full stop is surely prose."""


def is_prose(block: Block) -> bool:
    """Whether a block reads as a sentence of running text."""
    text = block.text
    return block.link_share < 0.5 and (len(text) >= 2 * PROSE or (len(text) >= 40 and bool(_SENTENCE_END.search(text))))


def cut_at_ends(
    blocks: Sequence[Block],
    ends: Collection[str],
    own: frozenset[str] = frozenset(),
    containers: Collection[HtmlElement] = (),
) -> tuple[list[Block], str]:
    """Blocks before the first line that ends an article of this family; with it the line, else an empty string.

    `ends` and `own` (lines known of the site) are folded lines. A label glued to the author's name by a missing break
    ("Tên tác giả Xem phản hồi") ends the text as well, and the name stays.

    `containers` are those a template names. Inside of them a label over links ("Bài liên quan") may head a box between
    two paragraphs: where running text of the article follows the box, only the box goes. Nothing is known of the
    bounds of a text found without a template, so there a label always ends it.
    """
    kept: list[Block] = []
    boxed = 0
    for at, block in enumerate(blocks):
        if at < boxed:
            continue
        folded = fold_line(block.text)
        if kept and folded in ends:
            boxes = bool(containers) and not is_comment_label(block.text)
            after = _after_box(kept, blocks[at:], own, containers) if boxes else []
            if not after:
                return kept, block.text
            boxed = len(blocks) - len(after)
            continue
        if kept and len(block.text) < 90:
            label = next((e for e in ends if folded.endswith(" " + e)), None)
            if label is not None:
                block.text = block.text.rstrip(" :»>")[: -len(label)].rstrip(" :-–|")
                block.link_chars = max(0, block.link_chars - len(label))
                return [*kept, block], label
        kept.append(block)
    return kept, ""


def _after_box(
    before: Sequence[Block], blocks: Sequence[Block], own: frozenset[str], containers: Collection[HtmlElement]
) -> list[Block]:
    """What follows the box that the first block heads; empty where no running text of the article follows.

    The box is the widest element around the label within the container that holds no running text above the label
    (`before`) and none below it that is longer than a teaser for each link; a label that stands in the container itself
    heads the links right behind it.
    """
    label = blocks[0]
    size = 1 + next((i for i, b in enumerate(blocks[1:]) if not _teaser(b)), len(blocks) - 1)
    node = label.node
    while node is not None and node not in containers:
        inside = next((i for i, b in enumerate(blocks) if not _stands_in(b.node, node)), len(blocks))
        links = sum(is_related_link(b) for b in blocks[1:inside])
        prose = sum(len(b.text) for b in blocks[1:inside] if is_prose(b) and not b.link_chars)
        if prose >= TEASER * max(links, 1) or any(is_prose(b) and _stands_in(b.node, node) for b in before):
            break
        size = max(size, inside)
        node = node.getparent()
    after = list(blocks[size:])
    prose_at = [i for i, b in enumerate(after) if is_prose(b) and not b.link_chars and not is_boilerplate(b.text, own)]
    # a sentence right under a link is the link's summary: the list goes on
    summaries = sum(i > 0 and is_related_link(after[i - 1]) for i in prose_at)
    return after if len(prose_at) > 2 * summaries else []


def _stands_in(node: HtmlElement | None, container: HtmlElement) -> bool:
    return node is container or (node is not None and any(parent is container for parent in node.iterancestors()))


def cut_at_labels(blocks: Sequence[Block]) -> list[Block]:
    """Blocks before "Tin liên quan", "Bình luận" and their kin, unless running text goes on after a short
    box.
    """
    for at, block in enumerate(blocks):
        if not (block.kind != "image" and is_end_label(block.text)):
            continue
        if not any(is_prose(b) for b in blocks[:at]):
            continue
        if is_comment_label(block.text):
            return list(blocks[:at])
        rest = blocks[at + 1 :]
        box = next((i for i, b in enumerate(rest) if not _teaser(b)), len(rest))
        after = rest[box:]
        prose = [
            b
            for b in after
            if is_prose(b)
            and not b.link_chars
            and len(b.text) >= PROSE
            and not (is_boilerplate(b.text) or is_imprint(b.text))
        ]
        if not prose or sum(is_related_link(b) for b in after) > max(1, len(prose) // 2):
            return list(blocks[:at])
        return [*blocks[:at], *cut_at_labels(after)]
    return list(blocks)


def _teaser(block: Block) -> bool:
    return block.link_share > 0.6 or block.kind == "image"


def is_related_link(block: Block) -> bool:
    """Whether a block is nothing but a link to another page (or to a document, which is told as a field)."""
    if block.kind == "image" or not block.links:
        return False
    text = RELATED_PREFIX.sub("", block.text)
    if _SOURCE_LABEL.match(text):
        return False  # "Nguồn: <a>Tạp chí Mẫu</a>" is a byline
    introduced = len(text) < len(block.text)
    dated = _DATED.search(text[-DATED:])  # in a whole long line each run of blanks and dashes would be tried
    plain = len(text) - (len(dated[0]) if dated else 0) - block.link_chars
    if all(is_document(link.get("href") or "") for link in block.links):
        return plain < 25
    if plain > max(12, 0.15 * len(text)) and not (introduced and block.link_share > 0.5):
        return False
    if all((link.get("href") or "#").startswith(("#", "mailto:", "tel:")) for link in block.links):
        return False
    if introduced or block.item:
        return True
    return len(text.split()) >= 3 and not re.search(r"[.!?…][”\"')\]]*$", text)


def settle(
    blocks: Sequence[Block], *, title: str, lead: str | None, own: frozenset[str], strict: bool = False
) -> list[Block]:
    """Text blocks of the article: furniture, related links and repetitions taken out.

    `own` are folded lines known of the site; `strict` is for pages no template describes, where lines at
    both edges are looked at harder."""
    if strict:
        blocks = _without_lists(blocks)
    kept = [
        b
        for b in blocks
        if b.kind == "row" or (b.kind != "image" and not is_related_link(b) and not is_boilerplate(b.text, own))
    ]
    kept = _without_headline(kept, title)
    if strict:
        kept = _without_edges(kept)
    kept = _without_lead(kept, lead)
    return _without_repeats(kept)


def _without_headline(blocks: list[Block], title: str) -> list[Block]:
    """The title printed again above the text, with or without its date."""
    key = bare(title)
    if not key:
        return blocks
    for at, block in enumerate(blocks[:4]):
        own = bare(block.text)
        if own == key or (own.startswith(key) and len(own) - len(key) <= 14 and not _SENTENCE_END.search(block.text)):
            return [*(b for b in blocks[:at] if is_prose(b)), *blocks[at + 1 :]]
        if is_prose(block):
            break
    return blocks


def _without_edges(blocks: list[Block]) -> list[Block]:
    first = next((i for i, b in enumerate(blocks) if is_prose(b)), None)
    if first is None:
        return blocks
    last = max(i for i, b in enumerate(blocks) if is_prose(b))
    head = [b for b in blocks[:first] if not (is_date_line(b.text) or is_edge_furniture(b.text) or _is_poster(b.text))]
    tail = [
        b
        for b in blocks[last + 1 :]
        if not (is_edge_furniture(b.text) and not _SOURCE_LABEL.match(b.text))
        and not (b.link_share > 0.6 and not _SOURCE_LABEL.match(b.text))
        and not (is_date_line(b.text) and _DATE_LABELS.search(b.text))
    ]
    return [*head, *blocks[first : last + 1], *tail]


def _is_poster(text: str) -> bool:
    """Whether a line only tells who put the page in the system, and when."""
    return len(text) < 90 and _POSTED.match(text) is not None and not _SENTENCE_END.search(text)


_POSTED = re.compile(
    r"\W*(?:(?:(?:được )?(?:đăng|gửi|cập nhật) bởi|(?:posted|created) by)\b|người đăng\s*:)", re.IGNORECASE
)


# -- lists of links ----------------------------------------------------------------------------------------

_LABEL = 60
_LABEL_WORDS = 8


def _without_lists(blocks: Sequence[Block]) -> list[Block]:
    """Blocks without tables of contents, and without the label of a list of links below the last sentence."""
    to_parts = [_leads_within(b) for b in blocks]
    last = max((i for i, b in enumerate(blocks) if is_prose(b)), default=len(blocks))
    return [
        b
        for i, b in enumerate(blocks)
        if not (to_parts[i] and ((i and to_parts[i - 1]) or any(to_parts[i + 1 : i + 2])))
        and not (i > last and _may_head(b) and _heads_links(b.node))
    ]


def _leads_within(block: Block) -> bool:
    """Whether a block is nothing but a link to a part of the same page."""
    if block.kind != "text" or not block.links or block.link_share < 0.8 or len(block.text.split()) < 2:
        return False
    return all(len(href := link.get("href") or "") > 1 and href.startswith("#") for link in block.links)


def _may_head(block: Block) -> bool:
    text = block.text
    if block.kind != "text" or block.align == "right" or not (block.heading or block.all_bold or text.endswith(":")):
        return False
    if len(text) > _LABEL or len(text.split()) > _LABEL_WORDS or text[-1:] in '.!…”"':
        return False
    return read_signature(text) is None and not is_picture_credit(text)


def _heads_links(node: HtmlElement) -> bool:
    """Whether two or more links to other pages, and little else, follow right behind an element."""
    for _ in range(3):
        if sum(len(part.strip()) for part in islice(node.itertext(), 40)) > _LABEL + 5:
            return False  # the label stands at the end of the text's own element
        count = 0
        for after in islice(node.itersiblings(), 12):
            text = sum(len(part.strip()) for part in islice(after.itertext(), 400))
            if not text or not isinstance(after.tag, str):
                continue
            links = [a for a in islice(after.iter("a"), 100) if _leads_away(a.get("href") or "")]
            if sum(len(a.text_content()) for a in links) < 0.6 * text:
                return False
            count += len(links)
            if count > 1:
                return True
        parent = node.getparent()
        if count or parent is None or parent.tag == "body":
            return False
        node = parent
    return False


def _leads_away(href: str) -> bool:
    return bool(href) and not href.startswith(("#", "mailto:", "tel:", "javascript:")) and not is_document(href)


def is_date_line(text: str) -> bool:
    """Whether a short line only tells when (and perhaps by whom) an article was published.

    "Thúy Nga| 04/10/2021 07:21", "Thứ Tư, 08/04/2015, 08:11 [GMT+7]"; not "Ngày 17-4-2012, Thành ủy tổ
    chức giao ban." """
    if len(text) > 110 or not _DATE.search(text):
        return False
    rest = _CLOCK.sub("", _DATE.sub("", text))
    return len(re.findall(r"[^\W\d_]{2,}", _DATE_LABELS.sub(" ", rest))) <= 7 and not re.search(
        r"[,:]\s\w+(?:\s\w+){6,}|[.!?]\s*$", rest
    )


def _without_lead(blocks: list[Block], lead: str | None) -> list[Block]:
    key = bare(lead or "")
    if len(key) < 15:
        return blocks
    kept: list[Block] = []
    for at, block in enumerate(blocks[:6]):
        own = bare(block.text)
        if len(own) > 15 and (own == key or (own in key and len(own) > 0.5 * len(key))):
            continue
        if at < 3 and own.startswith(key) and len(own) - len(key) < 25:
            continue
        kept.append(block)
    return kept + blocks[6:]


def _without_repeats(blocks: list[Block]) -> list[Block]:
    """Long paragraphs once: photo essays and print versions repeat each text."""
    seen: set[str] = set()
    kept: list[Block] = []
    for block in blocks:
        if len(block.text) >= PROSE:
            if block.text in seen:
                continue
            seen.add(block.text)
        kept.append(block)
    return kept
