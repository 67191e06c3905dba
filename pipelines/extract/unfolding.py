"""Text that a page keeps folded until the reader asks for the rest of the article."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from pipelines.extract.page import squeeze, visible_text

_TOGGLE = re.compile(
    r"\W*(?:xem|đọc|hiển thị) (?:toàn bộ|toàn bài|đầy đủ|thêm|tiếp|hết)(?: (?:bài viết|nội dung|bài))?\W*"
    r"|\W*mở rộng\W*",
    re.IGNORECASE,
)
_NO_TARGET = re.compile(r"\s*(?:#.*|javascript:.*)?", re.IGNORECASE)
_SENTENCE = 60
_PARTS = 12
"""Pieces of text of an element from which on it is no button."""
_NOT_TEXT = ("form", "input", "textarea", "iframe", "a")


def unfolds(node: HtmlElement) -> bool:
    """Whether a hidden element holds paragraphs that go on after a paragraph, with "Xem toàn bộ" below it: a button or
    a link that leads nowhere.
    """
    before, after = node.getprevious(), node.getnext()
    if before is None or after is None or before.tag != "p" or node.find("p") is None:
        return False
    if not _is_toggle(after) or next(node.iter(*_NOT_TEXT), None) is not None:
        return False
    paragraphs = [squeeze(text) for p in node.iterchildren("p") if (text := visible_text(p, 2_000))]
    return len(visible_text(before, 400)) >= _SENTENCE and any(len(text) >= _SENTENCE for text in paragraphs)


def _is_toggle(node: HtmlElement) -> bool:
    parts = list(islice(node.itertext(), _PARTS)) if isinstance(node.tag, str) else []
    if len(parts) == _PARTS or not _TOGGLE.fullmatch(squeeze("".join(parts))):
        return False
    return all(_NO_TARGET.fullmatch(link.get("href") or "") for link in node.iter("a"))
