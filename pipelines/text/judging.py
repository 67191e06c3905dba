"""What a text looks like: its language, and whether letters were lost or scrambled."""

from __future__ import annotations

import re
from collections import Counter

from pipelines.text.legacy import TOKEN
from pipelines.text.syllables import WORD, is_syllable, split_tone

_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("lo", re.compile("[\u0e80-\u0eff]")),
    ("km", re.compile("[\u1780-\u17ff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("my", re.compile("[\u1000-\u109f]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
)
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")

_STOP_WORDS: dict[str, frozenset[str]] = {
    "en": frozenset(
        "the of and to in is for on that with as by was are at from be has have it this an which its their will not or".split()
    ),
    "fr": frozenset("le la les de des du et en un une est dans pour que qui sur par au aux avec ce cette il elle ont été".split()),
    "es": frozenset("el la los las de del y en un una es por para que con se su al como más entre fue ha sus este".split()),
    "de": frozenset("der die das und in den von zu mit ist im des für auf dem ein eine nicht sich auch wird bei als".split()),
    "pt": frozenset("o a os as de do da dos das e em um uma é por para que com se não no na ao como mais foi".split()),
    "it": frozenset("il lo la gli le di del della e in un una è per che con si da al alla non sono nel dei come".split()),
    "id": frozenset("yang dan di ke dari untuk dengan pada ini itu dalam adalah akan oleh tidak para juga telah sebagai".split()),
    "hmn": frozenset("cov neeg hmoob thiab tau yog rau hauv ntawm kev lub tus nyob uas mus los kuj txoj ua peb".split()),
}
"""Everyday words; `hmn` (Hmong) has no two-letter code."""

_MINORITY = re.compile("[ƀƁčČĭĬŏŎŭŬĕĔñÑ]")
"""Letters of Ê Đê, Gia Rai and Ba Na that Vietnamese does not have."""

MIN_WORDS = 4
"""Fewer words than this name no language, unless every one is a Vietnamese syllable with marks."""


def language(text: str) -> str | None:
    """The language most of a text is in: an ISO 639-1 code, `hmn` for Hmong, `und` for one not known here.

    None where the text is too short to tell. Vietnamese needs Vietnamese spelling: Ê Đê, Gia Rai or Hmong
    are not taken for it.
    """
    sample = text[:20_000]
    latin = len(_LATIN.findall(sample))
    for code, script in _SCRIPTS:
        found = len(script.findall(sample))
        if found > 3 and found > (latin if code not in ("ko", "ja", "zh") else latin / 3):
            if code == "zh" and found <= 3:
                continue
            return code
    words = [word.lower() for word in WORD.findall(sample)]
    words = [word for word in words if len(word) > 1 or not word.isascii()]
    if not words:
        return None
    good = sum(map(is_syllable, words))
    marked = sum(1 for word in words if not word.isascii() and is_syllable(word))
    if len(words) < MIN_WORDS:
        return "vi" if marked and good == len(words) > 1 else None
    return _latin_language(words, good, marked, sample)


def _latin_language(words: list[str], good: int, marked: int, sample: str) -> str:
    counts = Counter(words)
    scores = {code: sum(counts[word] for word in stops) for code, stops in _STOP_WORDS.items()}
    best = max(scores, key=scores.__getitem__)
    share = good / len(words)
    if len(_MINORITY.findall(sample)) > 0.03 * len(words) and share < 0.75:
        return "und"
    if marked >= 0.25 * len(words) and share >= 0.4:
        return "vi"
    if scores[best] >= 0.12 * len(words) and share < 0.8:
        return best
    if share >= 0.85 or (marked >= 0.15 * len(words) and share >= 0.4):
        return "vi"
    return best if scores[best] >= 0.08 * len(words) and scores[best] > 1 else "und"


_URLISH = re.compile(r"\S*(?:://|www\.|[=/@\\])\S*")
_GAP = re.compile(r"([^\W\d_]*)([?]+)([^\W\d_]+)")
_VOWEL = re.compile("[aeiouyăâêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
# Lower-case words without a vowel that people do write: units, parts of addresses, abbreviations
_VOWELLESS = frozenset(
    "km cm mm dm nm kg mg kv kw kwh mw gw mhz ghz hz mb gb tb kb kbps mbps ml cl dl hl ltd tr tp tx pgs ts ths gs nxb "
    "vn www http https html htm pdf tv pv btv ctv bs bch sv hs gv gs th st nd rd vs mr mrs dr vnd đ đc ntn ng nguy "
    "ph tt tg sđt đt qđ nq ct kl hd tb kh cp bct btc bca lđ bhxh bhyt ubnd hđnd dn".split()
)


def _lost_marks(text: str) -> bool:
    """Question marks where letters were: "H??NG D?N", "l?i"; not "là gì?Vì" nor an address."""
    sure = likely = 0
    for match in _GAP.finditer(_URLISH.sub(" ", text)):
        before, marks, after = match.groups()
        if before and before[-1].islower() and after[0].isupper():
            continue  # a sentence that goes on without a space
        pieces = [piece for piece in (before, after) if piece]
        if before and not all(is_syllable(piece) for piece in pieces):
            sure += 1
        elif not before and not is_syllable(after):
            sure += 1
        else:
            likely += 1
    return sure >= 1 and sure + likely >= 2 or sure + likely >= 3


def _scrambled(word: str) -> bool:
    """Whether a word carries Vietnamese marks or legacy signs in a way nobody spells."""
    if word.isascii():
        return len(word) > 1 and word not in _VOWELLESS and not _VOWEL.search(word) and word.islower()
    if is_syllable(word):
        return False
    base, tones = split_tone(word)
    if len(tones) > 1 and len(base) < 8:
        return True  # two tones on one syllable
    if any(char in word for char in "§®¬µ¶¸¹ª¨©¼½¾") and len(word) > 1:
        return word[0] in "§®¬" or not word.rstrip("®©ª¹").isalpha()
    return word[0].islower() and word not in _VOWELLESS


def _glued(word: str) -> bool:
    """Whether two syllables stand without their space: "tiếnhành"."""
    if not 5 <= len(word) <= 14 or word.isascii():
        return False
    for cut in range(2, len(word) - 1):
        left, right = word[:cut], word[cut:]
        if is_syllable(left) and is_syllable(right) and not (left.isascii() and right.isascii()):
            return True
    return False


def text_flags(text: str) -> tuple[str, ...]:
    """What is wrong with a text, sorted; () for sound text.

    `lossy`: letters were lost for good (U+FFFD, or question marks in their place). `suspect_text`: words that
    nobody spells so, in what should be Vietnamese: an encoding that was half repaired, letters dropped or
    scrambled. `glued_words`: spaces between words were lost.
    """
    flags: set[str] = set()
    if "\ufffd" in text or ("?" in text and _lost_marks(text)):
        flags.add("lossy")
    if text.isascii() and "?" not in text:
        words = WORD.findall(text)
        if not any(word not in _VOWELLESS and not _VOWEL.search(word) and word.islower() for word in words):
            return ()
    tokens = [token.strip("–—‘’“”…•«»·") for token in TOKEN.findall(_URLISH.sub(" ", text))]
    tokens = [token for token in tokens if token]
    odd = Counter(token for token in tokens if _scrambled(token))
    glued = [token for token in odd if _glued(token)]
    for token in glued:
        del odd[token]
    if len(glued) >= 2:
        flags.add("glued_words")
    bad = sum(odd.values())
    if len(odd) >= 2 and bad >= 0.06 * len(tokens) and language(text) in ("vi", "und", None):
        flags.add("suspect_text")
    elif len(odd) >= 1 and len(tokens) <= 4 and bad >= 0.5 * len(tokens) and any(map(_surely_broken, odd)):
        flags.add("suspect_text")
    return tuple(sorted(flags))


def _surely_broken(word: str) -> bool:
    return any(char in word for char in "§®¬µ¶¸¹¨") or len(split_tone(word)[1]) > 1
