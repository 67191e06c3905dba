"""Clean text: what the archive stores. NFC, plain spaces, one encoding; the publisher's spelling stays."""

from __future__ import annotations

import html
import re
import unicodedata

from pipelines.text import encodings, legacy, mojibake
from pipelines.text.syllables import is_syllable
from pipelines.text.trials import is_settled

_BREAKS = re.compile("\r\n|[\n\r\x0b\x0c\u2028\u2029]")
# U+0085 is no line break here: it is a byte of "ễ" in double-encoded text, and "…" in windows-1252.

_VIETNAMESE = "ÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝàáâãèéêìíòóôõùúýĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9"
_PLAIN = re.compile(f"[ -~{_VIETNAMESE}“”‘’–—…•]+")
_RUN = re.compile(f"[A-Za-z{_VIETNAMESE}]+")
_SURELY_UNICODE = re.compile("[ĂăĐđĨĩŨũƠơƯư\u1ea0-\u1ef9]")

_NO_LEAD_BYTE = re.compile("[A-Za-zàèéêìíòóôõùúýÀÈÉÊÌÍÒÓÔÕÙÚÝ]+")
"""Letters of foreign names in Vietnamese ("Lênin") that are no scraps of double encoding, as "Ã", "Ä" and "á" are."""

_ENTITY = re.compile(r"&(?:#\d{1,7};?|#[xX][0-9a-fA-F]{1,6};?|[A-Za-z][A-Za-z0-9]{1,31};)")
_AMPERSANDS = re.compile("&(?:amp;)+")
_BARE_ENTITY = re.compile(
    "&((?:[AEIOUYaeiouy](?:acute|grave|circ|tilde|uml)|[NnAaOo]tilde|[Aa]ring|[Cc]cedil|nbsp|shy)(?![;=]))"
)
"""Named references that lost their semicolon; only names that no query parameter bears ("&copy=2" stays)."""

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff]"
    # joiners stay where a script (Arabic to Sinhala, Khmer) or an emoji needs them
    "|(?<![\u0600-\u0dff\u1780-\u17ff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d]"
)
_SPACES = re.compile("[\t \u0085\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_C1 = {byte: encodings.HIGH_1252.get(byte, "\ufffd") for byte in range(0x80, 0xA0)}
_COMBINING = re.compile("[\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_EAST_ASIAN = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7af\uff66-\uff9f]")
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

# ƣ (gha) for ư: a fault of font tables, "trƣờng"; Ɖ and Ð look like Đ; ǎ is a keyboard's ă
_LOOK_ALIKES = str.maketrans({"ƣ": "ư", "Ƣ": "Ư", "Ɖ": "Đ", "ɖ": "đ"})
_ETH = re.compile("(?<![^\\W\\d_])[^\\W\\d_]*[Ððǎ][^\\W\\d_]*")

_MAX_ROUNDS = 6
_MAX_LINE = 300_000
"""Longer lines are no text: only their spaces and signs are put right."""


class _PlainTokens(dict[str, bool]):
    """Whether a token is good as it is, so that its line need not be looked at closely."""

    LIMIT = 200_000

    def __init__(self, *, strict: bool = False) -> None:
        super().__init__()
        self.strict = strict

    def __missing__(self, token: str) -> bool:
        if len(self) >= self.LIMIT:
            self.clear()
        verdict = len(token) < 100 and _is_plain(token, self.strict)
        if len(token) < 40:
            self[token] = verdict
        return verdict


def _is_plain(token: str, strict: bool) -> bool:
    if _PLAIN.fullmatch(token) is None or ("&" in token and (strict or unescape(token) != token)):
        return False
    if token.isascii():
        return True
    return mojibake.SEQUENCE.search(token) is None and all(
        run.isascii()
        or is_syllable(run)
        or _SURELY_UNICODE.search(run)
        or (not strict and _NO_LEAD_BYTE.fullmatch(run) and is_settled(token))
        for run in _RUN.findall(token)
    )


_TOKENS = _PlainTokens()
_STRICT_TOKENS = _PlainTokens(strict=True)
"""Beside double encoding a foreign name or an ampersand is no sign of a sound line: a letter may be lost next to it."""


def _plain_line(line: str, *, strict: bool = False) -> str | None:
    """A line that needs no repair with its spaces put right; None for all others."""
    tokens = line.split()
    if not all(map((_STRICT_TOKENS if strict else _TOKENS).__getitem__, tokens)):
        return None
    joined = " ".join(tokens)
    if joined != line and ("Ã\xa0" in line or "Â\xa0" in line or "\x85" in line or "\x1e" in line):
        return None
    return joined


def unescape(text: str) -> str:
    """Resolve character references, escaped any number of times, with or without the semicolon."""
    if "&amp;" in text:
        text = _AMPERSANDS.sub("&", text)
    while "&" in text:
        new = _ENTITY.sub(_resolve, _BARE_ENTITY.sub(r"&\1;", text))
        if new == text:
            break
        text = new
    return text


def _resolve(match: re.Match[str]) -> str:
    reference = match.group()
    char = html.unescape(reference if reference.endswith(";") else reference + ";")
    # "&#0;" and surrogates give U+FFFD; a reference to a control character gives nothing
    return char or "\ufffd"


def _pair_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _eth(match: re.Match[str]) -> str:
    word = match.group()
    mended = word.replace("Ð", "Đ").replace("ð", "đ").replace("ǎ", "ă")
    if is_syllable(mended) or word[0] in "Ðð" or word.isupper():
        return mended
    return word  # "Guðmundur", "Hǎinán"


def _restore(line: str, favoured: str, *, guess: bool, double: bool) -> tuple[str, set[str]]:
    """One line with its encoding put right, to the fixed point."""
    flags: set[str] = set()
    if _SURROGATE.search(line):
        line = _pair_surrogates(line)
    for _ in range(_MAX_ROUNDS):
        before = line
        line = unescape(line)
        if line.isascii() or len(line) > _MAX_LINE:
            break
        line, undone, gaps = mojibake.undo(line, guess=guess, sure=double)
        line = encodings.compose(line)
        misread = legacy.reread(line)
        line, name, lost = (misread, "tcvn3", False) if misread else legacy.convert(line, favoured)
        flags.update(["repaired_mojibake"] * undone, ["lossy"] * (gaps or lost))
        if name:
            flags.add(f"repaired_{name.replace('windows-', 'cp')}")
        if line == before:
            break
    return line, flags


def _tidy(line: str) -> str:
    """Signs that are not text out, spaces plain, look-alikes right."""
    line = line.translate(_C1) if re.search("[\x80-\x9f]", line) else line
    line = _INVISIBLE.sub("", line).translate(_LOOK_ALIKES)
    if re.search("[\uff01-\uff5e]", line) and not _EAST_ASIAN.search(line):
        line = line.translate(_FULL_WIDTH)
    line = _ETH.sub(_eth, encodings.compose(line))
    return _SPACES.sub(" ", line).strip(" ")


def _favoured(lines: list[str]) -> str:
    """The legacy encoding of most of the lines that are not plain; "" where there is none."""
    if len(lines) < 2:
        return ""
    return legacy.judge("\n".join(lines)[:20_000])[0]


def _repair_lines(
    lines: list[str], *, tidy: bool, favoured: str = "", guess: bool = False, double: bool = False
) -> tuple[list[str], set[str]]:
    lines = [encodings.compose(line) if _COMBINING.search(line) else line for line in lines]
    plain = [_plain_line(line, strict=guess or double) for line in lines]
    broken = [line for line, good in zip(lines, plain, strict=True) if good is None]
    if not broken:
        return [good if tidy and good is not None else line for line, good in zip(lines, plain, strict=True)], set()
    favoured = favoured or _favoured([unescape(line) for line in broken])
    flags: set[str] = set()
    done: list[str] = []
    for line, good in zip(lines, plain, strict=True):
        if good is not None:
            done.append(good if tidy else line)
            continue
        was, new = None, line
        for _ in range(_MAX_ROUNDS):
            was = new
            new, found = _restore(was, favoured, guess=guess, double=double)
            flags |= found
            new = _tidy(new) if tidy else new
            if new == was:
                break
        done.append(new)
    return done, flags


def repair(text: str, *, favoured: str = "", guess: bool = False, double: bool = False) -> tuple[str, tuple[str, ...]]:
    """Undo legacy encodings, double encoding and character references inside a string.

    Gives the text (spaces and line breaks as they were) and flags: `repaired_mojibake`, `repaired_tcvn3`,
    `repaired_vni`, `repaired_viscii`, `repaired_cp1258` for what was undone, `lossy` where letters are lost.
    What cannot be repaired stays as it is. `favoured` (a key of `encodings.CONVERTERS`) and `double` tell
    what the rest of the page is in; `guess` fills a lost letter by the likeliest word (see `mojibake.undo`).
    """
    cut = [0]
    pieces: list[str] = []
    for match in _BREAKS.finditer(text):
        pieces += text[cut[-1] : match.start()], match.group()
        cut.append(match.end())
    pieces.append(text[cut[-1] :])
    lines, flags = _repair_lines(pieces[::2], tidy=False, favoured=favoured, guess=guess, double=double)
    pieces[::2] = lines
    whole = "".join(pieces)
    if "\ufffd" in whole:
        flags.add("lossy")
    return whole, tuple(sorted(flags))


def clean(text: str) -> str:
    """A text as the archive stores it; idempotent.

    NFC; no-break, narrow and wide spaces and tabs become one space, none at the ends of a line; zero-width,
    bidirectional and control characters and soft hyphens go; line breaks of all kinds become \\n and none
    stand at the ends; character references, legacy encodings and double encoding are undone (see `repair`).
    The publisher's spelling ("Thành uỷ"), quotation marks, dashes and symbols stay.
    """
    if "\n" not in text and (line := _plain_line(text)) is not None and not _BREAKS.search(text):
        return line
    for _ in range(_MAX_ROUNDS):
        new = "\n".join(_repair_lines(_BREAKS.split(text), tidy=True)[0]).strip("\n")
        if new == text:
            break
        text = new
    return unicodedata.normalize("NFC", text)


def clean_line(text: str) -> str:
    """`clean` with line breaks as spaces: for titles, names, labels."""
    if (line := _plain_line(text)) is not None:
        return line
    line = clean(_BREAKS.sub(" ", text))
    while "\n" in line:  # a character reference that stood for a line break
        line = clean(line.replace("\n", " "))
    return line
