"""Tell a browser with its first answer which scripts the map will need, so that none is asked for late.

Streamlit loads an element's script when the first such element arrives, and a map's frame loads its scripts one after
another; each is a way to the server and back at a time when the browser's one thread is busy. A `Link` header is a hint
only: without it everything is drawn the same.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders

from layers import mapfiles
from pages.ui.kept import STATIC

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

ELEMENTS = ("Html", "ComponentInstance")
"""Scripts of Streamlit, without their hash, that every page needs before its map."""
_IMPORTED = re.compile(r'from"\./([\w.-]+\.js)"')
_FRAME = "/streamlit_folium.st_folium/index.html"


class Hints:
    """Wrap the application of the server (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a page or a map's frame with what it will need."""

        async def with_hints(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                hints = frame_hints if scope["path"].endswith(_FRAME) else page_hints
                if headers.get("content-type", "").startswith("text/html") and (link := hints()):
                    headers.append("Link", link)
            await send(message)

        await self.app(scope, receive, with_hints if scope["type"] == "http" else send)


@cache
def page_hints() -> str:
    """Return what Streamlit's own page does not name, relative to it as its other scripts are."""
    named = set(re.findall(r"static/js/([\w.-]+\.js)", (STATIC / "index.html").read_text(encoding="utf-8")))
    wanted: dict[str, None] = {}  # in order, each once
    for element in ELEMENTS:
        for script in (STATIC / "static" / "js").glob(f"{element}.*.js"):
            wanted |= dict.fromkeys((script.name, *_IMPORTED.findall(script.read_text(encoding="utf-8"))))
    # crossorigin: as the page asks for its own, else they would be fetched twice; low: these are not first
    how = "rel=modulepreload; crossorigin; fetchpriority=low"
    return ", ".join(f"<./static/js/{name}>; {how}" for name in wanted if name not in named)


@cache
def frame_hints() -> str:
    """Return the map's own scripts and styles, relative to the frame."""
    kinds = (("script", mapfiles.SCRIPTS), ("style", mapfiles.STYLES))
    try:
        return ", ".join(f"<{mapfiles.url(one)}>; rel=preload; as={kind}" for kind, some in kinds for one in some)
    except OSError:  # a file is missing: the page with the map says so
        return ""
