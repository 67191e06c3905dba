"""What requests for feeds, sitemaps and listings have in common: how they are sent, read, noted, and fail."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scrapy.http import Request, Response
from twisted.python.failure import Failure

from pipelines.article import Capture, KhotinError, Refusal, Verdict
from pipelines.extract.verdicts import before_parsing
from scrapers import frontier, validators
from scrapers.blocking import blocked_by
from scrapers.discovery import Candidate, TooLarge
from scrapers.keeping import CAPTURE
from scrapers.outcome import PASSING
from scrapers.patience import SLOW_DOWN, SiteLeft
from scrapers.spiders.card import CardSpider
from scrapers.validators import Validators


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request that finds links."""

    asked: str
    """The address as on the card, before redirects."""
    capture: Capture
    """As it was archived."""
    content: Capture
    """What is read: the capture itself, or the earlier one that a "304 Not Modified" stands for."""
    validators: Validators | None

    @property
    def whole(self) -> bool:
        """Whether the site sent the content."""
        return self.content is self.capture


class LookSpider(CardSpider):
    """Asks for pages that find links."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._looking = 0
        """Requests for feeds, sitemaps and listings that are not answered yet."""
        self._found = asyncio.Event()

    def _look(self, url: str, callback: Any, priority: int = 10, **kwargs: Any) -> Request:
        """A request for a feed, a sitemap or a listing; start() waits until it has been answered."""
        self._looking += 1
        return Request(
            url,
            callback,
            errback=self.look_failed,
            cb_kwargs=kwargs,
            dont_filter=True,
            priority=priority,
            meta={"khotin_kind": "listing", "khotin_look": kwargs},
        )

    def _looked(self) -> None:
        self._looking -= 1
        self._found.set()

    async def _readable(self, response: Response, kind: str) -> Answer | None:
        """What a page that finds links says; None, told and counted, where there is nothing to read."""
        capture: Capture | None = response.meta.get(CAPTURE)
        if response.status in SLOW_DOWN:
            await self._slow_down(response)
            return None
        number = self._came()
        refusal = await self._keeps_out(response, capture)
        if refusal and capture:
            self._trouble(f"{kind} {response.url}: {refusal.reason}")
            await self.session.db(self._quarantine, capture, kind, refusal)
            if refusal.verdict in PASSING:
                self.blocked = self.blocked or refusal.reason
                self._met_block(refusal, number)
            return None
        earlier = validators.earlier(response)
        if capture is None or (response.status != 200 and earlier is None):
            self.counts["dead_links"] += 1
            self._trouble(f"{kind} {response.url} answered {response.status}", alarm=capture is not None)
            return None
        if capture.truncated:  # half a listing has no way to the next page: its walk would pass for completed
            self._trouble(f"{kind} {response.url}: the answer was cut short")
            return None
        self._met_page(number)
        self.counts[f"{kind}s"] += 1
        return Answer(asked_of(response), capture, earlier or capture, validators.of_response(response))

    async def _keeps_out(self, response: Response, capture: Capture | None) -> Refusal | None:
        """What stands in the way of a page: a challenge, a denial, a body beyond all bounds."""
        if capture is None or response.status in (304, 404, 410):
            return None
        if capture.truncated == "length":
            return before_parsing(capture)
        return await self.session.work(blocked_by, capture)

    def _quarantine(self, capture: Capture, kind: str, refusal: Refusal) -> None:
        with self.session.store.transaction() as cx:
            store, seen_at = self.session.store, capture.fetched_at
            number = store.add_capture(capture, kind, self.session.run, refusal.verdict)
            validators.drop(cx, capture.url)
            store.quarantine(refusal, capture_id=number, site=self.site.id, url=capture.url, seen_at=seen_at)

    async def _read(self, reader: Any, answer: Answer, kind: str, *args: Any) -> Any:
        """What a reader makes of a page that finds links; None, told and quarantined, where it cannot be read."""
        try:
            result = await self.session.work(reader, *args)
        except KhotinError as error:
            result = Refusal(Verdict.TOO_LARGE if isinstance(error, TooLarge) else Verdict.EMPTY, str(error))
        if isinstance(result, Refusal):
            self._trouble(result.reason)
            await self.session.db(self._quarantine, answer.capture, kind, result)
            return None
        return result

    async def _note(self, answer: Answer, kind: str, candidates: Sequence[Candidate]) -> None:
        self.counts["found"] += await self.session.db(self._note_in, answer, kind, candidates)
        self._found.set()

    def _note_in(self, answer: Answer, kind: str, candidates: Sequence[Candidate]) -> int:
        with self.session.store.transaction() as cx:
            now = self.session.now()
            number = self.session.store.add_capture(answer.capture, kind, self.session.run, None)
            if (
                answer.whole and not answer.capture.truncated
            ):  # with its links: whoever is told "not modified" has them in the frontier
                validators.note(cx, self.site.id, answer.capture.url, number, answer.validators, now)
            return frontier.found(cx, self.site.id, candidates, self.session.run, now)

    async def look_failed(self, failure: Failure) -> None:
        """A feed, sitemap or listing that could not be fetched at all."""
        request: Request = failure.request  # type: ignore[attr-defined]
        if isinstance(failure.value, SiteLeft):
            self._left(failure.value)
        elif not self._fatal(failure):
            self._trouble(f"{request.url}: {self._reason(failure)}")
        await self._not_looked(request)
        self._looked()

    async def _not_looked(self, request: Request) -> None:
        """Overridden: what follows from a request that could not be made."""


def asked_of(response: Response) -> str:
    """The address that was asked for, before redirects."""
    first: str = response.meta.get("redirect_urls", [response.url])[0]
    return first
