"""Bytes of a page to text: which charset it really is in, whatever it declares."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.article import Evidence


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page as text."""

    text: str
    charset: str
    flags: tuple[str, ...] = ()
    evidence: Evidence = Evidence("charset", "", "")


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Decode a page; never raises."""
    text = body.decode("utf-8-sig", "replace").replace("\x00", "")
    flags = ("broken_bytes",) if "\ufffd" in text else ()
    return Decoded(text, "utf-8", flags, Evidence("charset", "utf-8", "utf-8", content_type[:300]))
