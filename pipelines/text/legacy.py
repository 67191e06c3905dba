"""Vietnamese in a legacy encoding where Unicode should be: found, judged by its syllables, converted."""

from __future__ import annotations

import re
import unicodedata

from pipelines.text.encodings import CONVERTERS, unread_cp1258
from pipelines.text.syllables import COMMON
from pipelines.text.trials import CONVERTED, EDGES, SIGNS, Trial, Word, is_abbreviation, is_settled, tried, words_of

_UNICODE = re.compile(
    "[\u0102-\u0151\u0154-\u015f\u0162-\u0177\u0179-\u017c\u017f-\u0191\u0193-\u024f\u0300-\u036f\u1e00-\u1eff]"
)
"""Letters that no reading of a legacy byte as windows-1252 can give."""


def judge(text: str, favoured: str = "") -> tuple[str, int]:
    """Which legacy encoding a stretch of text is in ("" for none), and how many words it would mend.

    `favoured` is the encoding of the rest of the page: it needs less proof.
    """
    best = _judge(words_of(text), favoured)
    return (best.name, best.gained) if best else ("", 0)


_ENOUGH = 400
"""Words that settle in which encoding a stretch is."""


def _judge(words: list[Word], favoured: str) -> Trial | None:
    high = [word for word in words if not word.raw.isascii()]
    if not any(not word.valid for word in high):
        return None
    trials = [tried(name, high[:_ENOUGH]) for name in CONVERTERS]
    # the likeliest first: what is lost in it must not make room for one that is worse
    best = max(trials, key=lambda t: (t.sound + t.lost_u, t.sound, t.common, t.name == favoured))
    return best if _convincing(best, words, favoured) else None


def _convincing(trial: Trial, words: list[Word], favoured: str) -> bool:
    if not trial.gained or trial.valid < 0.75 * trial.changed or trial.gained < 0.3 * trial.changed:
        return False
    if trial.name == favoured:
        return True
    if trial.lost_u >= 0.2 * trial.changed:
        return False  # too much of it would come out wrong: "phêng" is "phường", and reads "phờng"
    if trial.weight >= 2:
        return True
    # one small-letter word among Vietnamese words without marks ("Chi boä"); never a foreign name ("Bø")
    plain = [word for word in words if word.raw.isascii()]
    mended = [word for word in words if not word.raw.isascii() and not word.valid]
    everyday = all(
        word.core.islower() or CONVERTED[trial.name, word.raw][0].strip(EDGES).lower() in COMMON for word in mended
    )
    return everyday and bool(plain) and all(word.valid for word in plain)


def leftovers(text: str) -> tuple[bool, bool]:
    """Whether a text holds words that only a legacy encoding explains, and whether TCVN3's ư is lost in it.

    For what `convert` leaves alone because too little of it, or too little of it well, would be mended.
    """
    every = words_of(text)
    words = [word for word in every if not word.raw.isascii()]
    trials = [tried(name, words) for name in CONVERTERS] if any(not word.valid for word in words) else []
    short = len(every) < 16 and all(word.valid for word in every if word.raw.isascii())
    found = any(
        (t.gained >= 2 or t.weight >= 2 or (t.gained and short)) and t.gained + t.lost_u >= 0.4 * t.changed
        for t in trials
    )
    return found, found and any(t.lost_u for t in trials)


def convert(text: str, favoured: str = "") -> tuple[str, str, bool]:
    """Mend the stretches of a line that are in a legacy encoding.

    Gives the text, the name of the encoding that mended most ("" for none), and whether letters were lost
    on the way (TCVN3's ư is U+00AD, which many programs delete).
    """
    if len(text) > 60 and not _mostly_ascii(text):
        return text, "", False
    if is_settled(text):
        return text, "", False
    words = words_of(text)
    pieces: list[str] = []
    names: dict[str, int] = {}
    lost = False
    done = 0
    for stretch in _stretches(words):
        best = _judge(stretch, favoured)
        if best is None:
            continue
        names[best.name] = names.get(best.name, 0) + best.gained
        lost = lost or best.lost_u > 0
        for word, new in zip(stretch, _rewrite(stretch, best), strict=True):
            pieces += text[done : word.start], new
            done = word.end
    if not names:
        return text, "", False
    pieces.append(text[done:])
    new_text = unicodedata.normalize("NFC", "".join(pieces))
    return new_text, max(names, key=names.__getitem__) if new_text != text else "", lost


_TCVN3_SIGNS = re.compile("[µ¸¶¹®§¬\u00ad]")


def reread(text: str) -> str:
    """TCVN3 text whose bytes were read as windows-1258, as text; "" where that makes no sense.

    Programs on a Vietnamese Windows did so: its system charset is windows-1258.
    """
    if not (_UNICODE.search(text) and len(_TCVN3_SIGNS.findall(text)) >= 2):
        return ""
    before = words_of(text)
    if sum(word.valid for word in before) > 0.7 * len(before):
        return ""
    raw = unread_cp1258(text)
    best = _judge(words_of(raw), "tcvn3") if raw else None
    if best is None or best.name != "tcvn3" or best.gained < _SURE or best.valid < 0.9 * best.changed:
        return ""
    return convert(raw, "tcvn3")[0]


_READABLE_ASCII = bytes(code for code in range(0x20, 0x7F))


def _mostly_ascii(text: str) -> bool:
    """Whether a text can be in a legacy encoding: two letters of three are ASCII there, in noise one."""
    ascii_bytes = text.encode("ascii", "ignore")
    return len(ascii_bytes) - len(ascii_bytes.translate(None, _READABLE_ASCII)) > 0.45 * len(text)


def _stretches(words: list[Word]) -> list[list[Word]]:
    """Runs of words without one that is surely Unicode; beside one, only from the first broken word."""
    runs: list[tuple[list[Word], bool, bool]] = []
    run: list[Word] = []
    after_unicode = False
    for word in words:
        if _UNICODE.search(word.raw):
            runs.append((run, after_unicode, True))
            run, after_unicode = [], True
        else:
            run.append(word)
    runs.append((run, after_unicode, False))
    trimmed = []
    for members, left, right in runs:
        broken = [i for i, word in enumerate(members) if not word.valid and not word.raw.isascii()]
        if broken:
            first = broken[0] if left else 0
            last = broken[-1] + 1 if right else len(members)
            trimmed.append(members[first:last])
    return trimmed


_SURE = 3
"""Words mended in a stretch after which all of it is taken to be in that encoding, names and letters too."""


def _rewrite(words: list[Word], best: Trial) -> list[str]:
    sure = best.gained >= _SURE
    new = [word.raw if word.raw.isascii() else _new_form(word, best.name, sure=sure) for word in words]
    return _capitals(words, new) if best.name == "tcvn3" else new


def _new_form(word: Word, name: str, *, sure: bool) -> str:
    converted, good = CONVERTED[name, word.raw]
    if len(word.raw) == 1:
        return converted if _single_converts(word, converted, name, sure=sure) else word.raw
    if good:
        return converted
    if word.valid or not word.core:
        return word.raw
    inner = converted.strip(EDGES)
    mends = (
        (sure and inner.replace("’", "").isalpha())
        or is_abbreviation(inner)
        or any(char in SIGNS for char in word.core)
    )
    return converted if mends and any(map(str.isalpha, inner)) else word.raw


def _single_converts(word: Word, converted: str, name: str, *, sure: bool) -> bool:
    """Whether one sign is a letter: "ë" (ở) is, "µ" and "§" are not, but "®)" is the item đ of a list."""
    if sure and name == "tcvn3" and word.raw in "¸¶«":
        return True  # á, ả, ô: the fonts have no such signs
    if word.raw in EDGES:
        return name == "viscii" and word.raw == "·"  # ở; the other edges are quotation marks and dashes
    if word.raw in SIGNS:
        return sure and word.label
    return sure or converted.lower() in COMMON


def _capitals(words: list[Word], new: list[str]) -> list[str]:
    """ABC fonts have no toned capitals: "HµNH" was set in a capitals font, and reads HÀNH."""
    letters = [char for word in words for char in word.raw if char.isascii() and char.isalpha()]
    all_capitals = len(letters) >= 3 and all(map(str.isupper, letters))
    shouted = [_is_shouted(word.raw, 2) for word in words]
    for i, word in enumerate(words):
        if word.raw.isascii() or any("a" <= char <= "z" for char in word.raw):
            continue
        beside = [shouted[j] for j in (i - 1, i + 1) if 0 <= j < len(words)]
        if all_capitals or shouted[i] or (beside and all(beside)):
            new[i] = new[i].upper()
    return new


def _is_shouted(word: str, least: int) -> bool:
    letters = [char for char in word if char.isascii() and char.isalpha()]
    return len(letters) >= least and all(char.isupper() for char in letters)
