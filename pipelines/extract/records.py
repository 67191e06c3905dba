"""Outcomes of extraction as plain dictionaries: what `khotin extract` prints."""

from __future__ import annotations

from typing import Any

from pipelines.article import Article, Evidence, Refusal


def article_record(result: Article | Refusal, id: str | int | None = None) -> dict[str, Any]:  # noqa: A002 - the key's name
    """One outcome as a dictionary that JSON can hold; the keys are always the same.

    `body` is the lead first where there is one, then the paragraphs, one a line. For a page that is no
    article all texts are None, `verdict` names what it is, and the first evidence gives the reason."""
    if isinstance(result, Refusal):
        reason = Evidence("verdict", result.verdict.value, "verdict", note=result.reason)
        return {
            "id": id,
            "verdict": result.verdict.value,
            **dict.fromkeys(
                (
                    "title",
                    "lead",
                    "body",
                    "author",
                    "published_at",
                    "published_precision",
                    "event_date",
                    "section",
                )
            ),
            "evidence": [_evidence(e) for e in (reason, *result.evidence)],
            "flags": list(result.flags),
        }
    return {
        "id": id,
        "verdict": result.verdict.value,
        "title": result.title,
        "lead": result.lead,
        "body": result.body,
        "author": result.byline,
        "published_at": result.date.published_at,
        "published_precision": result.date.precision.value,
        "event_date": result.date.event_date,
        "section": result.section,
        "evidence": [_evidence(e) for e in result.evidence],
        "flags": list(result.flags),
    }


def _evidence(item: Evidence) -> dict[str, Any]:
    return {
        "field": item.field,
        "value": item.value,
        "rule": item.rule,
        "raw": item.raw,
        "confidence": round(item.confidence, 3),
        "note": item.note,
    }
