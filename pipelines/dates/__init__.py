"""When an article was published: candidates from the page and from hints, weighed; one time with its
evidence.

`collect_dates` reads a page, `choose_date` weighs what it found with the hints of feeds and listings;
`parse_date` reads one string; `split_title_date` and `split_title_node` take a date off the end of a title.
"""

from pipelines.dates.candidates import DateCandidate, split_title_date, split_title_node
from pipelines.dates.choose import choose_date
from pipelines.dates.page import collect_dates
from pipelines.dates.parse import parse_date
from pipelines.dates.reading import Parsed

__all__ = [
    "DateCandidate",
    "Parsed",
    "choose_date",
    "collect_dates",
    "parse_date",
    "split_title_date",
    "split_title_node",
]
