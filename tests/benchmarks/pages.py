"""Measure what a planner waits for: first page cold and warm, page switch, run to rings, payload, memory."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.figures import Figure
from tests.browser.serving import CHROMIUM, CHROMIUM_ARGS, Server

PAGES = (  # link and title of the pages that are switched to
    ("Thủ Dầu Một", "Thủ Dầu Một"),
    ("Hành lang giao thông", "Hành lang giao thông"),
    ("Tổng quan", "Vùng đổi mới sáng tạo"),
)


def measure() -> Iterator[Figure]:
    """Yield the figures of the pages, in headless Chromium with an empty profile."""
    with sync_playwright() as playwright, Server() as warmed:
        warmed.stop()  # the store is built now; what follows is a new server process
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        start = time.perf_counter()
        with Server(store=warmed.store) as server:
            page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
            _open(page, server.url)
            yield Figure("first page, new server process, store built, until the 36th ward is drawn",
                         time.perf_counter() - start, "s", at_most=5)  # fmt: skip
            times = []
            for _ in range(3):
                fresh = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
                start = time.perf_counter()
                _open(fresh, server.url)
                times.append(time.perf_counter() - start)
                fresh.context.close()
            yield Figure("first page, server warm, empty profile", sorted(times)[1], "s", at_most=2)
            times = []
            for name, title in PAGES:
                start = time.perf_counter()
                page.get_by_role("link", name=name, exact=True).click()
                page.locator("h1").filter(has_text=title).wait_for()
                _drawn(page)
                times.append(time.perf_counter() - start)
            yield Figure("page switch until the map is drawn", max(times), "s", at_most=1.5)
            yield Figure("server memory with one user", _memory_mb(server.process.pid), "MB", at_most=500)
            yield from _catchments(page, server)
        browser.close()


def _open(page: Page, url: str) -> None:
    page.goto(url)
    _drawn(page)


# a locator looks twice a second only, which would round every figure up
_NEW_MAP = """() => [...document.querySelectorAll('iframe[title*="st_folium"]:not([data-old])')].some(frame =>
    frame.contentDocument?.querySelectorAll("path.leaflet-interactive").length > 35)"""


def _drawn(page: Page) -> None:
    """Wait until a map that was not there before has its 36 shapes in the DOM; mark it as seen."""
    page.wait_for_function(_NEW_MAP, polling=20)
    page.evaluate("document.querySelectorAll('iframe').forEach(frame => { frame.dataset.old = 'seen' })")


def _catchments(page: Page, server: Server) -> Iterator[Figure]:
    page.goto(f"{server.url}/catchment?at=106.6819,11.0566")
    _drawn(page)
    times = []
    for minutes in ("10", "20", "30", "15"):
        field = page.get_by_label("Số phút", exact=True)
        field.fill(minutes)
        start = time.perf_counter()
        page.get_by_role("button", name="Tính vùng tiếp cận").click()
        page.locator(f'[data-testid="stMetric"]:has-text("{minutes} phút")').first.wait_for()
        times.append(time.perf_counter() - start)
    yield Figure("sidebar run to rings (median of 4)", sorted(times)[1], "s", at_most=1)
    yield Figure("server memory after catchments", _memory_mb(server.process.pid), "MB", at_most=800)


def _memory_mb(pid: int) -> float:
    process = psutil.Process(pid)
    return sum(p.memory_info().rss for p in (process, *process.children(recursive=True))) / 1e6
