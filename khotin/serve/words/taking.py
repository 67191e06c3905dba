"""Words of the pages of dumps, feeds and the API."""

WORDS: dict[str, tuple[str, str]] = {}
