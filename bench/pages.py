"""The pages of the bench with what a person read on them."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "pages"
WRITTEN = ROOT / "tests" / "pages"
_URL = re.compile(r"<!-- url: (\S+) -->")


@dataclass(frozen=True, slots=True)
class Page:
    """One article page and its gold. All texts are NFC."""

    name: str
    file: Path
    url: str
    title: str
    lead: str
    body: str | None
    """Lead first, one paragraph a line; None where the copy of the page was altered by somebody."""
    author: str | None
    published: str | None
    """ISO 8601, +07:00."""
    minute: bool
    """Whether the page shows a time of day that is not a placeholder."""


def real_pages(folder: Path = SHARED) -> list[Page]:
    """The article pages of the folder of real pages."""
    found = []
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").split("\n"):
        entry: dict[str, Any] = json.loads(line) if line else {}
        if entry.get("kind") != "article":
            continue
        gold = entry["gold"]
        body = None if entry.get("altered") else _nfc((folder / gold["text_file"]).read_text(encoding="utf-8").strip())
        found.append(
            Page(
                name=entry["file"],
                file=folder / entry["file"],
                url=entry["url"] or "",
                title=_nfc(gold["title"]),
                lead=_nfc(gold["sapo"] or ""),
                body=body,
                author=_nfc(gold["author"]) if gold["author"] else None,
                published=gold["published"],
                minute=bool(gold["published"]) and not gold.get("time_is_placeholder"),
            )
        )
    return found


def written_pages(folder: Path = WRITTEN) -> list[Page]:
    """The articles among the pages that were written for the tests."""
    found = []
    for file in sorted(folder.glob("*/*.html")):
        gold = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
        url = _URL.match(file.read_text(encoding="utf-8"))
        if gold["verdict"] != "article" or url is None:
            continue
        lead = gold["lead"] or ""
        found.append(
            Page(
                name=f"{file.parent.name}/{file.name}",
                file=file,
                url=url[1],
                title=gold["title"],
                lead=lead,
                body="\n".join(filter(None, (lead, *gold["paragraphs"]))),
                author=gold["byline"],
                published=gold["published_at"],
                minute=gold["precision"] == "minute",
            )
        )
    return found


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
