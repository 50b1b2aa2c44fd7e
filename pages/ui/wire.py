"""Stand between the application and the browser: headers, hints, files kept in memory, nothing held back."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from pages.ui.headers import SafeHeaders
from pages.ui.hints import Hints
from pages.ui.kept import Kept

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class Prompt:
    """Send the end of an answer at once (ASGI).

    Streamlit's socket is made without naming its protocol, so asyncio leaves Nagle's algorithm on: the last packet of
    an answer waits until the reader's computer has confirmed the one before, which it puts off for 40 ms. Sixty files
    of a page, six at a time, were late by 0.4 s for nothing; through a proxy each answer was.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or web socket."""
        transport = getattr(getattr(receive, "__self__", None), "transport", None)  # of uvicorn's cycle or protocol
        with contextlib.suppress(AttributeError, OSError):  # another server: its own business
            transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self.app(scope, receive, send)


MIDDLEWARE = [Middleware(SafeHeaders), Middleware(Prompt), Middleware(Kept), Middleware(Hints)]
"""From the outside in; for `st.App(middleware=…)`."""
