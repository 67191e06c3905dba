"""All words of khotin's own pages, in Vietnamese and English.

A page's words stand in a module of their own here, `key: (Vietnamese, English)`; `{name}` in a text is filled in
by `t(key, name=…)`. In a text that counts, `t.count(key, n)`, English has the singular and the plural with `|`
between. Tests see to it that no key is missing, left over or used twice, and that no page shows a bare code.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup, escape

from khotin.serve.metadata import in_language
from khotin.serve.words.article import WORDS as ARTICLE
from khotin.serve.words.columns import COLUMNS
from khotin.serve.words.common import WORDS as COMMON
from khotin.serve.words.dates import grouped, written
from khotin.serve.words.overview import WORDS as OVERVIEW
from khotin.serve.words.search import WORDS as SEARCH
from khotin.serve.words.taking import WORDS as TAKING
from khotin.serve.words.telling import vietnamese
from khotin.serve.words.values import VALUES

PARTS = (COMMON, ARTICLE, OVERVIEW, SEARCH, TAKING)
WORDS: dict[str, tuple[str, str]] = {key: texts for part in PARTS for key, texts in part.items()}
LANGUAGES = ("vi", "en")
NAMES = {"vi": "Tiếng Việt", "en": "English"}
"""Each language by its own name, for the switch."""


@dataclass(frozen=True, slots=True)
class Words:
    """The words in one language (`vi` or `en`); in templates it is `t`."""

    language: str = "vi"

    @property
    def other_language(self) -> str:
        """The one that the reader may switch to."""
        return "en" if self.language == "vi" else "vi"

    @property
    def other_name(self) -> str:
        """That language by its own name."""
        return NAMES[self.other_language]

    def pick(self, texts: tuple[str, str]) -> str:
        """The one in this language of a pair (Vietnamese, English)."""
        return texts[LANGUAGES.index(self.language)]

    def __call__(self, key: str, **named: object) -> str:
        """The text; KeyError if there is none, so that a missing one is found by the tests."""
        text = self.pick(WORDS[key])
        return text.format(**named) if named else text

    def count(self, key: str, number: int) -> str:
        """A text with `{n}` in it, for this number: "1 article", "1,200 articles", "1.200 bài viết"."""
        one, _, more = self(key).partition("|")
        return (one if number == 1 or not more else more).format(n=self.number(number))

    def value(self, column: str, code: str | None) -> str:
        """A code of the database in words: ("kind", "party_portal"); itself if there are none, "" for None."""
        if code is None:
            return ""
        texts = VALUES[column].get(code)
        return self.pick(texts) if texts else code

    def code(self, column: str, code: str) -> str:
        """A value of any column in words where it is a code; itself where it is not."""
        return self.value(column, code) if column in VALUES else code

    def told(self, kind: str, text: str) -> Markup:
        """A stored English sentence, HTML-escaped; `kind` is a table of `khotin.serve.words.evidence`.

        On a Vietnamese page what has no translation stays English within `<span lang="en">`.
        """
        return vietnamese(kind, text) if self.language == "vi" else escape(text)

    def column(self, name: str) -> str:
        """The name of a column of public.db for a person; itself for others, as in a query of the reader's own."""
        texts = COLUMNS.get(name)
        return self.pick(texts) if texts else name

    def half(self, text: str) -> str:
        """The half in this language of a text of metadata.yml; a text without halves itself."""
        return in_language(text, self.language)

    def when(self, moment: str | None, precision: str = "minute") -> str:
        """A stored time in Vietnam's zone: "20:05 ngày 1/7/2020" or "1 July 2020, 20:05"; "unknown" if it is.

        With precision `day` and `month` only what is known. None, `none` and what is no time are unknown.
        """
        return written(moment, precision, self.language) or self("unknown")

    def stamp(self, moment: str | None, precision: str = "minute") -> str:
        """The same, short, for lists and tables: "1/7/2020, 20:05" or "1 Jul 2020, 20:05"."""
        return written(moment, precision, self.language, short=True) or self("unknown")

    def number(self, value: int) -> str:
        """12345 as "12.345" in Vietnamese, "12,345" in English."""
        return grouped(value, self.language)

    def decimal(self, value: float) -> str:
        """A number of a scale: 1500 as "1.500", 0.5 as "0,5" in Vietnamese."""
        if value == int(value):
            return self.number(int(value))
        return f"{value:g}".replace(".", ",") if self.language == "vi" else f"{value:g}"

    def size(self, count: int) -> str:
        """Bytes for a person, in steps of a thousand: "812 B", "34 kB", "1,2 MB" in Vietnamese."""
        value, units = float(count), ["B", "kB", "MB", "GB"]
        while value >= 999.5 and len(units) > 1:
            value, units = value / 1000, units[1:]
        return f"{self.decimal(round(value, 1 if value < 9.95 else None))} {units[0]}"
