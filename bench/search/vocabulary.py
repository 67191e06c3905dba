"""Words of the bundled sample and a long tail of made syllables, drawn as often as words are in real text.

Real text is skewed: a few syllables stand in nearly every article, most words in hardly any. Ranks follow
Zipf's law as Mandelbrot corrected it, 1 / (rank + 2.7): the front of the list is the sample's own order of
frequency, the tail pairs of well-formed syllables, as names of people and places are.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np

from pipelines.text.syllables import is_syllable

ROOT = Path(__file__).resolve().parents[2]
WORDS = 60_000
TOPICS = 400
TOPIC_WORDS = 80
_SYLLABLE = re.compile(r"[^\W\d_]+")
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q r s t th tr v x"
_RIMES = (
    "a an ang anh ai am at ac e en eng eo ê ên ênh i in inh iêm iên iêu o oi on ong oa oan ô ôn ông ôc ơ ơn u un ung uy"
    " uyên ư ưng ươn ương"
)
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


def _sample_sentences() -> Iterator[list[str]]:
    for path in sorted((ROOT / "data" / "sample" / "texts").rglob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            for part in re.split(r"[.,;:!?()“”\"|]", line.partition(":")[2] if line.startswith("title:") else line):
                yield _SYLLABLE.findall(part)


def _made_syllables(chance: random.Random) -> list[str]:
    import unicodedata

    found = set()
    for onset in _ONSETS.split():
        for rime in _RIMES.split():
            for tone in _TONES:
                place = next((i for i, c in enumerate(rime) if c in "êôơư"), 0)
                word = unicodedata.normalize("NFC", onset + rime[: place + 1] + tone + rime[place + 1 :])
                if is_syllable(word):
                    found.add(word.capitalize())
    made = sorted(found)
    chance.shuffle(made)
    return made


class Vocabulary:
    """Draws words; the same seed gives the same words."""

    def __init__(self, seed: int = 5) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - the same text in every run
        single: Counter[str] = Counter()
        double: Counter[str] = Counter()
        for words in _sample_sentences():
            single.update(words)
            double.update(f"{a} {b}" for a, b in pairwise(words))
        known = single + Counter({pair: 2 * count for pair, count in double.items() if count > 1})
        self.words = [word for word, _ in known.most_common()]
        made = _made_syllables(self.chance)
        while len(self.words) < WORDS:
            self.words.append(" ".join(self.chance.choices(made, k=2)))
        self._weights = np.cumsum(1 / (np.arange(len(self.words)) + 2.7))
        self._draws = np.random.default_rng(seed)
        self._topics = [self.chance.sample(range(150, len(self.words)), TOPIC_WORDS) for _ in range(TOPICS)]
        self._topic_weights = list(accumulate(1 / (rank + 5) for rank in range(TOPICS)))

    def topic(self) -> list[str]:
        """The favourite words of one article."""
        (found,) = self.chance.choices(self._topics, cum_weights=self._topic_weights)
        return [self.words[rank] for rank in found]

    def article(self) -> tuple[str, str, str]:
        """Title, lead and body; together about 3 kB of UTF-8. A quarter of the words are the topic's."""
        paragraphs = self.chance.randrange(3, 9)
        count = 28 + 56 * paragraphs
        drawn = np.searchsorted(self._weights, self._draws.random(count) * self._weights[-1])
        words = [self.words[rank] for rank in drawn]
        words[::4] = self.chance.choices(self.topic(), k=-(-count // 4))
        for place in range(30, count, 37):
            words[place] = f"{words[place]} {self.chance.randrange(1, 29)}/{self.chance.randrange(1, 13)}"
        body = "\n".join(self._paragraph(words, first) for first in range(28, count, 56))
        return _sentence(words[:8]), _sentence(words[8:28]) + ".", body

    def _paragraph(self, words: list[str], first: int) -> str:
        ends = (first, first + 11, first + 30, first + 39, first + 56)
        return " ".join(_sentence(words[begin:end]) + "." for begin, end in pairwise(ends))


def _sentence(words: list[str]) -> str:
    text = " ".join(words)
    return text[0].upper() + text[1:]
