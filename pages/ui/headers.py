"""Add to every answer of the server the headers that browsers look for; keep its figures for this machine alone."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = {
    # Streamlit and streamlit-folium build pages by eval and inline scripts, so those stay; but nothing comes from, or
    # goes to, another server, whatever text slips into a page: no script, no picture that counts who looks
    "default-src": "'self' 'unsafe-inline' 'unsafe-eval' data: blob:",
    "img-src": "'self' data: blob: https://tile.openstreetmap.org",  # the tiles that a reader may switch on
    "connect-src": "'self' ws: wss: data: blob:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    # the map is a frame of this server in a page of this server; nobody else may frame a page and catch its clicks
    "frame-ancestors": "'self'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in POLICY.items()),
    # a link of a page holds what a planner looks at: origins, scenarios
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_FIGURES = "/_stcore/metrics"
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")


class SafeHeaders:
    """Wrap the application of the server (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, with the headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if scope["path"].endswith(_FIGURES) and not _from_here(scope):
            await PlainTextResponse("Not Found", 404)(scope, receive, with_headers)
            return
        await self.app(scope, receive, with_headers)


def _from_here(scope: Scope) -> bool:
    """Say whether a request comes from this machine, and not through a proxy on it."""
    if any(name in Headers(scope=scope) for name in _FORWARDED) or not scope.get("client"):
        return False
    try:
        return ipaddress.ip_address(scope["client"][0]).is_loopback
    except ValueError:
        return False
