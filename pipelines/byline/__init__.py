"""Who signed an article, and which agency opens it: `find_byline`, `find_agency`."""

from pipelines.byline.agency import find_agency
from pipelines.byline.apart import stands_apart
from pipelines.byline.below import find_byline_below
from pipelines.byline.find import BylineFound, find_byline
from pipelines.byline.names import Signature, is_cms_user, is_picture_credit, read_signature

__all__ = [
    "BylineFound",
    "Signature",
    "find_agency",
    "find_byline",
    "find_byline_below",
    "is_cms_user",
    "is_picture_credit",
    "read_signature",
    "stands_apart",
]
