"""UTF-8 that was read as windows-1252, Latin-1 or windows-1258 and stored as that: "Äáº£ng" for "Đảng".

Whole bytes give the text back exactly. Of the bytes that programs lose on the way (the five that windows-1252
does not define, the soft hyphen, the no-break space) only those are restored that leave one Vietnamese word.
"""

from __future__ import annotations

import re

from pipelines.text.encodings import HIGH_1252
from pipelines.text.syllables import is_syllable, word_set

_BYTES: dict[str, int] = {chr(byte): byte for byte in range(0x80, 0x100)}
_BYTES |= {char: byte for byte, char in HIGH_1252.items()}
_BYTES["Ă"] = 0xC3  # windows-1258 has Ă where windows-1252 has Ã

_TAIL = "\x80-\xbf" + "".join(HIGH_1252.values())
SEQUENCE = re.compile(f"[\xc2-\xdfĂ][{_TAIL}]|[\xe0-\xef][{_TAIL}]{{2}}|[\xf0-\xf4][{_TAIL}]{{3}}")

_READABLE = re.compile(
    "[\x80-\xff\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0"
    "\u0300-\u0303\u0306\u0309\u031b\u0323\u1ea0-\u1ef9\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc"
    "\u2000-\u206f\u20ab\u20ac\u2122\u2190-\u27bf\ufeff\ufffd\U0001f300-\U0001faff]"
)
_LETTER_SIGNS = "¡¢£¤¥¦§¨ª¬\u00ad¯±´µ¶¸¹º¼½¾¿"
_SURE_TAIL = re.compile(f"[{_LETTER_SIGNS}\x80-\x9f]")

_LOST = re.compile("(Ä|á»|áº|Ã|â€)([\ufffd?]?)(?!" + f"[{_TAIL}])")
_KINDS = {"á»": "\ufdd0", "áº": "\ufdd1", "Ã": "\ufdd2"}
_CANDIDATES = {"\ufdd0": "ềọỏờửỐỠ", "\ufdd1": "ậẠ", "\ufdd2": "íàÁÍÝ"}
"""What a noncharacter stands for while its word is looked at: letters whose last byte is 81, 8D, 8F, 90, 9D
(undefined in windows-1252), A0 or AD (deleted as invisible)."""
_GAPPED = re.compile("([^\\W\\d_]{0,8})([\ufdd0-\ufdd2])([^\\W\\d_]{0,8})")

LIKELY = word_set(
    """
    về thời lời đời trời khỏi giờ chọn họp trọng nghề chiều nhiều điều quyền tiền người thường đường
    trường
    """
)
"""Of the words that differ in one such letter only, these are the ones that news is made of."""


def _decoded(sequence: str) -> str | None:
    try:
        char = bytes(_BYTES[c] for c in sequence).decode()
    except UnicodeDecodeError:
        return None
    return char if _READABLE.match(char) else None


def _sure(match: re.Match[str], text: str, char: str) -> bool:
    """Whether a sequence cannot have been written: "áº£" never, but "XÃ”" can end a quotation."""
    sequence = match.group()
    lead = sequence[0]
    if lead in "ÃÂĂ":
        before = text[match.start() - 1 : match.start()]
        if before.islower() or _SURE_TAIL.search(sequence):
            return True
        return lead == "Â" and not before.isalpha() and sequence[1] in "°²³»®©·«"
    return (sequence[-1] != "\xa0" and char != "\ufffd") or "\u20ac" in sequence


def _doubtful(match: re.Match[str], text: str, char: str) -> bool:
    """Whether a sequence that could have been written makes no word as it stands, but one when repaired."""
    start, end = head, tail = match.span()
    while start > head - _LONGEST and start and text[start - 1].isalpha():
        start -= 1
    while end < tail + _LONGEST and end < len(text) and text[end].isalpha():
        end += 1
    if match.group()[0].isalpha():
        head += 1
    as_written = [text[start:head], text[tail:end]]
    return not all(is_syllable(part) for part in as_written if part) and is_syllable(
        text[start : match.start()] + char + text[tail:end]
    )


_LONGEST = 8
"""Letters looked at on either side: no syllable has more."""


_TORN = re.compile("(?:á»|áº|Ä|â€)\ufffd|[^\\W\\d_]á»(?![\\w\xa0])")
"""What is left of a sequence that lost its last byte; "«cá»" in a line with quotation marks is none."""


def looks_double(text: str) -> bool:
    """Whether a text holds at least one sequence that only double encoding explains."""
    if _TORN.search(text) and "«" not in text:
        return True
    return any(
        (char := _decoded(match.group())) is not None and _sure(match, text, char) for match in SEQUENCE.finditer(text)
    )


def undo(text: str, *, guess: bool = False, sure: bool = False) -> tuple[str, bool, bool]:
    """Undo double encoding, as often as it was done: (text, something was undone, letters are lost).

    Give one line or paragraph: one sure sequence in it makes the doubtful ones certain too (`sure` says that
    the rest of the page has shown it). With `guess`, a lost letter that leaves several words is taken from
    the list `LIKELY` where exactly one of them stands there; otherwise it becomes U+FFFD.
    """
    changed = False
    sure = sure or (("á" in text or "Ä" in text or "â" in text) and looks_double(text))
    for _ in range(4):
        new, sure = _once(text, sure=sure)
        if new == text:
            break
        text, changed = new, True
    if not sure:
        return text, changed, False
    filled, lost = _fill(text, guess=guess)
    return filled, changed or filled != text, lost


def _once(text: str, *, sure: bool) -> tuple[str, bool]:
    found = [(m, char) for m in SEQUENCE.finditer(text) if (char := _decoded(m.group())) is not None]
    sure = sure or any(_sure(m, text, char) for m, char in found)
    pieces: list[str] = []
    done = 0
    for match, char in found:
        if sure or _doubtful(match, text, char):
            pieces += text[done : match.start()], char
            done = match.end()
    return "".join(pieces) + text[done:], sure


def _fill(text: str, *, guess: bool) -> tuple[str, bool]:
    """Letters of which a byte is missing, in a text that is sure to be double encoded."""
    lost = False

    def mark(match: re.Match[str]) -> str:
        lead, sign = match.groups()
        nonlocal lost
        if lead == "Ã" and not sign and not _breaks_word(match):
            return match.group()
        lost = True
        if lead == "Ä":
            return "Đ"  # the only Vietnamese letter under this lead byte whose second byte can be lost
        return "”" if lead == "â€" else _KINDS[lead]

    def fill(match: re.Match[str]) -> str:
        before, kind, after = match.groups()
        words = [before + char + after for char in _CANDIDATES[kind]]
        if not (before + after).isupper():
            words = [w for w in words if w[len(before)].islower() or not before]
        good = [word for word in words if is_syllable(word)]
        likely = [word for word in good if word.lower() in LIKELY]
        if len(good) == 1:
            return good[0]
        if guess and len(likely) == 1:
            return likely[0]
        return f"{before}\ufffd{after}"

    text = _SPACED.sub(_join, text)
    text = _LOST.sub(mark, re.sub("[\ufdd0-\ufdd2]", "", text))
    return (_GAPPED.sub(fill, text) if lost else text), lost


_SPACED = re.compile("([^\\W\\d_]{1,8})Ã ([^\\W\\d_]{0,8})")


def _join(match: re.Match[str]) -> str:
    """The letter was à, and a no-break space was made plain: "hÃ nh" (hành), "lÃ một" (là một)."""
    before, after = match.groups()
    if not before[-1].islower():
        return match.group()
    joined = f"{before}à{after}"
    return joined if is_syllable(joined) and not is_syllable(after) else f"{before}à {after}"


def _breaks_word(match: re.Match[str]) -> bool:
    """A lone "Ã" that is not the capital letter: between or behind small letters."""
    text = match.string
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    return before.islower() or (after.islower() and not before)
