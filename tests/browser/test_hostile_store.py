"""The whole application on a store in which every name tries to run: nothing runs, and the reader sees it as it is."""

import pytest
from playwright.sync_api import expect

from geodata.importing.upload import keep, read_upload
from tests.browser.conftest import Watched
from tests.browser.serving import Server
from tests.browser.test_map_frame import HITS
from tests.faults.test_scripts import HOSTILE, own_layer
from tests.unit.test_layers_safe import VECTORS


@pytest.fixture(scope="module")
def hostile_server(server, new_store):  # server: skips where there is no Chromium
    store = new_store()
    for name in ("zones", "wards_2025"):
        frame = store.layer(name).copy()
        frame["name_vi"] = frame["name_en"] = [HOSTILE[at % len(HOSTILE)] for at in range(len(frame))]
        store.write_layer(name, frame)
    keep(read_upload(own_layer(), name_hint=VECTORS[0]), store, "own", title=VECTORS[0])
    with Server(store=store.path) as running:
        yield running


def test_nothing_in_a_store_runs_on_pages(hostile_server, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watched = Watched(context, hostile_server.url)
    page = watched.open("/?lang=en")
    for mark in watched.map.locator("path.leaflet-interactive").all()[:12]:
        mark.dispatch_event("mouseover", {"bubbles": True})
    page.goto(f"{hostile_server.url}/data?lang=en")
    box = page.get_by_label("Look into a layer")
    expect(box).to_be_visible()
    watched.idle()  # a page that still runs closes the list again
    box.click()
    box.fill("onerror=window.hit=1")
    page.get_by_role("option", name=VECTORS[0]).click()
    expect(page.get_by_label("Look into a layer")).to_have_value(VECTORS[0])  # as it was written
    expect(page.get_by_text(f"Take home: {VECTORS[0]}")).to_be_visible()
    watched.idle()
    for frame in page.frames:
        assert frame.evaluate(HITS) == []
        assert frame.evaluate("document.querySelectorAll('img[src=x], svg[onload]').length") == 0
    context.close()
    assert watched.faults == []  # and no picture was asked for, from anywhere
