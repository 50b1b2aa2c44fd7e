"""Drive headless Chromium against the real server; anything that leaves the machine, or breaks, fails the test."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.browser.serving import CHROMIUM, CHROMIUM_ARGS, Server

PATIENCE_MS = 30_000  # two cores shared with other work: waiting longer costs nothing where all is well
expect.set_options(timeout=PATIENCE_MS)
# Streamlit probes for its own settings below the page's path first; the answer 404 is part of how it finds its root
EXPECTED = ("_stcore/health", "_stcore/host-config")


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(compiled, new_store):
    if not Path(CHROMIUM).exists() and os.environ.get("CI") != "true":
        pytest.skip(f"no Chromium at {CHROMIUM}: apt-get install chromium")
    with Server(new_store().path) as running:
        yield running


@pytest.fixture(scope="session")
def browser(server):
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


class Watched:
    """A page whose every request, script error and console error is held against it."""

    def __init__(self, context, url):
        self.url = url
        self.faults = []
        self.page = context.new_page()
        self.page.on("request", self._request)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("console", self._console)

    def _request(self, request):
        address = urlparse(request.url)
        if address.scheme not in ("data", "blob") and address.hostname != "127.0.0.1":
            self.faults.append(f"left the machine: {request.url}")

    def _console(self, message):
        where = message.location.get("url", "") if message.location else ""
        if message.type == "error" and not where.endswith(EXPECTED):
            self.faults.append(f"console: {message.text} {where}")

    @property
    def map(self):
        return self.page.frame_locator('iframe[title*="st_folium"]')

    def open(self, path, *, drawn=36):
        self.page.goto(self.url + path)
        self.wait_for_map(drawn)
        return self.page

    def wait_for_map(self, drawn=36):
        self.map.locator("path.leaflet-interactive").nth(drawn - 1).wait_for(state="attached", timeout=60_000)

    def idle(self):
        """Wait until the server has nothing more to say."""
        self.page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=60_000)


@pytest.fixture
def watched(server, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, accept_downloads=True)
    context.set_default_timeout(PATIENCE_MS)
    page = Watched(context, server.url)
    yield page
    context.close()
    assert page.faults == []
