"""Saved pages of a site with what is expected of them: the test of a card. It fails until someone has looked.

A page is two files in `pages/<site>/` beside `sites/` and `families/`: the body as it was sent, and a JSON file.
`read_by` in the latter is empty until a person has compared the two and put a name there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from pipelines.article import Article, Capture, KhotinError, Refusal
from pipelines.extract import extract
from pipelines.schema import iso
from scrapers.catalogue import Site
from scrapers.discovery import Unreadable, read_listing

_NOTE = (
    "Compare with the page in a browser, correct what is wrong under `expected`, then put your name under `read_by`."
)


class SavedPage(msgspec.Struct, frozen=True):
    """The JSON file beside a saved page."""

    url: str
    kind: str
    """`article` or `listing`."""
    fetched_at: str
    content_type: str
    expected: dict[str, Any]
    read_by: str = ""
    note: str = ""


class NoSavedPage(KhotinError):
    """A saved page that is missing, or whose JSON file can't be read."""

    exit_code = 66


@dataclass(frozen=True, slots=True)
class Compared:
    """What became of a saved page when it was read again."""

    file: Path
    """The JSON file."""
    url: str
    read_by: str
    differs: tuple[str, ...]
    """The fields that came out otherwise than expected."""

    @property
    def problem(self) -> str:
        """Why this page is no proof; empty where it is one."""
        if self.differs:
            return f"{self.file}: {', '.join(self.differs)} came out otherwise than expected"
        if not self.read_by:
            return f"{self.file}: nobody has looked at it yet"
        return ""


def outcome(result: Article | Refusal) -> dict[str, Any]:
    """What a reader of the archive sees of a page, and which template read it; JSON can hold it."""
    if isinstance(result, Refusal):
        return {"verdict": result.verdict.value, "reason": result.reason}
    return {
        "verdict": "article",
        "title": result.title,
        "lead": result.lead,
        "paragraphs": list(result.paragraphs),
        "byline": result.byline,
        "agency": result.agency,
        "published_at": result.date.published_at,
        "precision": result.date.precision.value,
        "event_date": result.date.event_date,
        "section": result.section,
        "tags": list(result.tags),
        "images": [asdict(image) for image in result.images],
        "attachments": [asdict(item) for item in result.attachments],
        "language": result.language,
        "template": result.template,
        "flags": list(result.flags),
    }


def read_again(capture: Capture, kind: str, site: Site) -> dict[str, Any]:
    """What a card makes of a saved page today."""
    if kind == "article":
        return outcome(extract(capture, site.rules))
    try:
        listing = read_listing(capture.body, capture.content_type, capture.url, site, None)
    except Unreadable as error:
        return {"verdict": "unreadable", "reason": str(error)}
    return {
        "verdict": "listing",
        "articles": [[one.url, one.hint.published, one.hint.title] for one in listing.candidates],
        "pages": list(listing.pages),
    }


def save(folder: Path, stem: str, capture: Capture, kind: str, site: Site) -> Path:
    """Write a page and what the card makes of it; gives the JSON file. `folder`: `pages/<site>`."""
    folder.mkdir(parents=True, exist_ok=True)
    page = SavedPage(
        url=capture.url,
        kind=kind,
        fetched_at=iso(capture.fetched_at),
        content_type=capture.content_type,
        expected=read_again(capture, kind, site),
        note=_NOTE,
    )
    (folder / f"{stem}.html").write_bytes(capture.body)
    file = folder / f"{stem}.json"
    file.write_text(json.dumps(msgspec.to_builtins(page), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return file


def compare(folder: Path, site: Site) -> Iterator[Compared]:
    """Read the saved pages of a site again. Raises `NoSavedPage`."""
    for file in sorted(folder.glob("*.json")):
        try:
            page = msgspec.json.decode(file.read_bytes(), type=SavedPage)
            body = file.with_suffix(".html").read_bytes()
            moment = datetime.fromisoformat(page.fetched_at)
        except (msgspec.DecodeError, OSError, ValueError) as error:
            message = f"{file}: can't be read ({error}): make it anew with khotin new-site --force"
            raise NoSavedPage(message) from error
        got = read_again(Capture(page.url, moment, 200, page.content_type, body), page.kind, site)
        differs = tuple(key for key in {**page.expected, **got} if page.expected.get(key) != got.get(key))
        yield Compared(file, page.url, page.read_by.strip(), differs)
