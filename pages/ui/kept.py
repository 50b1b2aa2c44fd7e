"""Keep the files that every page and map loads in memory, and let browsers keep them.

A page is sixty scripts of Streamlit, a map five files more. The server opens each in a thread of its own and packs the
map's anew for every frame: several milliseconds a file of an interpreter that a session's script wants too, in a new
server many times that. Each of these files has a hash of its content in its name or query, so a browser that has it
need not ask again.
"""

from __future__ import annotations

import contextlib
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit
from starlette.datastructures import Headers
from starlette.responses import Response
from streamlit import get_option

from layers import mapfiles

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

KINDS = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2"}
"""What is kept, and its media type: what a system knows of these (the registry of Windows) is not always right."""
MOST_BYTES = 1_000_000
"""A larger file (charts that this application does not draw) is not kept."""
FOREVER = "public, immutable, max-age=31536000"
STATIC = Path(streamlit.__file__).parent / "static"
"""Streamlit's own page and what it loads."""


class Kept:
    """Wrap the application of the server (ASGI)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.base = get_option("server.baseUrlPath").strip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request from memory, or let the server answer it."""
        answer = self.app
        if scope["type"] == "http" and scope["method"] == "GET" and "range" not in Headers(scope=scope):
            query = scope["query_string"].decode("latin-1")
            address = scope["path"] + (f"?{query}" if query else "")
            if file := files().get(address.removeprefix(f"/{self.base}/" if self.base else "/")):
                answer = Response(_read(file), media_type=KINDS[file.suffix], headers={"Cache-Control": FOREVER})
        await answer(scope, receive, send)


@cache
def files() -> dict[str, Path]:
    """Return the files with a hash of their content in their address, by address."""
    found = {path.relative_to(STATIC).as_posix(): path for path in (STATIC / "static").rglob("*")}
    spec = find_spec("streamlit_folium")  # importing it would declare its component outside a page's run
    for folder in (spec.submodule_search_locations or []) if spec else []:
        build = Path(folder) / "frontend" / "build"
        found |= {f"component/streamlit_folium.st_folium/{path.relative_to(build).as_posix()}": path
                  for path in (build / "static").rglob("*")}  # fmt: skip
    for asset in (*mapfiles.SCRIPTS, *mapfiles.STYLES):
        with contextlib.suppress(OSError):  # a file is missing: the page with the map says so
            address = mapfiles.url(asset).removeprefix("../")
            found[f"component/{address}"] = mapfiles.FOLDERS[asset.component] / asset.file
    return {at: path for at, path in found.items() if path.suffix in KINDS and path.stat().st_size <= MOST_BYTES}


@cache
def _read(path: Path) -> bytes:
    return path.read_bytes()
