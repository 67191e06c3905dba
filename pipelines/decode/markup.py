"""The text of a page's source, found without parsing: runs of text between tags, block by block."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.text.syllables import word_set

_NAME = re.compile("</?([A-Za-z][A-Za-z0-9]*)")
_CLOSERS = {
    name: re.compile(f"</{name}(?![A-Za-z0-9])", re.IGNORECASE) for name in ("script", "style", "template", "svg")
}
_INLINE = word_set(
    """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark q s samp small span
    strike strong sub sup time tt u var wbr
    """
)

MAX_TAGS = 200_000
"""After so many tags the rest of a page is left as it is: no real page comes near."""

Span = tuple[int, int]


def blocks(page: str) -> Iterator[list[Span]]:
    """Spans (start, end) of the text runs of each block of HTML source, in order; linear in the length.

    Inline tags part runs but not blocks. Comments, scripts and styles are left out; a ">" inside an attribute
    ends the tag too early, which only makes the attribute's rest look like text.
    """
    runs: list[Span] = []
    start = at = 0
    for _ in range(MAX_TAGS):
        opens = _next_tag(page, at)
        if opens < 0:
            break
        if opens > start:
            runs.append((start, opens))
        name = _NAME.match(page, opens)
        tag = name.group(1).lower() if name else ""
        if tag not in _INLINE and runs:
            yield runs
            runs = []
        end = _end(page, opens, tag)
        if end < 0:
            start = len(page)
            break
        start = at = end
    if 0 <= start < len(page):
        runs.append((start, len(page)))
    if runs:
        yield runs


def _next_tag(page: str, at: int) -> int:
    while (at := page.find("<", at)) >= 0:
        after = page[at + 1 : at + 2]
        if after in ("/", "!", "?") or (after.isascii() and after.isalpha()):
            return at
        at += 1
    return -1


def _end(page: str, opens: int, tag: str) -> int:
    """Where the text goes on behind a tag, a comment, a whole script; -1 when it never does."""
    if page.startswith("<!--", opens):
        close = page.find("-->", opens + 4)
        return close + 3 if close >= 0 else -1
    close = page.find(">", opens)
    if close < 0:
        return -1
    if tag in _CLOSERS and page[opens + 1] != "/" and page[close - 1] != "/":
        closer = _CLOSERS[tag].search(page, close)
        return closer.start() if closer else -1
    return close + 1


def visible_sample(page: str, limit: int) -> str:
    """The first `limit` characters of text that are not plain ASCII runs: what a charset is judged on."""
    lines: list[str] = []
    size = 0
    for runs in blocks(page):
        line = "".join(page[a:b] for a, b in runs)
        if line.isascii() and "&" not in line:
            continue
        lines.append(line)
        size += len(line)
        if size >= limit:
            break
    return "\n".join(lines)[:limit]
