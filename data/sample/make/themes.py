"""Further stories from themes: each slot of a theme has three wordings, and facts are filled in.

Which wordings a story takes follows a 3 x 3 square, so that two stories of one theme share at most one
paragraph of the four: the sample has relatives, but no near duplicates that were not meant.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from make.texts import TEXTS, Block, Story

_SLOTS = "TL123"
# "{a:6-19}" is a number between 6 and 19, the same wherever the story says {a:…}
_NUMBER = re.compile(r"\{(\w):(\d+)-(\d+)\}")


@dataclass(frozen=True, slots=True)
class Order:
    """One story to be made: theme, square 0 to 8, the unit it is set in, and its facts."""

    theme: str
    square: int
    unit: str
    opening: str
    """What the first sentence starts with: "Ngày 12-11-2026," or "Sáng 12/11,"."""
    year: int
    byline: str | None
    published: datetime | None = None
    event: date | None = None
    listed: date | None = None
    lead: bool = False
    prefix: str = ""
    """Agency prefix before the first sentence: "HNP - "."""
    tags: tuple[str, ...] = ()


def story(order: Order) -> Story:
    """The story for an order; the same order always gives the same words."""
    slots = _wordings(order.theme)
    key = f"{order.theme}-{order.square}"
    row, column = divmod(order.square, 3)
    numbers: dict[str, int] = {}

    def fill(slot: int) -> str:
        text = slots[_SLOTS[slot]][(row * slot + column) % 3]
        text = _NUMBER.sub(lambda match: str(_number(numbers, key + order.unit, match)), text)
        text = text.replace("{mo}", order.opening).replace("{nam}", str(order.year))
        return text.replace("{Xa}", _sentence(order.unit)).replace("{xa}", order.unit)

    title, lead, *rest = (fill(slot) for slot in range(5))
    return Story(
        key=key,
        title=title,
        blocks=tuple(Block("p", text) for text in (order.prefix + _sentence(lead), *rest)),
        byline=order.byline,
        published=order.published,
        event=order.event,
        listed=order.listed,
        lead=order.lead,
        tags=order.tags,
    )


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:]


def _number(numbers: dict[str, int], seed: str, match: re.Match[str]) -> int:
    name, low, high = match[1], int(match[2]), int(match[3])
    if name not in numbers:
        digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
        numbers[name] = low + int.from_bytes(digest[:4], "big") % (high - low + 1)
    return numbers[name]


def _wordings(theme: str) -> dict[str, Sequence[str]]:
    text = unicodedata.normalize("NFC", (TEXTS / "themes" / f"{theme}.txt").read_text(encoding="utf-8"))
    found: dict[str, list[str]] = {slot: [] for slot in _SLOTS}
    for line in filter(None, text.splitlines()):
        slot, _, words = line.partition(": ")
        found[slot].append(words)
    return dict(found)
