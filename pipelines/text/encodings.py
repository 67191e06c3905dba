"""Tables of the one-byte encodings of the 1990s, for words whose bytes were read as windows-1252 or Latin-1.

Sources: TCVN 5712:1993 (VN3, the ".Vn…" or ABC fonts, and VN1's capitals), RFC 1456 (VISCII), Microsoft's
code page 1258, and the glyph layout of the VNI fonts (base letter followed by a mark letter).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

HIGH_1252: Mapping[int, str] = {
    byte: bytes([byte]).decode("cp1252") for byte in range(0x80, 0xA0) if byte not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}
"""Bytes 0x80-0x9F of windows-1252; five are undefined and come through as C1 controls."""

_TCVN3 = (
    "ĂÂÊÔƠƯĐăâêôơưđẰ"
    ".....àảãáạẲằẳẵắẴ"  # 0xB0-0xB4: combining marks in VN1, °±²³´ on real pages; left alone
    "ẮẦẨẪẤỀặầẩẫấậèỂẻẽ"
    "éẹềểễếệìỉỄẾỒĩíịò"
    "Ổỏõóọồổỗốộờởỡớợù"
    "ỖủũúụừửữứựỳỷỹýỵỐ"
)
_VN1_CAPITALS = "ÀẢÃÁẠẶẬÈẺẼÉẸỆÌỈĨÍỊÒỎÕÓỌỘỜỞỠỚỢÙỦŨ"
_VISCII = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ"
    "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ"
    "Õắằặấầẩậẽẹếềểễệố"
    "ồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ"
    "ĐứÒÓÔạỷừửÙÚỹỵÝỡư"
    "àáâãảăữẫèéêẻìíĩỉ"
    "đựòóôõỏọụùúũủýợỮ"
)
_VISCII_CONTROLS = {0x02: "Ẳ", 0x05: "Ẵ", 0x06: "Ẫ", 0x14: "Ỷ", 0x19: "Ỹ", 0x1E: "Ỵ"}
_CP1258 = {
    0xC3: "Ă", 0xCC: "\u0300", 0xD0: "Đ", 0xD2: "\u0309", 0xD5: "Ơ", 0xDD: "Ư", 0xDE: "\u0303",
    0xE3: "ă", 0xEC: "\u0301", 0xF0: "đ", 0xF2: "\u0323", 0xF5: "ơ", 0xFD: "ư",
}  # fmt: skip


def _by_char(table: Mapping[int, str]) -> dict[int, str]:
    """A translation table for text whose bytes were read as Latin-1 or as windows-1252."""
    chars = dict(table)
    for byte, char in HIGH_1252.items():
        if byte in table:
            chars[ord(char)] = table[byte]
    return chars


_TCVN3_TABLE = {0xA1 + i: char for i, char in enumerate(_TCVN3) if char != "."}
_TCVN3_CHARS = _by_char(_TCVN3_TABLE)
_VN1_CHARS = _by_char(_TCVN3_TABLE | {0x80 + i: char for i, char in enumerate(_VN1_CAPITALS)})
_VISCII_CHARS = _by_char({0x80 + i: char for i, char in enumerate(_VISCII)} | _VISCII_CONTROLS)
_CP1258_CHARS = _by_char(_CP1258)

_SHAPES = "\u0302\u0306\u031b"
_TONES = "\u0300\u0301\u0303\u0309\u0323\u0340\u0341"
_MARKED = re.compile("([^\\W\\d_])([\u0300-\u036f]+)")


def compose(text: str) -> str:
    """NFC, whatever the order of the marks: a + dấu sắc + mũ is ấ, as a + mũ + dấu sắc is."""
    if text.isascii():
        return text
    if _PILE.search(text):
        text = _PILE.sub(lambda marks: marks.group()[:30], text)
    return unicodedata.normalize("NFC", _MARKED.sub(_in_order, text))


_PILE = re.compile(
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff"
    "\u0e38-\u0e4b\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f]{31,}"
)
"""More marks on one letter than UAX #15 (Stream-Safe Text) allows; normalising them takes quadratic time."""


def _in_order(match: re.Match[str]) -> str:
    base, *marks = list(unicodedata.normalize("NFD", match.group()))
    if len(marks) > 1:
        # the circumflex, breve and horn belong to the letter, the tone comes on top
        marks.sort(key=lambda mark: 0 if mark in _SHAPES else 1 if mark in _TONES else 2)
    return unicodedata.normalize("NFC", base + "".join(marks))


def _vni_pairs() -> dict[str, str]:
    tones = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
    hat = dict(zip("âáàåãä", ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"], strict=True))
    bowl = dict(zip("êéèúüë", ["", "\u0301", "\u0300", "\u0309", "\u0303", "\u0323"], strict=True))
    singles = {"ô": "ơ", "ö": "ư", "ñ": "đ", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
    pairs = {base + mark: base + tone for base in "aeouy" for mark, tone in tones.items()}
    pairs |= {base + mark: singles[base] + tone for base in "ôö" for mark, tone in tones.items()}
    pairs |= {base + mark: base + "\u0302" + tone for base in "aeo" for mark, tone in hat.items()}
    pairs |= {"a" + mark: "a\u0306" + tone for mark, tone in bowl.items()}
    both: dict[str, str] = {}
    for glyphs, letters in (pairs | singles).items():
        composed = unicodedata.normalize("NFC", letters)
        both[glyphs] = composed
        both[glyphs.capitalize()] = both[glyphs.upper()] = composed.upper()
        if len(glyphs) == 2:
            # a capital mark on a small letter: the wrong glyph, but the same letter
            both[glyphs[0] + glyphs[1].upper()] = composed
    return both


_VNI_PAIRS = _vni_pairs()
_VNI_GLYPHS = re.compile("|".join(sorted(_VNI_PAIRS, key=len, reverse=True)))


def from_tcvn3(word: str) -> str:
    """A word in a TCVN3 (ABC) font: "®¶ng" -> "đảng"; also VN1's capitals where the word has them."""
    converted = word.translate(_TCVN3_CHARS)
    return converted if converted.isalpha() else word.translate(_VN1_CHARS)


def from_vni(word: str) -> str:
    """A word in a VNI font: "ñaûng" -> "đảng"."""
    return _VNI_GLYPHS.sub(lambda glyphs: _VNI_PAIRS[glyphs.group()], word)


def from_viscii(word: str) -> str:
    """A word in VISCII: "ðäng" -> "đảng"."""
    return word.translate(_VISCII_CHARS)


def from_cp1258(word: str) -> str:
    """A word in windows-1258 read as windows-1252: "ðaÒng" -> "đảng"."""
    return compose(word.translate(_CP1258_CHARS))


CONVERTERS: Mapping[str, Callable[[str], str]] = {
    "tcvn3": from_tcvn3,
    "vni": from_vni,
    "windows-1258": from_cp1258,
    "viscii": from_viscii,
}
