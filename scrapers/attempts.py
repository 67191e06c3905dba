"""What a page breaks, as a value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from pipelines.article import KhotinError

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fault:
    """What a page broke. `ours`: a fault of khotin, not a page that can't be read."""

    reason: str
    ours: bool = True


def attempt(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Fault:
    """Read a page: what a page breaks becomes a value, and can be told from a worker pool that is broken."""
    try:
        return function(*args, **kwargs)
    except MemoryError:
        raise  # the page's bound, which the pool makes a Refusal
    except KhotinError as error:
        return Fault(str(error), ours=False)
    except Exception as error:  # noqa: BLE001  # told as a problem and counted; a crawl goes on just so
        return Fault(f"{type(error).__name__}: {error}")
