"""The papers of a dump: datapackage.json (Frictionless Data Package), codebook, CITATION.cff, SHA256SUMS."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.export import COLUMNS

_TYPES = {"text": "string", "list": "string", "integer": "integer", "boolean": "boolean", "date": "date"}
_MEDIA = {
    "csv": "text/csv",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
    "sqlite": "application/vnd.sqlite3",
}
SEPARATOR = " | "
CSV_VI = (
    "CSV: UTF-8 có BOM; danh sách nối bằng `; `; đúng/sai là 1, 0; ô bắt đầu bằng = + - @ có thêm một dấu nháy đơn."
)
CSV_EN = (
    "CSV: UTF-8 with BOM; lists joined by `; `; booleans 1 and 0; an apostrophe before cells that begin with = + - @."
)


@dataclass(frozen=True, slots=True)
class DumpFile:
    """One file of a dump."""

    name: str
    format: str
    part: str
    """The month, YYYY-MM, or `all`."""
    rows: int
    bytes: int
    sha256: str


SAMPLE = "Dữ liệu mẫu: các bài ở đây là bịa để dùng thử | Sample data: the articles here are invented"


def _fields() -> list[dict[str, Any]]:
    fields = []
    for column in COLUMNS:
        field: dict[str, Any] = {"name": column.name, "description": f"{column.vi}{SEPARATOR}{column.en}"}
        if column.type == "datetime":
            field |= {"type": "datetime", "format": "%Y-%m-%dT%H:%M:%S%z"}
        else:
            field["type"] = _TYPES[column.type]
        if column.type == "boolean":
            field |= {"trueValues": ["1"], "falseValues": ["0"]}
        fields.append(field)
    fields[0]["constraints"] = {"required": True, "unique": True}
    return fields


def _resource(file: DumpFile) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "name": file.name.lower().replace(".", "-"),
        "path": file.name,
        "format": file.format,
        "mediatype": _MEDIA[file.format],
        "bytes": file.bytes,
        "hash": f"sha256:{file.sha256}",
        ("rows" if file.format == "csv" else "articles"): file.rows,
    }
    if file.format == "csv":
        resource |= {
            "profile": "tabular-data-resource",
            "type": "table",
            "encoding": "utf-8-sig",
            "schema": {"fields": _fields(), "primaryKey": "key", "missingValues": [""]},
        }
    else:
        resource |= {"profile": "data-resource", "type": "file"}
    return resource


def datapackage(
    files: Sequence[DumpFile], built_at: str, metadata: Mapping[str, Any], *, sample: bool = False
) -> bytes:
    """datapackage.json: each file with its size, checksum and rows; the columns of CSV with their types."""
    package = {
        "profile": "data-package",
        "name": "khotin",
        "title": metadata["title"],
        "description": f"{SAMPLE}. {metadata['description']}" if sample else metadata["description"],
        "created": built_at,
        "version": built_at[:10],
        "licenses": [{"name": "other-closed", "title": metadata["license"]}],
        "sources": [{"title": metadata["source"]}],
        "resources": [_resource(file) for file in files],
    }
    return (json.dumps(package, ensure_ascii=False, indent=1) + "\n").encode()


def codebook(metadata: Mapping[str, Any], *, sample: bool = False) -> bytes:
    """codebook.md: what every column of the files means, then every table of the server, in both languages."""
    lines = [
        "# Sổ mã | Codebook",
        "",
        *([f"**{SAMPLE}**", ""] if sample else []),
        "## Các tệp | The files",
        "",
        "| column | type | tiếng Việt | English |",
        "|---|---|---|---|",
    ]
    lines += [f"| {c.name} | {c.type} | {c.vi} | {c.en} |" for c in COLUMNS]
    lines += ["", CSV_VI, "", CSV_EN]
    for name, table in metadata["databases"]["public"]["tables"].items():
        if table.get("hidden"):
            continue
        lines += [
            "",
            f"## {name}: {table['title']}",
            "",
            table["description"].strip(),
            "",
            "| column | tiếng Việt | English |",
            "|---|---|---|",
        ]
        for column, text in table["columns"].items():
            vietnamese, _, english = text.partition(SEPARATOR)
            lines.append(f"| {column} | {vietnamese} | {english} |".replace("\n", " "))
    return ("\n".join(lines) + "\n").encode()


def citation(built_at: str, articles: int, *, sample: bool = False) -> bytes:
    """CITATION.cff 1.2.0 of the dataset."""
    warning = f"{SAMPLE}. " if sample else ""
    return (
        "cff-version: 1.2.0\n"
        'message: "Khi dùng dữ liệu này, xin trích dẫn như sau. | If you use this data, please cite it as below."\n'
        "type: dataset\n"
        'title: "khotin: an archive of Vietnamese Party-building news"\n'
        "authors:\n"
        '  - name: "khotin contributors"\n'
        f'version: "{built_at[:10]}"\n'
        f"date-released: {built_at[:10]}\n"
        f'abstract: "{warning}{articles} articles of '
        'Party papers, Party committee portals and government portals of Vietnam."\n'
    ).encode()


def checksums(files: Sequence[DumpFile]) -> bytes:
    """SHA256SUMS, as `sha256sum -c` reads it."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in files).encode()
