"""Get ready for the first visit while the server starts: import what pages need and draw the first map.

A new server would do this while its first reader waits: two seconds of imports (pandas, folium) and drawing. A thread
does it while the browser is still loading Streamlit's own scripts. Nothing here is needed for an answer to be right.
"""

from __future__ import annotations

import logging
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

log = logging.getLogger("innovation_region.pages")


@asynccontextmanager
async def ahead(_app: object) -> AsyncIterator[None]:
    """Prepare beside the server as it starts; for `st.App(lifespan=…)`."""
    threading.Thread(target=_prepare, name="ahead", daemon=True).start()
    yield


def _prepare() -> None:
    try:
        # heavy, so imported by this thread and not by the server's start
        from pages.ui import explorer, figures, views  # noqa: F401 - the first page imports them

        views.prepare()
    except Exception:  # the page that meets the fault again says it to the reader
        log.warning("the first page was not prepared", exc_info=True)
