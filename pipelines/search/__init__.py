"""Vietnamese full-text search: what stands in the index, what a query asks of it, what to highlight.

Each column of one contentless FTS5 table holds a text's words as written (lower case, NFC, one tone
placement: hoà = hòa) and after them the same words folded (no marks, đ as d) behind a marker: "Đảng ủy" is
indexed as `đảng ủy _dang _uy`. A word typed with marks looks for itself, one typed without for
the folded form. SQLite's own folding is not used: it never folds đ, and makes "đang" match "Đảng".
"""

from pipelines.search.bitmaps import build_bitmaps
from pipelines.search.columns import build_columns, read_column
from pipelines.search.equivalents import equivalents
from pipelines.search.highlight import Highlighter, Piece, hits, snippet
from pipelines.search.index import FTS_TABLE, INDEXED, WEIGHTS, build_index, create_index, index_text, index_version
from pipelines.search.query import NOTHING, fts_query, split_sites
from pipelines.search.words import COLUMNS, SEARCH_VERSION, SPELLED_BOTH_WAYS

__all__ = [
    "COLUMNS",
    "FTS_TABLE",
    "INDEXED",
    "NOTHING",
    "SEARCH_VERSION",
    "SPELLED_BOTH_WAYS",
    "WEIGHTS",
    "Highlighter",
    "Piece",
    "build_bitmaps",
    "build_columns",
    "build_index",
    "create_index",
    "equivalents",
    "fts_query",
    "hits",
    "index_text",
    "index_version",
    "read_column",
    "snippet",
    "split_sites",
]
