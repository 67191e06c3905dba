"""Vietnamese text on two levels: clean (stored, the publisher's spelling) and normalised (search, matching)."""

from __future__ import annotations

import html
import re
import unicodedata

from pipelines.text.syllables import is_syllable, syllable_validity

__all__ = [
    "clean", "clean_line", "fold", "is_syllable", "language", "normalise", "repair", "syllable_validity", "text_flags",
]

_OUT = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TONED = re.compile(r"(?<![qQ])([oO][àáảãạèéẻẽẹÀÁẢÃẠÈÉẺẼẸ]|[uU][ỳýỷỹỵỲÝỶỸỴ])(?![^\W\d_])")


def repair(text: str) -> tuple[str, tuple[str, ...]]:
    """Undo legacy encodings inside a string; the flags name what was undone or could not be."""
    return text, ("lossy",) if "\ufffd" in text else ()


def clean(text: str) -> str:
    """The text as the archive stores it: NFC, plain spaces, line breaks as \\n, the publisher's spelling."""
    text = html.unescape(text) if "&" in text else text
    text = repair(unicodedata.normalize("NFC", text))[0].replace("Ð", "Đ").replace("ð", "đ")
    return "\n".join(" ".join(line.split()) for line in _OUT.sub("", text).splitlines())


def clean_line(text: str) -> str:
    """`clean` on one line."""
    return " ".join(clean(text).split())


def _move(match: re.Match[str]) -> str:
    first, second = match.group()
    base, *tone = unicodedata.normalize("NFD", second)
    return unicodedata.normalize("NFC", first + "".join(tone)) + base


def normalise(text: str) -> str:
    """Clean text with one tone placement (hòa, ủy): for search and matching."""
    return _TONED.sub(_move, clean(text))


def fold(text: str) -> str:
    """Lower case without marks, đ as d."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in parts if not "\u0300" <= c <= "\u036f").replace("đ", "d")


def language(text: str) -> str | None:
    """ISO 639-1 code of a text; None where it is too short to tell."""
    validity = syllable_validity(text)
    return None if validity is None else "vi" if validity > 0.7 else "en"


def text_flags(text: str) -> tuple[str, ...]:
    """What is wrong with a text: `lossy` (letters lost for good), `suspect_text` (hardly Vietnamese)."""
    validity = syllable_validity(text)
    flags = ["lossy"] if "\ufffd" in text else []
    if validity is not None and validity < 0.6 and language(text) == "vi":
        flags.append("suspect_text")
    return tuple(flags)
