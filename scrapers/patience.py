"""When the next request may go out: what robots.txt and the site's answers ask for, and the night's budget.

One `Patience` a site and run. It stands at the last door before the network (`scrapers.door`), so nothing that
waits in a queue before it can slip past.
"""

from __future__ import annotations

import asyncio
import email.utils
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from scrapy.exceptions import IgnoreRequest

SLOW_DOWN = (429, 503)
"""Answers that ask for quiet (RFC 6585 section 4, RFC 9110 section 15.6.4)."""
SHORT_WAIT_S = 120
"""Seconds of a Retry-After that are waited for within the run; for longer ones the site is left alone."""
LONGEST_REST = timedelta(days=7)
"""However long a site asks for quiet, it is asked again after this."""
FIRST_REST = timedelta(hours=1)
"""Rest of a site that asks for quiet again and again without saying for how long; doubled each time."""
_LONGEST_SLEEP_S = 0.5  # so that an interrupt does not wait for the end of the quiet


class SiteLeft(IgnoreRequest):
    """The site is left alone for this run; the address stays due."""


class BudgetSpent(SiteLeft):
    """The site's requests of this run are used up; it goes on in the next one."""


def retry_after(text: str, now: datetime) -> float | None:
    """Seconds from `now` (aware) that a Retry-After header asks for: seconds or a date (RFC 9110, 10.2.3).

    None where there is no usable header; a date in the past is 0.
    """
    text = text.strip()
    if text.isascii() and text.isdecimal():
        return float(min(int(text[:12]), 10**9))
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:  # "-0000": no zone told; HTTP dates are GMT
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


@dataclass(slots=True)
class _Host:
    spacing: float = 0.0
    """Least seconds between two requests, as robots.txt asks."""
    sent_at: float = -math.inf
    """Clock at which the last request went out."""
    free_at: float = 0.0
    """Clock before which none goes out, for the errors of the server."""
    errors: int = 0
    """Errors of the server in a row."""


@dataclass(slots=True)
class Patience:
    """The manners of one site in one run. Times are seconds of `clock`."""

    budget: int = 0
    """Most requests of this run; 0: no limit."""
    back_off: float = 0.0
    """Seconds to wait after a first error of the server; doubled with each further one, up to 16 times."""
    quiet: float = 30.0
    """Seconds to wait after a 429 or 503 that does not say for how long."""
    short_wait: float = SHORT_WAIT_S
    stopping: Callable[[], bool] = lambda: False
    clock: Callable[[], float] = time.monotonic
    chance: Callable[[float, float], float] = random.uniform
    sent: int = 0
    left: str | None = None
    """Why the site is left alone for the rest of the run."""
    rest: timedelta | None = None
    """For how long it asked to be left alone; None where it did not say."""
    over_budget: bool = False
    _asked: int = 0
    _wants_quiet: bool = False
    _quiet_until: float = 0.0
    _hosts: dict[str, _Host] = field(default_factory=dict)

    def space(self, host: str, seconds: float) -> None:
        """Keep requests to a host at least so many seconds apart."""
        one = self._host(host)
        one.spacing = max(one.spacing, seconds)

    async def turn(self, host: str, apart: float = 0.0) -> None:
        """Wait until a request to this host may go out, `apart` seconds after the one before at least.

        Raises `SiteLeft`, `BudgetSpent`.
        """
        one = self._host(host)
        while True:
            self._check()
            now = self.clock()
            # Reckoned anew each time: robots.txt may ask for more while its first page waits.
            wait = max(one.sent_at + max(one.spacing, apart), one.free_at, self._quiet_until) - now
            if wait <= 0:
                break
            await asyncio.sleep(min(wait, _LONGEST_SLEEP_S))
        one.sent_at = now
        self.sent += 1

    def _check(self) -> None:
        if self.left:
            raise SiteLeft(self.left)
        if self.budget and self.sent >= self.budget:
            self.over_budget = True
            message = f"the {self.budget} requests of this run are used up"
            raise BudgetSpent(message)
        if self.stopping():
            message = "the run is being stopped"
            raise SiteLeft(message)

    def heard(self, host: str, status: int | None, asked: str, now: datetime) -> None:
        """Take note of an answer: its status (None: no answer), its Retry-After, the time of day (aware)."""
        one = self._host(host)
        if status in SLOW_DOWN:
            self._slow_down(status, asked, now)
        elif status is None or status >= 500:
            one.errors += 1
            pause = self.back_off * 2 ** min(one.errors - 1, 4)
            one.free_at = max(one.free_at, self.clock() + self.chance(pause, pause * 1.5))
        else:
            one.errors = 0

    def leave(self, reason: str, rest: timedelta | None = None) -> None:
        """Let no further request out in this run."""
        self.left = self.left or reason
        self.rest = self.rest or rest

    @property
    def asked_for_quiet(self) -> bool:
        """Whether the site itself, not we, ended the run."""
        return self.left is not None and self._wants_quiet

    def _slow_down(self, status: int, asked: str, now: datetime) -> None:
        wanted = retry_after(asked, now) if asked else None
        wait = self.quiet if wanted is None else wanted
        self._asked += 1
        if self._asked > 1 or wait > self.short_wait:
            rest = None if wanted is None else timedelta(seconds=min(wanted, LONGEST_REST.total_seconds()))
            self._wants_quiet = True
            self.leave(f"asked to slow down (HTTP {status}" + (f", for {asked})" if asked else ")"), rest)
        else:
            # Never sooner than asked; later by chance, so that not all who were sent away return at once.
            self._quiet_until = self.clock() + self.chance(wait, wait * 1.25 + 1)

    def _host(self, host: str) -> _Host:
        return self._hosts.setdefault(host, _Host())
