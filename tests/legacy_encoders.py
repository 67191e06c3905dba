"""Encoders into the legacy encodings, for tests only: written the other way round than the decoders."""

from __future__ import annotations

import unicodedata

_TONE = {"\u0300": 0, "\u0309": 1, "\u0303": 2, "\u0301": 3, "\u0323": 4}

# TCVN 5712 VN3: plain letter, then huyền hỏi ngã sắc nặng
_VN3 = {
    "a": "a µ¶·¸¹", "ă": "¨ »¼½¾Æ", "â": "© ÇÈÉÊË", "đ": "®", "e": "e ÌÎÏÐÑ", "ê": "ª ÒÓÔÕÖ", "i": "i ×ØÜÝÞ",
    "o": "o ßáâãä", "ô": "« åæçèé", "ơ": "¬ êëìíî", "u": "u ïñòóô", "ư": "\u00ad õö÷øù", "y": "y úûüýþ",
    "Ă": "¡", "Â": "¢", "Ê": "£", "Ô": "¤", "Ơ": "¥", "Ư": "¦", "Đ": "§",
}  # fmt: skip
_VNI_TONE = "øûõùï"
_VNI_HAT = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_VNI_BOWL = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_VNI_I = {"\u0301": "í", "\u0300": "ì", "\u0309": "æ", "\u0303": "ó", "\u0323": "ò"}


def _split(char: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", char)
    tone = next((c for c in parts if c in _TONE), "")
    return unicodedata.normalize("NFC", parts.replace(tone, "") if tone else parts), tone


def to_tcvn3(text: str) -> str:
    """Text as it shows when a TCVN3 font's bytes are read as Latin-1; toned capitals as small letters."""
    out = []
    for char in text:
        letter, tone = _split(char)
        row = _VN3.get(letter) if not tone else _VN3.get(letter.lower())
        if row is None:
            out.append(char)
        elif tone:
            out.append(row[2 + _TONE[tone]])
        else:
            out.append(row[0])
    return "".join(out)


def to_vni(text: str) -> str:
    """Text as it shows when a VNI font's bytes are read as windows-1252."""
    return "".join(map(_vni, text))


def _vni(char: str) -> str:
    letter, tone = _split(char)
    small = letter.lower()
    if small == "i" and tone:
        glyphs = _VNI_I[tone]
    elif small == "y" and tone == "\u0323":
        glyphs = "î"
    elif small in "âêô" and small:
        glyphs = {"â": "a", "ê": "e", "ô": "o"}[small] + _VNI_HAT[tone]
    elif small == "ă":
        glyphs = "a" + _VNI_BOWL[tone]
    elif small in "ơưđ":
        glyphs = {"ơ": "ô", "ư": "ö", "đ": "ñ"}[small] + (_VNI_TONE[_TONE[tone]] if tone else "")
    elif tone:
        glyphs = small + _VNI_TONE[_TONE[tone]]
    else:
        return char
    return glyphs.upper() if letter.isupper() else glyphs


# RFC 1456, section 2: the letters of rows 8 to F
_VISCII_ROWS = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐ", "ỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲ", "Õắằặấầẩậẽẹếềểễệố", "ồổỗỠƠộờởịỰỨỪỬơớƯ",
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳ", "ĐứÒÓÔạỷừửÙÚỹỵÝỡư", "àáâãảăữẫèéêẻìíĩỉ", "đựòóôõỏọụùúũủýợỮ",
)  # fmt: skip
_VISCII = {char: 0x80 + 16 * i + j for i, row in enumerate(_VISCII_ROWS) for j, char in enumerate(row)}


def to_viscii(text: str) -> bytes:
    """VISCII bytes; the six capitals at control codes are left out of the tests."""
    return bytes(_VISCII.get(char, ord(char)) for char in text)


_CP1258_TONE = {"\u0300": 0xCC, "\u0309": 0xD2, "\u0303": 0xDE, "\u0301": 0xEC, "\u0323": 0xF2}


def to_cp1258(text: str, *, composed: bool = False) -> bytes:
    """windows-1258 bytes: the letter, then the tone; `composed` where a letter with its tone has one byte."""
    out = bytearray()
    for char in text:
        if composed or char.isascii():
            try:
                out += char.encode("cp1258")
                continue
            except UnicodeEncodeError:
                pass
        letter, tone = _split(char)
        out += letter.encode("cp1258")
        if tone:
            out.append(_CP1258_TONE[tone])
    return bytes(out)


def sloppy_1252(raw: bytes) -> str:
    """Bytes read as windows-1252, its five undefined bytes as C1 controls: what browsers do."""
    return "".join(chr(b) if b in (0x81, 0x8D, 0x8F, 0x90, 0x9D) else bytes([b]).decode("cp1252") for b in raw)
