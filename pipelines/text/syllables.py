"""Is this a Vietnamese syllable? Onset x rime x tone, as the orthography and its everyday variants allow.

This is the judge of every decoding attempt: text read in a wrong charset yields hardly any valid syllable.
"""

from __future__ import annotations

import re
import unicodedata

TONE_MARKS = "\u0300\u0301\u0303\u0309\u0323"
"""Huyền, sắc, ngã, hỏi, nặng as combining marks."""


def word_set(words: str) -> frozenset[str]:
    """The words of a table written as text."""
    return frozenset(words.split())


_PLAIN_ONSETS = word_set("b ch d đ h kh l m n nh p ph r s t th tr v x") | {""}
_RIMES = word_set(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng
    eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu o oc oi
    om on ong ooc oong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe
    oem oen oeo oet ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uân uâng uât uây
    uê uêch uênh uêu uơ uôc uôi uôm uôn uông uôt uy uya uych uyn uynh uyp uyt uyu uyên uyêt ư ưa ưc ưi
    ưm ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu y yêm yên yêng yêt yêu
    """
)
COMMON = word_set(
    """
    và của các được trong đảng ủy uỷ bộ ban chấp hành tỉnh huyện xã phường thành phố trung ương công tác
    tổ chức cơ sở cán viên chi đoàn hội nghị quyết đại biểu ở từ đã sẽ là có không người những một nhiều
    này với cho về theo để đến tại ra vào năm ngày tháng số nhà nước dân nhân chính trị kinh tế xây dựng
    phát triển thực hiện việc nội quy định điều lệ đồng chí bí thư lãnh đạo quản lý kiểm tra giám sát
    học tập tư tưởng đức phong hồ minh quốc gia hòa hoà bình tốt mới kỳ lần thứ quan đơn vị phó trưởng
    ông bà thủ tướng khối địa phương đô thị đường lối giáo dục thông tin việt nam hà báo cáo kết quả
    trên dưới cũng phải khi đó như nên còn làm bảo đảm cao nâng chất lượng nhiệm vụ vận động tăng cường
    """
)
"""Everyday syllables of the press: they decide between two readings that are both well spelled."""

_STOPS = ("c", "ch", "p", "t")

# Place and people names that official texts spell outside the rules (Bắc Kạn, Đắk Lắk, Krông Pắk, Niê).
_NAMES = word_set(
    """
    kạn kan kông kon đắk đăk lắk lăk pắk păk krông niê kđăm rlấp mil ngum đrăng ea hleo súp sêrêpốk
    """
)


def split_tone(word: str) -> tuple[str, str]:
    """Small NFC letters without tone marks, and the tone marks in order: "Đảng" -> ("đang", "\\u0309")."""
    letters: list[str] = []
    tones = ""
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in TONE_MARKS:
            tones += char
        else:
            letters.append(char)
    return unicodedata.normalize("NFC", "".join(letters)), tones


def _rime_of(base: str) -> str | None:
    """The rime of a toneless lower-case syllable, or None where onset and rime do not go together."""
    if base.startswith("qu"):
        rest = base[2:]
        whole = "u" + rest
        return whole if whole in _RIMES or "o" + rest in _RIMES or (rest in _RIMES and rest) else None
    if base.startswith("gi"):
        rest = base[2:]
        if rest in _RIMES:
            return rest
        return "i" + rest if "i" + rest in _RIMES else None
    for onset in ("ngh", "gh", "k"):
        # written only before e, ê, i, y
        if base.startswith(onset) and not base.startswith("kh"):
            rest = base[len(onset) :]
            return rest if rest in _RIMES and rest[0] in "eêiy" else None
    for onset in ("ng", "g", "c"):
        # … and these never there
        if base.startswith(onset) and not base.startswith("ch"):
            rest = base[len(onset) :]
            return rest if rest in _RIMES and rest[0] not in "eêiy" else None
    for size in (2, 1, 0):
        onset, rest = base[:size], base[size:]
        if len(onset) == size and onset in _PLAIN_ONSETS and rest in _RIMES:
            if rest.startswith("iê" if not onset else "yê"):
                continue
            return rest
    return None


_VOWELS = frozenset("aăâeêioôơuưy")
_SHAPED = frozenset("ăâêôơ")
_GLIDES = ("oa", "oe", "uy")


def _tone_stands_well(base: str, at: int) -> bool:
    """Whether the tone at letter `at` is on the vowel that bears it: "hòa" and "hoà", not "troì"."""
    first = 2 if base.startswith(("qu", "gi")) and len(base) > 2 and base[2] in _VOWELS else 0
    vowels = [i for i in range(first, len(base)) if base[i] in _VOWELS]
    shaped = [i for i in vowels if base[i] in _SHAPED] or [i for i in vowels if base[i] == "ư"]
    if shaped:
        return at == shaped[-1]
    if base[vowels[0] : vowels[0] + 2] in _GLIDES:
        return at in vowels[:2]
    return at == vowels[0]


def _judge(word: str) -> bool:
    base, tones = split_tone(word)
    if len(tones) > 1 or len(base) > 8:
        return False
    rime = _rime_of(base)
    if rime is None or (rime.endswith(_STOPS) and tones not in ("\u0301", "\u0323")):
        return unicodedata.normalize("NFC", word.lower()) in _NAMES
    if tones:
        before = unicodedata.normalize("NFD", word.lower()).split(tones)[0]
        return _tone_stands_well(base, len(unicodedata.normalize("NFC", before)) - 1)
    return True


def one_case(word: str) -> bool:
    """Whether a word is in small letters, in capitals, or has a capital first: "Đảng", not "đảNG"."""
    return word[1:].islower() or word.isupper() or len(word) < 2


class _Judged(dict[str, bool]):
    """A memory of verdicts, emptied when it grows too large: texts repeat a few thousand words."""

    LIMIT = 100_000

    def __missing__(self, word: str) -> bool:
        if len(self) >= self.LIMIT:
            self.clear()
        verdict = self[word] = len(word) <= 24 and _judge(word)
        return verdict


_JUDGED = _Judged()
WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
"""A run of letters with their combining marks."""


def is_syllable(word: str) -> bool:
    """Whether a word, in any case or normal form, is spelled as a syllable ("nghị", no "nghò")."""
    return _JUDGED[word]


def syllable_validity(text: str) -> float | None:
    """Share (0 to 1) of the letter words of a text that are valid Vietnamese syllables; None without words.

    Single letters and abbreviations (up to six capitals) are not counted. Vietnamese news lies above 0.9.
    """
    words = [w for w in WORD.findall(text) if len(w) > 1 and not (w.isupper() and len(w) < 7)]
    if not words:
        return None
    return sum(map(_JUDGED.__getitem__, words)) / len(words)
