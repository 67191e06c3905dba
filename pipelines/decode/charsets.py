"""What a page says its charset is, and the one-byte code pages read without ever failing."""

from __future__ import annotations

import codecs
import re

from pipelines.text.encodings import HIGH_1252

_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]+)", re.IGNORECASE)
_META = re.compile(rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:\-]+)", re.IGNORECASE)
_XML = re.compile(rb"^\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_.:\-]+)", re.IGNORECASE)
_HEAD_BYTES = 8192

_ALIASES = {
    "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "x-viet-viscii": "viscii", "csviscii": "viscii", "viscii1.1-1": "viscii",
    "tcvn": "tcvn3", "tcvn-5712": "tcvn3", "tcvn5712-1": "tcvn3", "x-viet-tcvn": "tcvn3",
    "x-viet-tcvn5712": "tcvn3", "abc": "tcvn3", "x-viet-vni": "vni", "x-viet-vps": "vps",
    "cp1258": "windows-1258", "x-cp1258": "windows-1258",
    "latin1": "iso-8859-1", "gb2312": "gb18030", "gbk": "gb18030", "ks_c_5601-1987": "euc-kr",
}  # fmt: skip

BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

_HAN = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef"
_KANA = "\u3000-\u9fff\uff00-\uffef"
_HANGUL = "\u1100-\u11ff\u3000-\u9fff\uac00-\ud7af\uff00-\uffef"
_CYRILLIC = "\u0400-\u04ff"
_THAI = "\u0e00-\u0e7f"

SCRIPTS = {
    "gb18030": _HAN, "big5": _HAN, "euc-kr": _HANGUL,
    "euc-jp": _KANA, "shift_jis": _KANA, "iso-2022-jp": _KANA,
    "koi8-r": _CYRILLIC, "windows-1251": _CYRILLIC, "iso-8859-5": _CYRILLIC,
    "windows-874": _THAI, "tis-620": _THAI,
}  # fmt: skip
"""Charsets of the foreign editions, believed when what they give is mostly in their own script."""


def _table(name: str) -> str:
    chars = []
    for byte in range(256):
        try:
            chars.append(bytes([byte]).decode(name))
        except UnicodeDecodeError:
            chars.append(chr(byte))
    return "".join(chars)


_TABLES = {
    "windows-1252": "".join(HIGH_1252.get(byte, chr(byte)) for byte in range(256)),
    "windows-1258": _table("cp1258"),
}


def declared(body: bytes, content_type: str) -> tuple[tuple[str, str], ...]:
    """(place, charset) of every declaration: `http`, `meta`, `xml`; lower case, aliases resolved."""
    head = body[:_HEAD_BYTES]
    found: list[tuple[str, str]] = []
    header = _HEADER.search(content_type[:1000])
    if header:
        found.append(("http", header.group(1)))
    for place, pattern in (("meta", _META), ("xml", _XML)):
        match = pattern.search(head)
        if match:
            found.append((place, match.group(1).decode("ascii")))
    return tuple((place, _ALIASES.get(name.lower(), name.lower())) for place, name in found)


def one_byte(body: bytes, charset: str) -> str:
    """Read bytes in windows-1252 or windows-1258; undefined bytes become C1 controls."""
    return codecs.charmap_decode(body, "strict", _TABLES[charset])[0]


def known(charset: str) -> bool:
    """Whether Python reads text in a charset of this name ("base64" and "idna" are none)."""
    if charset in (
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "utf-7",
        "mbcs",
        "oem",
    ):
        return False
    try:
        b" ".decode(charset)
    except (LookupError, ValueError):
        return False
    return True


def utf16_without_bom(body: bytes) -> str:
    """`utf-16-le` or `utf-16-be` where every other byte of the head is mostly zero, else ""."""
    head = body[:_HEAD_BYTES]
    if len(head) < 8 or b"\x00" not in head:
        return ""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.3 * half and even < 0.1 * odd:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.1 * even:
        return "utf-16-be"
    return ""
