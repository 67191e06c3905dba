"""What a layout gets to see and what it must give: the common ground of the five sites."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from make.texts import Story

NOTE = "Trang mẫu của khotin: bài viết, địa danh và nhân vật đều được đặt ra để thử phần mềm."
"""Stands in every page, as a comment and as its generator."""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of a site with the absolute address of its first listing page."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Placed:
    """A story at its address on a site."""

    story: Story
    url: str
    section: Section


@dataclass(frozen=True, slots=True)
class View:
    """What surrounds a page: the night it was fetched and the other stories its lists show."""

    now: datetime
    newest: Sequence[Placed]
    """Newest first; never the story itself."""


class Layout(Protocol):
    """One site: its addresses and its pages. Pages are whole HTML documents."""

    @property
    def id(self) -> str:
        """The site's id in the catalogue."""

    @property
    def host(self) -> str:
        """The host of all its addresses."""

    @property
    def server(self) -> tuple[tuple[str, str], ...]:
        """Response headers of this site's server; with Content-Encoding its pages are sent compressed."""

    @property
    def robots(self) -> str | None:
        """The text of robots.txt; None where the site has none (404)."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections, the main one first."""

    def address(self, story: Story, number: int) -> str:
        """The absolute address of a story; numbers grow with the day of publication."""

    def listing_address(self, section: Section, page: int) -> str:
        """The absolute address of a page of a section; the first page is 1."""

    def article(self, placed: Placed, view: View) -> str:
        """The page of one story."""

    def listing(self, section: Section, page: int, pages: int, items: Sequence[Placed], view: View) -> str:
        """One page of a section."""
