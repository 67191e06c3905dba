"""Telling about a crawl: who is told, and what to do about what could not be told."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from khotin.telling.channels import Channel
from khotin.telling.news import Problems, tell_news
from khotin.telling.settings import NothingConfigured, load_settings
from pipelines.article import KhotinError

NO_TROUBLE_OF_THE_CRAWL = (2, 75)
"""Exit codes of wrong use, told to whoever typed it, and of another khotin at work."""


def channels_for(data: Path, notify: bool | None, *, live: bool, contact: str) -> tuple[Channel, ...]:
    """The channels of a crawl. `notify` None: those that are set, in a live crawl; a replay tells no one.

    Raises `NotifySettings`, before anything is fetched, and `NothingConfigured` where `notify` is True.
    """
    if notify is False or (notify is None and not live):
        return ()
    channels = load_settings(data, os.environ, contact)
    if notify and not channels:
        raise NothingConfigured
    return channels


def after_crawl(
    channels: Sequence[Channel],
    data: Path,
    *,
    failure: Exception | None = None,
    problems: Problems | None = None,
    summary: str = "",
) -> tuple[str, ...]:
    """Tell what is new. Returns what went wrong with telling, in lines for a person."""
    try:
        _, untold = tell_news(
            data / "archive.db",
            channels,
            now=datetime.now(UTC),
            failure=_reason(failure) if failure else "",
            problems=problems,
            summary=summary,
        )
    except KhotinError as error:
        return (f"what was told could not be noted: {error}",)
    return tuple(str(problem) for problem in untold)


def _reason(failure: Exception) -> str:
    # The text of an error that is not ours may repeat anything: a password in an address, a page.
    return str(failure) if isinstance(failure, KhotinError) else f"a fault in khotin ({type(failure).__name__})"


@contextmanager
def failures_told(channels: Sequence[Channel], data: Path) -> Iterator[None]:
    """Tell about an error that ends a crawl before it can report; the error goes on."""
    try:
        yield
    except Exception as error:  # a crawl that crashes every night has nobody but us to tell of it
        if getattr(error, "exit_code", 1) not in NO_TROUBLE_OF_THE_CRAWL:
            for problem in after_crawl(channels, data, failure=error):
                error.add_note(problem)
        raise
