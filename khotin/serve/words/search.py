"""Words of the search page."""

WORDS: dict[str, tuple[str, str]] = {}
