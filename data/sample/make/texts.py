"""Reads the written stories of the sample from `texts/*.txt`.

A file holds stories, each opened by a line `=== key`. Then come `name: value` lines, then one block a line:
plain text is a paragraph; `[image] caption | credit`, `[table] a ; b / c ; d`, `[file] title | name.pdf`,
`[sub] heading`, `[item] - list item` are what they say; `[edit 2] text` replaces paragraph 2 on the second
night, `[edit title] text` the title, `[edit +] text` adds a paragraph at the end.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

VIETNAM = timezone(timedelta(hours=7))
TEXTS = Path(__file__).resolve().parents[1] / "texts"

# "published: 2026-11-19 07:21" and "lead: 1" match; "Trả lời: Khi đi làm xa" must not (not a known name)
_FIELD = re.compile(r"(title|published|event|listed|byline|lead|tags|place): *(.*)")
_BLOCK = re.compile(r"\[(image|table|file|sub|item|edit)(?: ([\w+]+))?\] (.*)")
_TEXT_KINDS = ("p", "sub", "item")


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a story: `p`, `sub`, `item`, `image`, `table` or `file`, and what follows its bar."""

    kind: str
    text: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One text of the sample with the facts a page shows or hides. Times are +07:00."""

    key: str
    title: str
    blocks: tuple[Block, ...]
    byline: str | None = None
    published: datetime | None = None
    """Shown on the page, to the minute."""
    event: date | None = None
    """The day, with its year, that opens the lead."""
    listed: date | None = None
    """The day a list of another page shows beside the title (day and month only)."""
    lead: bool = False
    """The first paragraph is set apart as the lead (sapo)."""
    tags: tuple[str, ...] = ()
    edits: tuple[tuple[str, str], ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Paragraphs, subheadings and list items in order, lead included; no captions, tables or files."""
        return tuple(block.text for block in self.blocks if block.kind in _TEXT_KINDS)

    @property
    def day(self) -> date | None:
        """The day lists sort by, where one is known."""
        return self.published.date() if self.published else self.listed or self.event

    def edited(self) -> Story:
        """The story as it stands on the second night, after its `[edit …]` lines."""
        title, blocks = self.title, list(self.blocks)
        for where, text in self.edits:
            if where == "title":
                title = text
            elif where == "+":
                blocks.append(Block("p", text))
            else:
                index = [n for n, block in enumerate(blocks) if block.kind in _TEXT_KINDS][int(where)]
                blocks[index] = replace(blocks[index], text=text)
        return replace(self, title=title, blocks=tuple(blocks), edits=())


def read_stories(path: Path) -> tuple[Story, ...]:
    """All stories of one file, in its order.

    Raises ValueError with the file's name for a block of an unknown kind or a story without a title.
    """
    text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
    return tuple(_story(part, path) for part in re.split(r"(?m)^=== ", text)[1:])


def _story(part: str, path: Path) -> Story:
    key, *lines = part.strip().splitlines()
    fields: dict[str, str] = {}
    blocks: list[Block] = []
    edits: list[tuple[str, str]] = []
    for line in filter(None, map(str.strip, lines)):
        if not blocks and (found := _FIELD.fullmatch(line)):
            fields[found[1]] = found[2]
        elif line.startswith("["):
            if not (mark := _BLOCK.fullmatch(line)):
                message = f"{path.name}, story {key}: unknown block: {line[:40]}"
                raise ValueError(message)
            if mark[1] == "edit":
                edits.append((mark[2], mark[3]))
            else:
                text, _, more = mark[3].partition(" |")
                blocks.append(Block(mark[1], text.strip(), more.strip()))
        else:
            blocks.append(Block("p", line))
    if "title" not in fields:
        message = f"{path.name}, story {key}: no title"
        raise ValueError(message)
    return Story(
        key=key,
        title=fields["title"],
        blocks=tuple(blocks),
        byline=fields.get("byline") or None,
        published=_minute(fields.get("published")),
        event=date.fromisoformat(fields["event"]) if "event" in fields else None,
        listed=date.fromisoformat(fields["listed"]) if "listed" in fields else None,
        lead="lead" in fields,
        tags=tuple(filter(None, (tag.strip() for tag in fields.get("tags", "").split(",")))),
        edits=tuple(edits),
    )


def _minute(value: str | None) -> datetime | None:
    return datetime.strptime(value, "%Y-%m-%d %H:%M").replace(tzinfo=VIETNAM) if value else None
