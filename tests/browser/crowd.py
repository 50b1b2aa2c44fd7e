"""Be many planners at once, each with a browser window of their own: pages, maps and catchments in real Chromium."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page, async_playwright

from tests.browser.conftest import EXPECTED
from tests.browser.serving import CHROMIUM, CHROMIUM_ARGS

PATIENCE_MS = 300_000
_MAP = 'iframe[title*="st_folium"]'
_SHAPES = 36


@dataclass
class Crowd:
    """What became of the visits: faults in words, and how long each page and each catchment took, seconds."""

    faults: list[str] = field(default_factory=list)
    maps_s: list[float] = field(default_factory=list)
    runs_s: list[float] = field(default_factory=list)


def visit_at_once(url: str, visits: Sequence[tuple[str, str]], *, loading: int = 4) -> Crowd:
    """Open one window a visit: a page until its map is drawn, then a catchment until its people are said.

    Parameters
    ----------
    url
        The server.
    visits
        Path of a page with a map, and query of a catchment.
    loading
        So many windows load a page at a time: here they draw on the two cores that the server needs, while planners
        draw on their own. A window takes ten seconds of a core for what the server does in one.

    Returns
    -------
    Crowd
        All windows are open at once, and closed in the end. A message on the console, an error that a page shows and a
        request that leaves the machine are faults.
    """
    return asyncio.run(_all(url, visits, loading))


async def _all(url: str, visits: Sequence[tuple[str, str]], loading: int) -> Crowd:
    crowd, done, turn = Crowd(), asyncio.Barrier(len(visits)), asyncio.Semaphore(loading)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        await asyncio.gather(*(_one(browser, url, visit, crowd, done, turn) for visit in visits))
        await browser.close()
    return crowd


async def _one(
    browser: Browser, url: str, visit: tuple[str, str], crowd: Crowd, done: asyncio.Barrier, turn: asyncio.Semaphore
) -> None:
    path, query = visit
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    _watch(page, crowd)
    try:
        async with turn:
            start = time.perf_counter()
            await page.goto(f"{url}/{path}?lang=en", wait_until="commit")
            await _drawn(page)
            crowd.maps_s.append(time.perf_counter() - start)
        async with turn:
            start = time.perf_counter()
            await page.goto(f"{url}/catchment?{query}", wait_until="commit")
            await page.get_by_test_id("stMetric").first.filter(has_text="people").wait_for()
            await _drawn(page)
            crowd.runs_s.append(time.perf_counter() - start)
        crowd.faults += [
            f"{query}: {said}" for said in await page.get_by_test_id("stAlertContentError").all_inner_texts()
        ]
    except Exception as fault:  # noqa: BLE001 - counted and told
        crowd.faults.append(f"{path}, {query}: {type(fault).__name__}: {str(fault).splitlines()[0]}")
    await done.wait()  # all windows are open at once
    await context.close()


async def _drawn(page: Page) -> None:
    shapes = page.frame_locator(_MAP).first.locator("path.leaflet-interactive")
    await shapes.nth(_SHAPES - 1).wait_for(state="attached")


def _watch(page: Page, crowd: Crowd) -> None:
    page.on("pageerror", lambda error: crowd.faults.append(f"script: {error}"))
    page.on(
        "console",
        lambda said: (
            crowd.faults.append(f"console: {said.text}")
            if said.type == "error" and not (said.location or {}).get("url", "").endswith(EXPECTED)
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            crowd.faults.append(f"left the machine: {request.url}")
            if urlsplit(request.url).scheme not in ("data", "blob") and urlsplit(request.url).hostname != "127.0.0.1"
            else None
        ),
    )
