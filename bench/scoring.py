"""How the bench judges what a tool gave for a page. Doubtful cases count for the tool."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from bench.evaluate import shingle_f1
from bench.pages import Page

_VIETNAM = timezone(timedelta(hours=7))
_BETWEEN_NAMES = re.compile(r"\s+[-–]\s+|\s*[,;]\s*")


def score(page: Page, result: dict[str, Any]) -> dict[str, float]:
    """Measures of one page, each 0 to 1; a field that the tool does not offer has no measure."""
    measures: dict[str, float] = {"title": _line(result.get("title")) == page.title}
    got = _text(result.get("body"))
    if page.lead:
        measures["lead"] = " ".join(page.lead.split()) in " ".join(got.split())
    if page.body is not None:
        measures["body_f1"] = shingle_f1(got, page.body)
        measures["body_exact"] = got == _text(page.body)
    if "author" in result:
        names = _names(result["author"])
        measures["author"] = names == _names(page.author)
        measures["invented"] = bool(names) and page.author is None
    if "published" in result:
        moment = _moment(result["published"])
        right = moment[:10] == (page.published or "")[:10]
        measures["day_right"] = right
        measures["day_wrong"] = bool(moment) and not right
        measures["day_missing"] = not moment and not right
        if page.minute:
            measures["minute"] = moment[:16] == (page.published or "")[:16]
    return {name: float(value) for name, value in measures.items()}


def means(pages: Sequence[Page], results: dict[str, dict[str, Any]]) -> dict[str, float]:
    """The mean of each measure over all pages; a page without a result is scored as one without any field."""
    offered = {key for result in results.values() for key in result}
    values: dict[str, list[float]] = defaultdict(list)
    for page in pages:
        result = results.get(page.name) or dict.fromkeys(offered)
        for name, value in score(page, result).items():
            values[name].append(value)
    return {name: sum(found) / len(found) for name, found in values.items()}


def _line(text: str | None) -> str:
    return " ".join(unicodedata.normalize("NFC", text or "").split())


def _text(text: str | None) -> str:
    """Lines squeezed, empty ones left out."""
    return "\n".join(line for raw in (text or "").splitlines() if (line := _line(raw)))


def _names(author: str | list[str] | None) -> list[str]:
    """Names in their order, however they are parted, without case."""
    parts = author if isinstance(author, list) else _BETWEEN_NAMES.split(author or "")
    return [name.casefold() for part in parts if (name := _line(part))]


def _moment(value: str | None) -> str:
    """A date in Vietnam's time; one without a zone is taken as that, one that can't be read as missing."""
    if not value:
        return ""
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return value if re.match(r"\d{4}-\d\d-\d\d", value) else ""
    if moment.tzinfo is None:
        return value.strip().replace(" ", "T")
    return moment.astimezone(_VIETNAM).isoformat()
