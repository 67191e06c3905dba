"""Stored English sentences in Vietnamese: the pairs of `evidence` as patterns."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from markupsafe import Markup

from khotin.serve.words.dates import grouped, written
from khotin.serve.words.evidence import TABLES

_ENGLISH = Markup('<span lang="en">{}</span>')
_BETWEEN = {"ends": "; ", "kinds": ", ", "note": "; ", "rule": "; "}
"""What stands between several of a kind in a row."""


def _number(text: str) -> str:
    whole, _, part = text.partition(".")
    return grouped(int(whole), "vi") + (f",{part}" if part else "")


def _moment(text: str) -> str:
    return written(text, "minute" if " " in text else "day", "vi", short=True) or text


_NUMBER, _AS_IT_IS = r"\d{1,15}(?:\.\d{1,15})?", str
_PLACES: dict[str, tuple[str, Callable[[str], str]]] = {
    "n": (_NUMBER, _number),
    "low": (_NUMBER, _number),
    "all": (_NUMBER, _number),
    "day": (r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?", _moment),
    "code": (r"[\w.-]+", _AS_IT_IS),
    "url": (r"\S+", _AS_IT_IS),
    "raw": (r".+", _AS_IT_IS),
}
_GREEDY = frozenset({"name"})  # "line near title (td) (20/11/2026)": the last bracket is what stands there


@cache
def _patterns(table: str) -> tuple[tuple[re.Pattern[str], Markup], ...]:
    return tuple((_pattern(english), Markup(put)) for english, put in TABLES[table])  # noqa: S704  # no reader's text


def _pattern(english: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", english)
    for at, name in enumerate(parts):
        if at % 2:
            inner = _PLACES[name][0] if name in _PLACES else ".+" if name in _GREEDY else ".+?"
            parts[at] = f"(?P<{name}>{inner})"
        else:
            parts[at] = re.escape(name)
    return re.compile("".join(parts), re.DOTALL)


def _filled(name: str, text: str) -> str | Markup:
    return _PLACES[name][1](text) if name in _PLACES else vietnamese(name, text)


def _one(table: str, text: str) -> Markup:
    for pattern, put in _patterns(table):
        if found := pattern.fullmatch(text):
            return put.format(**{name: _filled(name, part) for name, part in found.groupdict().items()})
    return _ENGLISH.format(text)


def vietnamese(table: str, text: str) -> Markup:
    """A stored English text of a kind (a table of `evidence`) for a Vietnamese page.

    What has no translation, the whole or a part, is there in English and marked so.
    """
    between = _BETWEEN.get(table)
    if not between:
        return _one(table, text)
    return Markup(between).join(_one(table, part) for part in text.split(between))  # noqa: S704  # no reader's text
