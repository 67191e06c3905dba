"""One archived page in, one article or the reason why not out. Pure: no I/O, no clock, no memory of other
pages.

`extract` is the way; `article_record` makes its outcome a dictionary for JSON lines.
"""

from pipelines.extract.core import EXTRACTOR_VERSION, extract
from pipelines.extract.records import article_record

__all__ = ["EXTRACTOR_VERSION", "article_record", "extract"]
