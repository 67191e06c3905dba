"""Taking articles home: CSV that opens right in a spreadsheet, JSON lines, Parquet."""

from pipelines.export.columns import COLUMNS, Column
from pipelines.export.run import ExportError, ExportFilters, ExportReport, export
from pipelines.export.writers import FORMATS, Format, guard, unguard

__all__ = [
    "COLUMNS",
    "FORMATS",
    "Column",
    "ExportError",
    "ExportFilters",
    "ExportReport",
    "Format",
    "export",
    "guard",
    "unguard",
]
