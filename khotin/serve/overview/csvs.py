"""The table of a chart as CSV: UTF-8 with a byte order mark, no cell that a spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from datasette import Response

from pipelines.export.writers import guard


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Any:
    """The file `name`.csv. Columns are named as in the database, whatever the language."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([guard(name) for name in header])
    writer.writerows([guard(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return Response(
        "\ufeff" + text.getvalue(),
        headers={"Content-Disposition": f'attachment; filename="khotin-{name}.csv"'},
        content_type="text/csv; charset=utf-8",
    )
