"""What a text looks like: its language, and whether letters were lost or scrambled."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain, pairwise

from pipelines.text.forms import fold
from pipelines.text.legacy import leftovers
from pipelines.text.syllables import COMMON, WORD, is_syllable, split_tone, word_set
from pipelines.text.trials import TOKEN, misses_u

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
_ANY_SCRIPT = re.compile("|".join(script.pattern for _, script in _SCRIPTS).replace("]|[", ""))
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")

_STOP_WORDS: dict[str, frozenset[str]] = {
    "en": word_set(
        """
    the of and to in is for on that with as by was are at from be has have it this an which its their
    will not or
    """
    ),
    "fr": word_set(
        """
    le la les de des du et en un une est dans pour que qui sur par au aux avec ce cette il elle ont été
    """
    ),
    "es": word_set(
        """
    el la los las de del y en un una es por para que con se su al como más entre fue ha sus este
    """
    ),
    "de": word_set(
        """
    der die das und in den von zu mit ist im des für auf dem ein eine nicht sich auch wird bei als
    """
    ),
    "pt": word_set(
        """
    o a os as de do da dos das e em um uma é por para que com se não no na ao como mais foi
    """
    ),
    "it": word_set(
        """
    il lo la gli le di del della e in un una è per che con si da al alla non sono nel dei come
    """
    ),
    "id": word_set(
        """
    yang dan di ke dari untuk dengan pada ini itu dalam adalah akan oleh tidak para juga telah sebagai
    """
    ),
    "hmn": word_set(
        """
    cov neeg hmoob thiab tau yog rau hauv ntawm kev lub tus nyob uas mus los kuj txoj ua peb
    """
    ),
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
    if _ANY_SCRIPT.search(sample) and (code := _other_script(sample)):
        return code
    words = [word for word in WORD.findall(sample.lower()) if len(word) > 1 or not word.isascii()]
    if not words:
        return None
    syllables = [word for word in words if is_syllable(word)]
    good = len(syllables)
    marked = good - sum(map(str.isascii, syllables))
    if len(words) < MIN_WORDS:
        return "vi" if marked and good == len(words) > 1 else None
    return _latin_language(words, good, marked, sample)


def _other_script(sample: str) -> str | None:
    latin = len(_LATIN.findall(sample))
    for code, script in _SCRIPTS:
        found = len(script.findall(sample))
        if found > 3 and found > (latin if code not in ("ko", "ja", "zh") else latin / 3):
            return code
    return None


def _latin_language(words: list[str], good: int, marked: int, sample: str) -> str:
    share = good / len(words)
    if share < 0.75 and len(_MINORITY.findall(sample)) > 0.03 * len(words):
        return "und"
    if marked >= 0.25 * len(words) and share >= 0.4:
        return "vi"
    counts = Counter(words)
    scores = {code: sum(counts[word] for word in stops) for code, stops in _STOP_WORDS.items()}
    best = max(scores, key=scores.__getitem__)
    if scores[best] >= 0.12 * len(words) and share < 0.8:
        return best
    if share >= 0.85 or _bare_vietnamese(words) or (marked >= 0.15 * len(words) and share >= 0.4):
        return "vi"
    return best if scores[best] >= 0.08 * len(words) and scores[best] > 1 else "und"


_BARE_COMMON = frozenset(map(fold, COMMON)) - word_set(
    """
    to an do on hai ban de la me the can long in no ra o
    """
)


def _bare_vietnamese(words: list[str]) -> bool:
    """Vietnamese typed without marks: "Dang bo tinh to chuc hoi nghi"."""
    return sum(word in _BARE_COMMON for word in words) >= 0.3 * len(words)


_JUDGED_LENGTH = 200_000
"""Characters that are looked at: articles are shorter."""
_URLISH = re.compile(r"(?<!\S)(?:[^\s=/@\\w]++|w(?!ww\.))*+(?:www\.|[=/@\\])\S*+")
_URL_SIGN = re.compile(r"www\.|[=/@\\]")
_HYPHENED = re.compile(r"(?<![^\W\d_])[^\W\d_]+(?:-[^\W\d_]+)+")
"""Names of other languages in Vietnamese spelling: "Ô-xtrây-li-a"."""
_GAP = re.compile(r"([^\W\d_]{0,12})(?<!\?)([?]+)([^\W\d_]{1,12})")
_LETTERS_BEFORE = re.compile(r"[^\W\d_]+\Z")
_OPEN_END = re.compile(r"[?]++(?=[,;]|\s+[^\W\d_A-Z])")
"""A question mark after which the sentence goes on in small letters: "Ngh? quyết"."""
_VOWEL = re.compile("[aeiouyăâêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", re.IGNORECASE)
# Lower-case words without a vowel that people do write: units, parts of addresses, abbreviations
_VOWELLESS = word_set(
    """
    km cm mm dm nm kg mg kv kw kwh mw gw mhz ghz hz mb gb tb kb kbps mbps ml cl dl hl ltd tr tp tx pgs
    ts ths gs nxb vn www http https html htm pdf tv pv btv ctv bs bch sv hs gv gs th st nd rd vs mr mrs
    dr vnd đ đc ntn ng nguy ph tt tg sđt đt qđ nq ct kl hd tb kh cp bct btc bca lđ bhxh bhyt ubnd hđnd
    dn
    """
)


def _lost_marks(text: str) -> bool:
    """Question marks where letters were: "H??NG D?N", "l?i", "Ngh? quy?t"; not "là gì?Vì" nor an address."""
    text = _without_urls(text)
    sure = likely = 0
    # no gap reaches over a space, and most pieces between spaces have no question mark
    for before, _, after in chain.from_iterable(_GAP.findall(piece) for piece in text.split() if "?" in piece):
        if before and before[-1].islower() and after[0].isupper():
            continue  # a sentence that goes on without a space
        if not is_syllable(after) or (before and not is_syllable(before)):
            sure += 1
        else:
            likely += 1
    for match in _OPEN_END.finditer(text):
        start = match.start()
        word = _LETTERS_BEFORE.search(text[max(0, start - 12) : start])
        if word and not is_syllable(word.group()):
            sure += 1
    return sure >= 1 and (sure + likely >= 2 or len(text) < 40)


def _scrambled(word: str) -> bool:
    """Whether a word carries Vietnamese marks or legacy signs in a way nobody spells, or lost its vowel."""
    if word.isascii():
        return word.islower() and word not in _VOWELLESS and not _VOWEL.search(word)
    if is_syllable(word):
        return False
    base, tones = split_tone(word)
    if len(tones) > 1 and len(base) < 8:
        return True  # two tones on one syllable
    if any(char in word for char in "§®¬µ¶¸¹ª¨©¼½¾"):
        return word[0] in "§®¬" or not word.rstrip("®©ª¹").isalpha()
    if misses_u(word):
        return True
    if any(a.islower() and b.isupper() and b > "\x7f" for a, b in pairwise(word)):
        return True  # "ViÖt"
    if word[0].isupper() and any("\x7f" < char < "\u0100" for char in word):
        return leftovers(word)[0]  # "Chñ", which is Chủ in TCVN3; not "Zürich"
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

    `lossy`: letters were lost for good (U+FFFD, question marks in their place, TCVN3 without its ư).
    `suspect_text`: words that nobody spells so, in what should be Vietnamese: an encoding that was half
    repaired, letters dropped or scrambled. `glued_words`: spaces between words were lost.
    """
    flags: set[str] = set()
    text = text[:_JUDGED_LENGTH]
    if "\ufffd" in text or ("?" in text and _lost_marks(text)):
        flags.add("lossy")
    # an odd word is looked for in each piece between spaces, and pieces are remembered
    pieces = [text] if _JOINING_SPACE.search(text) else text.split()
    odd = Counter(chain.from_iterable(filter(None, map(_ODD_WORDS.__getitem__, pieces))))
    if odd:
        flags |= _flags_of(odd, sum(map(_COUNTS.__getitem__, pieces)), text)
    return tuple(sorted(flags))


_JOINING_SPACE = re.compile("[\x1e\x85\u2028\u2029\u202f]")
"""Spaces for `str.split` that are bytes of letters in a legacy encoding, and so parts of tokens."""


def _words_of(text: str) -> list[str]:
    words = [token.strip("–—‘’“”…•«»·°²³®©™") for token in TOKEN.findall(_HYPHENED.sub(" ", _without_urls(text)))]
    return [w for w in words if any(map(str.isalpha, w)) and "’" not in w and w not in ("µm", "µg", "µl")]


class _OddWords(dict[str, tuple[str, ...]]):
    """The words in a piece of text that are spelled as nobody does."""

    def __missing__(self, piece: str) -> tuple[str, ...]:
        odd = tuple(word for word in _words_of(piece) if _ODD[word])
        if len(piece) < 40:
            if len(self) > 100_000:
                self.clear()
            self[piece] = odd
        return odd


class _Counts(dict[str, int]):
    """How many words a piece of text has."""

    def __missing__(self, piece: str) -> int:
        count = len(_words_of(piece))
        if len(piece) < 40:
            if len(self) > 100_000:
                self.clear()
            self[piece] = count
        return count


_ODD_WORDS, _COUNTS = _OddWords(), _Counts()


def _without_urls(text: str) -> str:
    return _URLISH.sub(" ", text) if _URL_SIGN.search(text) else text


def _flags_of(odd: Counter[str], tokens: int, text: str) -> set[str]:
    flags: set[str] = set()
    glued = [token for token in odd if _glued(token)]
    for token in glued:
        del odd[token]
    if len(glued) >= 2:
        flags.add("glued_words")
    bad = sum(odd.values())
    if not any(len(token) > 1 for token in odd):
        return flags
    without_u = sum(count for token, count in odd.items() if misses_u(token))
    if without_u >= max(2, 0.01 * tokens) or (without_u and tokens <= 15):
        flags.add("lossy")
    few = tokens <= 4 and bad >= 0.5 * tokens and any(map(_surely_broken, odd))
    many = sum(len(token) > 1 for token in odd) >= 2 and bad >= 0.06 * tokens
    half, lost_u = leftovers(text) if bad >= 0.04 * tokens else (False, False)
    if (few or many or half) and language(text) in ("vi", "und", None):
        flags.add("suspect_text")
        if lost_u:
            flags.add("lossy")
    return flags


class _Odd(dict[str, bool]):
    """Which tokens are spelled as nobody does."""

    def __missing__(self, token: str) -> bool:
        if len(self) > 100_000:
            self.clear()
        verdict = self[token] = len(token) < 40 and _scrambled(token)
        return verdict


_ODD = _Odd()


def _surely_broken(word: str) -> bool:
    return any(char in word for char in "§®¬µ¶¸¹¨") or len(split_tone(word)[1]) > 1
