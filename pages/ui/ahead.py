"""Get ready for the first visit while the server starts: import what pages need and draw the first map.

A new server would do this while its first reader waits: two seconds of imports (pandas, folium) and drawing. A thread
does it while the browser is still loading Streamlit's own scripts. Nothing here is needed for an answer to be right.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pages.ui import memory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

log = logging.getLogger("innovation_region.pages")


@asynccontextmanager
async def ahead(_app: object) -> AsyncIterator[None]:
    """Prepare beside the server as it starts; for `st.App(lifespan=…)`."""
    memory.share_arenas()
    threading.Thread(target=_prepare, name="ahead", daemon=True).start()
    yield


def skip_component_search() -> None:
    """Spare the server the search of all installed packages for components of Streamlit's second kind: none is here.

    It reads the description of each package four times, a third of a second before the port opens, and has no setting.
    Where Streamlit does not search in this way, nothing changes.
    """
    with contextlib.suppress(ImportError):
        from streamlit.components.v2 import manifest_scanner

        manifest_scanner.scan_component_manifests = lambda *_, **__: []


def _prepare() -> None:
    try:
        # heavy, so imported by this thread and not by the server's start
        from pages.ui import explorer, figures, views  # noqa: F401 - the first page imports them

        views.prepare()
    except Exception:  # the page that meets the fault again says it to the reader
        log.warning("the first page was not prepared", exc_info=True)
