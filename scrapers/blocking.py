"""Pages that block instead of answering, under their names: challenges, captchas, "403 with 200"."""

from __future__ import annotations

from pipelines.article import Capture, Refusal, Verdict
from pipelines.decode import decode
from pipelines.extract.page import parse
from pipelines.extract.verdicts import challenge


def blocked_by(capture: Capture) -> Refusal | None:
    """What keeps us out, if a page that should list links is no such page; None where nothing does."""
    text = decode(capture.body, capture.content_type).text
    page = parse(text, capture.url)
    refusal = challenge(page, text, capture.status) if page is not None else None
    return refusal if refusal is not None and refusal.verdict is Verdict.CHALLENGE else None
