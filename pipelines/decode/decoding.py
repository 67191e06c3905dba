"""The decision which charset a page is in, and the repair of its text block by block."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from html.entities import codepoint2name

from pipelines.article import Evidence
from pipelines.decode import charsets
from pipelines.decode.markup import Span, blocks, visible_sample
from pipelines.text import encodings, legacy, mojibake
from pipelines.text.cleaning import repair, unescape

_SAMPLE = 20_000
_MENDED_LENGTH = 3_000_000
_MENDED_CHARS = 600_000
_MENDED_RUNS = 20_000
"""What is looked at for legacy encodings: characters of source and text, runs of text. Pages are smaller."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page as text, its markup as it was; character references are resolved where text was repaired."""

    text: str
    charset: str
    """What the bytes are: `utf-8`, `utf-16-le`, `windows-1258`, `tcvn3`, `vni`, `viscii`, `windows-1252` …"""
    flags: tuple[str, ...]
    """Sorted: `binary` (a picture or an archive, not a page), `broken_bytes`, `lossy`, `misdeclared`,
    `repaired_mojibake`, `repaired_tcvn3`, `repaired_vni`, `repaired_viscii`, `repaired_cp1258`."""
    evidence: Evidence
    as_sent: bool = field(default=False, compare=False, repr=False)
    """Whether `text` is the body as it came: sound UTF-8 without a byte order mark, nothing mended."""


def decode(body: bytes, content_type: str = "") -> Decoded:
    """Decode the body of a response (content encoding already undone); never raises.

    `content_type` is the HTTP header's value. Broken bytes of a UTF-8 page become U+FFFD and are counted in
    the evidence; letters that cannot be known are never invented. Time is linear in the length of the body.
    """
    said = charsets.declared(body, content_type)
    text, charset, rule = _read(body, said)
    read = text
    flags: set[str] = set()
    notes: list[str] = []
    if b"\x00" in body:
        text = text.replace("\x00", "")
    broken = 0
    if rule == "broken":
        text, broken, names = _mixed(text)
        flags |= {_repaired(name) for name in names}
    if _is_binary(body) and charset[:4] not in ("utf-", "iso-"):
        flags.add("binary")
    else:
        text, found = _mend(text, body.replace(b"\x00", b"") if charset == "utf-8" else body, charset, rule)
        flags |= found
    if broken:
        flags |= {"broken_bytes", "lossy"}
        notes.append("1 broken place" if broken == 1 else f"{broken} broken places")
    elif "\ufffd" in text:
        flags.add("lossy")
    wrong = [f"{place} says {name}" for place, name in said if not _agrees(name, charset)]
    if wrong:
        flags.add("misdeclared")
        notes += wrong
    evidence = Evidence(
        field="charset",
        value=charset,
        rule={"broken": "utf-8, mostly valid"}.get(rule, rule),
        raw="; ".join(f"{place}: {name}" for place, name in said)[:300],
        confidence=_CONFIDENCE.get(rule, 0.9),
        note="; ".join(notes)[:300],
    )
    plain = _without_xml_encoding(text)
    as_sent = rule == "valid utf-8" and plain is read
    return Decoded(plain, charset, tuple(sorted(flags)), evidence, as_sent)


_CONFIDENCE = {
    "declared": 0.7,
    "fallback": 0.3,
    "syllables": 0.95,
    "valid utf-8": 1.0,
    "byte order mark": 1.0,
}
_LATIN = frozenset({"iso-8859-1", "windows-1252", "us-ascii", "ascii", "iso-8859-15", "cp1252"})


def _agrees(said: str, charset: str) -> bool:
    return said == charset or (said in _LATIN and charset == "windows-1252") or charset.startswith(said)


def _read(body: bytes, said: tuple[tuple[str, str], ...]) -> tuple[str, str, str]:
    """(text, charset, rule); the rule `broken` gives lone surrogates for bytes that are not UTF-8."""
    for mark, name in charsets.BOMS:
        if not body.startswith(mark):
            continue
        rest = body[len(mark) :]
        if name != "utf-8":
            return rest.decode(name, "replace"), name, "byte order mark"
        try:
            return rest.decode("utf-8"), name, "byte order mark"
        except UnicodeDecodeError:
            if _is_utf8(rest, declared=True):
                return rest.decode("utf-8", "surrogateescape"), name, "broken"
    wide = charsets.utf16_without_bom(body)
    if wide:
        return body.decode(wide, "replace"), wide, "zero bytes"
    names = [name for _, name in said]
    if b"\x1b" in body and "iso-2022-jp" in names:
        return body.decode("iso-2022-jp", "replace"), "iso-2022-jp", "declared"
    try:
        return body.decode("utf-8"), "utf-8", "valid utf-8"
    except UnicodeDecodeError:
        pass
    if _is_utf8(body, declared="utf-8" in names):
        return body.decode("utf-8", "surrogateescape"), "utf-8", "broken"
    return _read_legacy(body, names)


_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 12, 13, 27))


def _is_binary(body: bytes) -> bool:
    head = body[:8192]
    return len(head) - len(head.translate(None, _CONTROLS)) > 0.04 * len(head)


def _is_utf8(body: bytes, *, declared: bool = False) -> bool:
    """Whether bytes are UTF-8 but for some faults: text in a one-byte charset forms hardly any sequence."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    letters = len(text) - len(text.encode("ascii", "ignore")) - text.count("\ufffd")
    return letters >= 3 * broken or (declared and letters >= broken)


def _read_legacy(body: bytes, names: list[str]) -> tuple[str, str, str]:
    text = charsets.one_byte(body, "windows-1252")
    name, gained = legacy.judge(unescape(visible_sample(text[:_MENDED_LENGTH], _SAMPLE)))
    if name == "windows-1258" or (not name and "windows-1258" in names):
        rule = "syllables" if name else "declared"
        return encodings.compose(charsets.one_byte(body, "windows-1258")), "windows-1258", rule
    if name and gained >= 2:
        return text, name, "syllables"
    for said in names:
        if said in charsets.SCRIPTS:
            foreign = body.decode(said, "replace")
            if _mostly(foreign, charsets.SCRIPTS[said]):
                return foreign, said, "declared"
        elif said not in _LATIN and said != "utf-8" and not said.startswith("utf") and charsets.known(said):
            return body.decode(said, "replace"), said, "declared"
    return text, "windows-1252", "declared" if _LATIN.intersection(names) else "fallback"


def _mostly(text: str, script: str) -> bool:
    sample = text[:200_000]
    own = len(re.findall(f"[{script}]", sample))
    return own > 0.5 * len(re.findall("[^\x00-\x7f]", sample))


def _mixed(text: str) -> tuple[str, int, set[str]]:
    """Lone surrogates of a UTF-8 page: words in a one-byte charset where they make syllables, else U+FFFD.

    Gives the text, the number of places that stay broken, and the one-byte charsets found.
    """
    names: set[str] = set()
    if 4 <= len(_STRAY.findall(text)) <= _MANY_STRAYS:
        pieces: list[str] = []
        done = 0
        for runs in blocks(text[:_MENDED_LENGTH]):
            for start, end in runs:
                name, words = _one_byte_words(text[start:end])
                if name:
                    names.add(name)
                    pieces += text[done:start], words
                    done = end
        text = "".join(pieces) + text[done:]
    text, count = _STRAY.subn(_replacement, text)
    return text, count, names


_MANY_STRAYS = 200_000


def _repaired(name: str) -> str:
    return f"repaired_{name.replace('windows-', 'cp')}"


def _replacement(strays: re.Match[str]) -> str:
    """As many U+FFFD as the Unicode Standard (3.9, table 3-8) asks for: one for what is left of a letter."""
    return strays.group().encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_STRAY = re.compile("[\udc80-\udcff]+")
_STRAY_TO_1252 = {0xDC00 + byte: encodings.HIGH_1252.get(byte, chr(byte)) for byte in range(0x80, 0x100)}


def _one_byte_words(run: str) -> tuple[str, str]:
    if not _STRAY.search(run):
        return "", run
    read = run.translate(_STRAY_TO_1252)
    name, gained = legacy.judge(read)
    return (name, legacy.convert(read, name)[0]) if gained >= 2 else ("", run)


# Signs that Vietnamese in Unicode hardly ever needs and text in a legacy or double encoding always has.
_TELLTALES = frozenset("ÄÅÆÇËÎÏÑÖØÛÜÞßäåæçëîïñöøûüþÿðƒ¤¥¦§¨ª¬\u00ad¯´µ¶¸¹º¼½¾") | set(map(chr, range(0x80, 0xA0)))
_TELLTALE = re.compile(f"[{''.join(sorted(_TELLTALES))}ÃÂ]|á[º»]|&#?[0-9A-Za-z]")
_DOUBLE_A = re.compile(f"[ÃÂ][\u00a0-\u00bf{''.join(encodings.HIGH_1252.values())}]")
_REFERENCE = re.compile(r"&(#\d{3}|[A-Za-z]{2,6}\d{0,2});")
_REFERENCE_BYTES = re.compile(_REFERENCE.pattern.encode())
_TELLTALE_REFERENCES = frozenset(
    name
    for char in _TELLTALES
    if char > "\x9f"
    for name in (f"#{ord(char)}", codepoint2name.get(ord(char), ""))
    if name
)
_TELLTALE_REFERENCES_BYTES = frozenset(name.encode() for name in _TELLTALE_REFERENCES)
_TELLTALE_SIGN = re.compile(f"[{''.join(sorted(_TELLTALES - {'ƒ'}))}]")
"""The signs below U+0100, which are looked up fastest; "ƒ" is counted by itself."""
_MARKS = "\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b"
_COMBINING = re.compile(f"[{_MARKS}]")
_FEW_MARKS = 2000
_TAG = 1000
"""Characters before a mark in which the opening of its tag is looked for."""
_ASCII = bytes(range(128))


def _mend(text: str, body: bytes, charset: str, rule: str) -> tuple[str, set[str]]:
    """Repair the text of a page in which signs of another encoding show; that none do is seen fast."""
    # of a sound page only the letters that are not ASCII, by themselves: a twentieth of it
    sound = charset == "utf-8" and rule != "broken"
    high = body.translate(None, _ASCII).decode("utf-8") if sound else text
    hits = len(_TELLTALE_SIGN.findall(high)) + high.count("ƒ")
    if _DOUBLE_A.search(high):
        hits += len(_DOUBLE_A.findall(text))
    marks = {mark: high.count(mark) for mark in _MARKS if mark in high}
    references = (
        sum(name in _TELLTALE_REFERENCES_BYTES for name in _REFERENCE_BYTES.findall(body))
        if sound
        else sum(name in _TELLTALE_REFERENCES for name in _REFERENCE.findall(text))
    )
    if hits >= 2 or sum(marks.values()) > _FEW_MARKS or references > 8:
        return _mend_blocks(text, charset)
    return (_compose_few(text, marks) if marks else text), set()


def _compose_few(page: str, marks: Iterable[str]) -> str:
    """Put letters and their marks together where a page has a few of them apart; addresses in tags stay."""
    at: list[int] = []
    for sign in marks:
        place = page.find(sign)
        while place >= 0:
            at.append(place)
            place = page.find(sign, place + 1)
    pieces: list[str] = []
    done = 0
    for mark in sorted(at):
        before = max(done, mark - _TAG)
        if mark < done or mark == 0 or page.rfind("<", before, mark) > page.rfind(">", before, mark):
            continue
        end = mark
        while end < len(page) and "\u0300" <= page[end] <= "\u036f":
            end += 1
        pieces += page[done : mark - 1], encodings.compose(page[mark - 1 : end])
        done = end
    return "".join(pieces) + page[done:] if pieces else page


def _mend_blocks(page: str, charset: str) -> tuple[str, set[str]]:
    spans = list(_telling(page))
    if not spans:
        return page, set()
    sample = unescape("\n".join(page[a:b] for runs in spans for a, b in runs)[:_SAMPLE])
    favoured, gained = (charset, 99) if charset in encodings.CONVERTERS else legacy.judge(sample)
    double = sum(map(mojibake.looks_double, sample.split("\n"))) >= 3
    flags: Counter[str] = Counter()
    pieces: list[str] = []
    done = 0
    for runs in spans:
        for (start, end), new in _mend_block(page, runs, favoured if gained >= 8 else "", double, flags):
            pieces += page[done:start], new
            done = end
    return "".join(pieces) + page[done:], set(flags)


def _telling(page: str) -> Iterator[list[Span]]:
    """The blocks in which a sign of another encoding shows, as long as the budget lasts."""
    runs_left, chars_left = _MENDED_RUNS, _MENDED_CHARS
    for runs in blocks(page[:_MENDED_LENGTH]):
        if any(_TELLTALE.search(page, a, b) or _COMBINING.search(page, a, b) for a, b in runs):
            yield runs
            runs_left -= len(runs)
            chars_left -= runs[-1][1] - runs[0][0]
            if runs_left < 0 or chars_left < 0:
                return


_RUN_END, _NEW_LINE = "\x00", "\x01"
"""Stand between the runs of a block, and for the line breaks of the source, which mean nothing in HTML."""


def _mend_block(
    page: str, runs: list[Span], favoured: str, double: bool, flags: Counter[str]
) -> list[tuple[Span, str]]:
    """The runs of one block that change. All of them together say what the block is in."""
    plain = [unescape(page[a:b]).replace(_RUN_END, "") for a, b in runs]
    whole = _RUN_END.join(plain).replace("\n", _NEW_LINE)
    mended, found = repair(whole, favoured=favoured, guess=double, double=double)
    if mended == whole:
        return []
    flags.update(found)
    new = mended.replace(_NEW_LINE, "\n").split(_RUN_END)
    return [
        (span, text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
        for span, was, text in zip(runs, plain, new, strict=True)
        if text != was
    ]


_XML_ENCODING = re.compile(r"""^(\s*<\?xml\b[^>]{0,200}?)\s+encoding\s*=\s*["'][^"'>]*["']""")


def _without_xml_encoding(text: str) -> str:
    """An encoding in the XML declaration speaks of the bytes; parsers refuse it in front of text."""
    return _XML_ENCODING.sub(r"\1", text, count=1) if "<?xml" in text[:200] else text
