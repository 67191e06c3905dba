"""Requests that can't be answered, told in the reader's language."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

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


class TooLong(Wrong):
    """A search that was stopped because it took too long."""

    def __init__(self) -> None:
        super().__init__("took_too_long")


def one_of(args: Any, name: str, known: Collection[str]) -> str:
    """The value of a parameter among the arguments of a request (Datasette's MultiParams), "" without one.

    Raises `Wrong` for a value that is not `known`: a chart or a file of something else would look like an answer.
    """
    given = (args.get(name) or "").strip()
    if given and given not in known:
        raise Wrong(key="wrong_choice", given=given[:20], name=name, known=", ".join(known))
    return given
