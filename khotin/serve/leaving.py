"""A reader who leaves before the answer is there: the work on it ends at once.

uvicorn drops what is sent to a closed connection and tells nobody unless asked: a table of a million rows would be
read to its end for no one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


async def until_left(answer: Callable[[Send], Awaitable[None]], receive: Receive, send: Send) -> None:
    """Run `answer(send)`, and cancel it when `receive` tells that the reader has left.

    For requests whose body nobody reads: what arrives of it is dropped. An answer that was sent whole is left to
    its end. Raises what `answer` raises.
    """
    whole = False

    async def noting(message: Message) -> None:
        nonlocal whole
        if message["type"] == "http.response.body" and not message.get("more_body"):
            whole = True
        await send(message)

    async def listen() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    answering = asyncio.ensure_future(answer(noting))
    leaving = asyncio.ensure_future(listen())
    try:
        await asyncio.wait((answering, leaving), return_when=asyncio.FIRST_COMPLETED)
        if whole or answering.done():
            await answering
    finally:
        # To its very end: it holds the request's snapshot.
        while not (answering.done() and leaving.done()):
            answering.cancel()
            leaving.cancel()
            await asyncio.wait((answering, leaving))
