"""Datasette's own pages in the reader's language: titles, descriptions, names of columns and facets.

Descriptions come from metadata.yml, which has both languages in one text; the half that is read is handed to the
template. Names of columns are put into Datasette's two templates that show them, when these are compiled: they
differ between 0.65 and 1.0, the two expressions do not. A test on both says whether they still stand there.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from jinja2.ext import Extension

from khotin.serve.app import DATABASE
from khotin.serve.metadata import SEPARATOR, described, in_language

# Datasette's template -> (what stands there, what stands there instead). Not within an attribute: data-column="…".
_PUT = {
    "_table.html": (
        (r'(?<!")\{\{ column\.name \}\}', '<span title="{{ column.name }}">{{ t.column(column.name) }}</span>'),
        (r'"\{\{ column\.description \}\}"', '"{{ t.half(column.description) }}"'),
    ),
    "_facet_results.html": (
        (
            r"<strong>\{\{ facet_info\.name \}\}",
            '<strong title="{{ facet_info.name }}">{{ t.column(facet_info.name) }}',
        ),
        (r"\(facet_value\.label \| string\(\)\)", "t.code(facet_info.name, facet_value.label | string)"),
        (r"\{\{ facet_value\.label or ", "{{ t.code(facet_info.name, facet_value.label | string) or "),
    ),
}


class LabelExtension(Extension):
    """Puts the names of columns and codes in the reader's language into Datasette's templates."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002
        """The template's source with our names in it."""
        for found, put in _PUT.get(name or "", ()):
            source = re.sub(found, put, source)
        return source


def _half(value: Any, language: str) -> Any:
    if isinstance(value, dict):
        return {key: _half(inner, language) for key, inner in value.items()}
    return in_language(value, language) if isinstance(value, str) and SEPARATOR in value else value


@cache
def _of(level: tuple[str, ...], language: str) -> dict[str, Any]:
    found: Any = described()
    for name in level:
        found = found.get(name, {})
    shown: dict[str, Any] = _half(
        {key: value for key, value in found.items() if key not in ("tables", "databases")}, language
    )
    return shown


def metadata_for(template: str | None, database: str | None, table: str | None, language: str) -> dict[str, Any]:
    """`{"metadata": …}` for Datasette's template, or nothing for pages of ours and of other databases."""
    if database != DATABASE or not template:
        return {}
    if table:
        return {"metadata": _of(("databases", DATABASE, "tables", table), language)}
    if template.startswith("database"):
        return {"metadata": _of(("databases", DATABASE), language)}
    return {}
