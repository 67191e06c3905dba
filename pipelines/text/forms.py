"""Normalised and folded text: what search and matching compare."""

from __future__ import annotations

import re
import unicodedata

from pipelines.text.cleaning import clean
from pipelines.text.syllables import is_syllable, word_set

NORMALISER_VERSION = "1"
"""Changes when `normalise` or `fold` give another result for some text: indexes must then be rebuilt."""

_A = "àáảãạ"
_E = "èéẻẽẹ"
_Y = "ỳýỷỹỵ"
_LATE = re.compile(f"[oO][{_A}{_A.upper()}{_E}{_E.upper()}](?![^\\W\\d_])|[uU][{_Y}{_Y.upper()}](?![^\\W\\d_])")
"""A tone on the second vowel of an open oa, oe, uy: hoà, khoẻ, uỷ; not hoàn, quý (there u belongs to q)."""


def _tones() -> dict[str, str]:
    moved: dict[str, str] = {}
    for first, plain, toned in (("o", "a", _A), ("o", "e", _E), ("u", "y", _Y)):
        for letter in toned:
            tone = unicodedata.normalize("NFD", letter)[1]
            for a in (first, first.upper()):
                for b, was in ((plain, letter), (plain.upper(), letter.upper())):
                    moved[a + was] = unicodedata.normalize("NFC", a + tone) + b
    return moved


_MOVED = _tones()

# Onsets that open oa, oe and uy have in Vietnamese; "Chloé", "Noé" and "Zoé" are other people's names.
_ONSETS = {
    "oa": word_set("ch d đ g h kh l n ng nh t th x") | {""},
    "oe": word_set("ch đ h kh l ng nh t th x") | {""},
    "uy": word_set("ch d đ h kh l ng nh ph s t th tr x") | {""},
}


def _place(match: re.Match[str]) -> str:
    pair = match.group()
    text = match.string
    start = match.start()
    while start and text[start - 1].isalpha():
        start -= 1
    onset = text[start : match.start()].lower()
    moved = _MOVED[pair]
    rime = "".join(unicodedata.normalize("NFD", c)[0] for c in pair).lower()
    if onset in _ONSETS[rime] and is_syllable(onset + pair):
        return moved
    return pair


def normalise(text: str) -> str:
    """Clean text with one tone placement, that of "hòa, khỏe, ủy, thủy"; idempotent.

    Only whole Vietnamese syllables are touched: quý, quỹ, hoàn, thuở and foreign names stay.
    """
    text = clean(text)
    for _ in range(_MAX_ROUNDS):
        placed = place_tones(text)
        if placed == text:
            break
        # among scraps of another encoding a moved tone can make sense of them
        text = clean(placed)
    return text


_MAX_ROUNDS = 4


def place_tones(text: str) -> str:
    """`normalise` for text that is clean already."""
    return text if text.isascii() else _LATE.sub(_place, text)


def _folds() -> dict[int, str | None]:
    table: dict[int, str | None] = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        char = chr(code)
        bare = "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c)).lower()
        if bare != char:
            table[code] = bare
    table |= dict.fromkeys(range(768, 880))
    table |= {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    special = {
        "đ": "d",
        "Đ": "d",
        "ð": "d",
        "Ð": "d",
        "ø": "o",
        "Ø": "o",
        "ł": "l",
        "Ł": "l",
        "ß": "ss",
        "ẞ": "ss",
    }
    special |= {
        "æ": "ae",
        "Æ": "ae",
        "œ": "oe",
        "Œ": "oe",
        "þ": "th",
        "Þ": "th",
        "ı": "i",
        "İ": "i",
        "ƣ": "u",
        "Ƣ": "u",
    }
    return table | {ord(char): bare for char, bare in special.items()}


_FOLDS = _folds()


def fold(text: str) -> str:
    """Lower case without marks, đ as d: "Đảng uỷ" -> "dang uy". Give NFC or NFD; other scripts stay."""
    if text.isascii():
        return text.lower()
    return text.translate(_FOLDS).lower()
