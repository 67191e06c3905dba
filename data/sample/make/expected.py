"""The truth about the sample, for tests: what a crawl of it must find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from make import nights
from make.plan import SitePlan
from make.site import Placed
from make.texts import Block, Story
from make.warcs import Exchange

ABOUT = (
    "What the sample holds. Times are +07:00. `lead` is set only where the page sets the first paragraph apart; the "
    "whole text is lead, then paragraphs. `optional_lines` (cells of tables, names of attachments) may stand in the "
    "text or not. `event_date` is the day that opens the text, its year completed from published_at where the page "
    "gives none. `listed_day` stands beside the title in lists only and is no publication date."
)
# "Ngày 8-10-2026,", "Sáng 3-11,", "Chiều 19/11," after an agency prefix or none; not "Tháng 2/2026,"
_OPENING = re.compile(r"(?:HNP - |\(HNM\) - )?(?:Sáng|Chiều|Ngày) (\d{1,2})[/-](\d{1,2})(?:[/-](\d{4}))?,")

Json = dict[str, Any]


def expected(plans: Sequence[SitePlan], exchanges: dict[tuple[str, int], tuple[Exchange, ...]]) -> Json:
    """One object for the whole sample: the nights, and for every site its listings, articles and special cases."""
    captured = {
        str(night): {
            "from": starts.isoformat(),
            "files": [f"night-{night}/{plan.layout.id}.warc.gz" for plan in plans],
        }
        for night, starts in nights.STARTS.items()
    }
    sites = {plan.layout.id: _site(plan, exchanges) for plan in plans}
    return {"about": ABOUT, "nights": captured, "sites": sites}


def _site(plan: SitePlan, exchanges: dict[tuple[str, int], tuple[Exchange, ...]]) -> Json:
    answered = {night: {item.url: item for item in exchanges[plan.layout.id, night]} for night in nights.STARTS}
    articles = [
        _article(plan, item, answered)
        for item in plan.stories
        if item.story.key not in plan.dead and item.story.key not in plan.challenge
    ]
    pages = {
        str(night): [plan.layout.listing_address(section, page) for section, page, _, _ in nights.listings(plan, night)]
        for night in nights.STARTS
    }
    return {
        "host": plan.layout.host,
        "robots": plan.layout.robots is not None,
        "listings": pages,
        "captures": {str(night): len(found) for night, found in answered.items()},
        "articles": articles,
        "dead_links": sorted(plan.placed(key).url for key in plan.dead),
        "challenges": sorted(plan.placed(key).url for key in plan.challenge),
    }


def _article(plan: SitePlan, item: Placed, answered: dict[int, dict[str, Exchange]]) -> Json:
    story = item.story
    published = story.published.isoformat() if story.published else None
    damaged = dict(plan.broken).get(story.key, "")
    found: Json = {
        "url": item.url,
        "first_night": 2 if story.key in plan.new else 1,
        "captured": [night for night, urls in answered.items() if item.url in urls],
        **_text(story, damaged),
        "byline": story.byline,
        "published_at": published,
        "published_precision": "minute" if published else "none",
        "event_date": _event(story),
        "listed_day": story.listed.isoformat() if story.listed else None,
        "section": item.section.title or None,
        "tags": list(story.tags),
        "images": [{"caption": b.text, "credit": b.more} for b in story.blocks if b.kind == "image"],
        "files": [{"title": b.text, "name": b.more} for b in story.blocks if b.kind == "file"],
        "optional_lines": [line for block in story.blocks for line in _optional(block)],
        "damaged_paragraphs": [
            n for n, text in enumerate(story.texts[int(story.lead) :]) if damaged and damaged in text
        ],
        "aliases": [url for key, url in plan.aliases if key == story.key],
        "twins": [url for key, url in plan.twins if key == story.key],
        "redirects": [url for key, url in plan.redirects if key == story.key],
        "second_night": "same",
    }
    removed = dict(plan.removed)
    if story.key in removed:
        found["second_night"] = "removed"
        found["removed_status"] = removed[story.key]
    elif story.edits:
        found["second_night"] = "edited"
        found["edited"] = _text(story.edited(), "")
    return found


def _text(story: Story, damaged: str) -> Json:
    texts = [text.replace(damaged, _damage(damaged)) if damaged else text for text in _lines(story)]
    lead = texts.pop(0) if story.lead else None
    return {"title": story.title, "lead": lead, "paragraphs": texts}


def _lines(story: Story) -> list[str]:
    return [block.text for block in story.blocks if block.kind in {"p", "sub", "item"}]


def _damage(word: str) -> str:
    """What a reader sees of a word that lost the second byte of its first two-byte letter."""
    first = next(n for n, letter in enumerate(word) if ord(letter) > 0x7F)
    return word[:first] + "\ufffd" + word[first + 1 :]


def _optional(block: Block) -> list[str]:
    if block.kind == "table":
        return [cell.strip() for row in block.text.split(" / ") for cell in row.split(";")]
    return [block.text, f"Tệp đính kèm: {block.text}"] if block.kind == "file" else []


def _event(story: Story) -> str | None:
    found = _OPENING.match(story.texts[0])
    if not found:
        return None
    day, month, year = found.groups()
    known = story.published.year if story.published else None
    if year is None and known is None:
        return None
    return date(int(year or known or 0), int(month), int(day)).isoformat()
