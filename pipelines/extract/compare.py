"""When two lines are the same text: titles repeated in a body, leads printed twice."""

from __future__ import annotations

import re
import unicodedata

_NOT_WORD = re.compile(r"[^\w]+")


def bare(text: str) -> str:
    """Letters and digits only, without case: what stays the same when a line is typed a second time.

    >>> bare("“Đại hội” lần thứ I.") == bare('"Đại hội" lần thứ I')
    True
    """
    return _NOT_WORD.sub("", unicodedata.normalize("NFC", text).casefold())


def words(text: str) -> frozenset[str]:
    """The set of words of a line, without case."""
    return frozenset(_NOT_WORD.split(unicodedata.normalize("NFC", text).casefold())) - {""}


def overlap(one: str, other: str) -> float:
    """Share of the shorter line's words that the other has too, 0 to 1."""
    a, b = words(one), words(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0
