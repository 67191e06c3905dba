"""Words of a text, and what each legacy encoding would make of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from pipelines.text.encodings import CONVERTERS
from pipelines.text.syllables import COMMON, is_syllable, one_case

TOKEN = re.compile(
    "[A-Za-z\x02\x05\x06\x14\x19\x1e\x80-\x9f\xa1-\u024f\u0300-\u036f\u1e00-\u1eff\u2013-\u203a\u20ac\u2122]+"
)
EDGES = "\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u2022\u00ab\u00bb\u00b7"
_AFTER = "®™©°²³¹"
"""Signs that stand behind a sound word: "Dân®", "m²"."""
_UNITS = re.compile("(?:[kcdmhµ]?m[²³]?|µ[glms])")
SIGNS = frozenset("\u00a1¢£¤¥¦§¨©ª«¬\u00ad®¯°±²³´µ¶·¸¹º»¼½¾¿×÷€™‰†‡‹›")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: where it stands, as it stands, without the signs at its edges, and whether that is sound."""

    start: int
    end: int
    raw: str
    core: str
    valid: bool
    label: bool
    """Before ")" or "/" or behind ".", as the letters of lists and abbreviations stand."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What one encoding makes of the words of a stretch that are not plain ASCII."""

    name: str
    sound: int
    """Words that are syllables afterwards, changed or not."""
    changed: int
    valid: int
    gained: int
    weight: int
    common: int
    lost_u: int


class _Converted(dict[tuple[str, str], tuple[str, bool]]):
    """(encoding, word) -> (converted word, is it a syllable)."""

    def __missing__(self, key: tuple[str, str]) -> tuple[str, bool]:
        if len(self) > 50_000:
            self.clear()
        name, word = key
        result = self[key] = _convert(CONVERTERS[name], word)
        return result


def _convert(converter: Callable[[str], str], word: str) -> tuple[str, bool]:
    whole = converter(word)
    # a word set in a capitals font has small letters among its capitals; any other has not
    capitals = not any("a" <= char <= "z" for char in word)
    if is_syllable(whole) and (capitals or one_case(whole)):
        return whole, True
    core = word.strip(EDGES)
    if core == word:
        return whole, False
    before = word[: word.index(core)] if core else word
    inner = converter(core)
    after = word[len(before) + len(core) :]
    return before + inner + after, is_syllable(inner) and (capitals or one_case(inner))


CONVERTED = _Converted()


def words_of(text: str) -> list[Word]:
    """The words of a text, in order."""
    words = []
    for match in TOKEN.finditer(text):
        raw, (start, end) = match.group(), match.span()
        core = raw.strip(EDGES)
        label = text[end : end + 1] in (")", "/") or text[start - 1 : start] == "."
        words.append(Word(start, end, raw, core, _sound(core), label))
    return words


class _SoundTokens(dict[str, bool]):
    """Whether a token needs no other reading: plain ASCII, sound without the signs at its edges, or no word in any
    encoding ("Lênin").
    """

    def __missing__(self, token: str) -> bool:
        if len(self) > 50_000:
            self.clear()
        verdict = token.isascii() or _sound(token.strip(EDGES))
        verdict = verdict or not any(CONVERTED[name, token][1] for name in CONVERTERS)
        if len(token) < 40:
            self[token] = verdict
        return verdict


_SOUND = _SoundTokens()


def is_settled(text: str) -> bool:
    """Whether no word of a text would be a syllable in another encoding, if it is none: `convert` leaves it alone."""
    return all(map(_SOUND.__getitem__, TOKEN.findall(text)))


def _sound(core: str) -> bool:
    # Ð (eth) in a Unicode text is a Đ from the wrong row; clean puts it right, no other letter is touched
    core = (core.rstrip(_AFTER) or core).replace("Ð", "Đ").replace("ð", "đ")
    return is_syllable(core) or _UNITS.fullmatch(core) is not None


def is_abbreviation(word: str) -> bool:
    """Whether a word is of capitals alone, and short."""
    return word.isupper() and len(word) < 7


def _weight(word: str) -> int:
    """How far a word is from anything a person writes in another language: 1 or 2."""
    high = [i for i, char in enumerate(word) if char > "\x7f"]
    odd_case = any(i > 0 and word[i].isupper() and word[i - 1].islower() for i in high)
    return 2 if len(high) > 1 or odd_case or any(word[i] in SIGNS for i in high) or _VNI_ONLY.search(word) else 1


_VNI_ONLY = re.compile("[aeo][äå]|[aeouyôö][øû]|[ôö][ùõï]|a[áàãéèú]|[eo]ã", re.IGNORECASE)
"""Pairs of VNI fonts that other languages hardly have inside what would be a syllable ("Loïc" is a name)."""


def tried(name: str, words: list[Word]) -> Trial:
    """What the encoding of that name makes of these words."""
    sound = changed = valid = gained = weight = common = lost_u = 0
    for word in words:
        if word.raw.isascii() or word.raw in SIGNS or word.raw in EDGES:
            continue
        converted, good = CONVERTED[name, word.raw]
        if not good and not any(map(str.isalpha, word.core)):
            continue
        sound += good
        common += good and converted.strip(EDGES).lower() in COMMON
        if converted == word.raw or (not good and is_abbreviation(converted.strip(EDGES))):
            continue
        changed += 1
        valid += good
        if good and not word.valid:
            gained += 1
            weight += _weight(word.raw)
        elif not good and name == "tcvn3" and not word.valid and is_syllable(_with_u(converted)):
            lost_u += 1
        if name == "tcvn3" and converted.lower() == "ngời":
            lost_u += 1  # "người" without its ư is a word too, but a rare one
    return Trial(name, sound, changed, valid, gained, weight, common, lost_u)


_BARE_O = re.compile("(?<![ưƯ])[ơờớởỡợ]", re.IGNORECASE)


def _with_u(word: str) -> str:
    return _BARE_O.sub(lambda o: "ư" + o.group(), word)


def misses_u(word: str) -> bool:
    """Whether a word lacks the ư that its ơ needs: "đợc", "trờng"."""
    return not is_syllable(word) and is_syllable(_with_u(word))
