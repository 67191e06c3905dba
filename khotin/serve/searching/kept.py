"""Results that are likely to be asked for again, up to a number of bytes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

MEMORY = 32_000_000
"""Bytes of results kept for each snapshot; the last used stay."""


class Kept:
    """The results last used, up to a number of bytes. Threads share it."""

    def __init__(self, most: int = MEMORY) -> None:
        self._most, self._bytes = most, 0
        self._lock = threading.Lock()
        self._found: OrderedDict[Any, tuple[Any, int]] = OrderedDict()

    def get(self, key: Any, make: Callable[[], Any], size: Callable[[Any], int]) -> Any:
        """The result of this key; made, and weighed in bytes, if it is not there."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key][0]
        value = make()  # two threads may make the same one: better than that one waits for the other's search
        weight = size(value) + 500
        with self._lock:
            if key not in self._found and weight <= self._most:
                self._found[key] = (value, weight)
                self._bytes += weight
                while self._bytes > self._most:
                    self._bytes -= self._found.popitem(last=False)[1][1]
        return value
