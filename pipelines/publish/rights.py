"""What a site's rights note lets readers see: all of a text, an excerpt, or none of it."""

from __future__ import annotations

EXCERPT_CHARACTERS = 300
LEAD_CHARACTERS = 600
"""A lead is a few lines; where a page calls its whole text one, the rest is withheld."""


def excerpt(text: str, limit: int = EXCERPT_CHARACTERS) -> str:
    """The text itself if it has at most `limit` characters, else its beginning: whole words and "…"."""
    if len(text) <= limit:
        return text
    head = text[:limit]  # one more than may stay, to see whether a word ends there
    cut = max(head.rfind(" "), head.rfind("\n"))
    return (head[:cut].rstrip() if cut > 0 else head[: limit - 1]) + "…"


def shown_lead(lead: str | None, rights: str) -> str | None:
    """The lead as published under `full`, `excerpt` or `none`."""
    if lead is None or rights == "full":
        return lead
    return excerpt(lead, LEAD_CHARACTERS) if rights == "excerpt" else None


def shown_body(body: str | None, rights: str) -> str | None:
    """The body as published; None under `none`."""
    if body is None or rights == "full":
        return body
    return excerpt(body) if rights == "excerpt" else None


def shown_evidence(value: str, field: str, rights: str) -> str:
    """A value or a raw string of the evidence, empty where it could carry withheld text."""
    if rights == "full" or field in _FACTS:
        return value
    return excerpt(value) if rights == "excerpt" and field in _OPENING else ""


# The raw string of a fact is a date line, a byline, a breadcrumb; that of another field may be any paragraph.
_FACTS = frozenset({"title", "byline", "author", "agency", "section", "published_at", "language", "tags", "template"})
_OPENING = frozenset({"lead", "event_date"})
