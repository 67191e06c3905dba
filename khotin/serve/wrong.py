"""Requests that can't be answered, told in the reader's language."""

from __future__ import annotations

from khotin.serve.words import Words
from pipelines.article import KhotinError


class Wrong(KhotinError):
    """What is wrong with a request: a key of `words` and what is filled in. As a string it is English."""

    status = 400

    def __init__(self, key: str, **named: object) -> None:
        super().__init__(Words("en")(key, **named))
        self.key, self.named = key, named

    def told(self, t: Words) -> str:
        """The same in a language."""
        return t(self.key, **self.named)
