"""The map's frame in a real browser: hostile text stays text, and the map stays where it is."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.browser.serving import Server
from tests.unit.test_layers_safe import VECTORS

HITS = "Object.keys(window).filter((key) => key === 'hit')"


@pytest.fixture(scope="module")
def hostile_server(server):  # server: skips where there is no Chromium
    with Server(script="tests/browser/hostile_page.py", base="behind/a-proxy") as running:
        yield running


@pytest.fixture
def hostile(hostile_server, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    watched = Watched(context, hostile_server.url)
    watched.page.goto(hostile_server.url)
    watched.map.locator("path.zone").nth(len(VECTORS) - 1).wait_for(state="attached", timeout=60_000)
    watched.idle()
    yield watched
    context.close()
    assert watched.faults == []


def frame_of(watched):
    return next(frame for frame in watched.page.frames if "st_folium" in frame.url)


def test_no_text_runs_as_script_on_sight_hover_or_click(hostile):
    page, frame = hostile.page, frame_of(hostile)
    seen = []
    for path in ("path.zone", ".region-badge.near", "path.hit"):
        for at in range(hostile.map.locator(path).count()):
            mark = hostile.map.locator(path).nth(at)
            mark.dispatch_event("mouseover", {"bubbles": True})
            tip = hostile.map.locator(".region-tip")
            if tip.count():
                seen.append(tip.last.inner_text())
            mark.dispatch_event("mouseout", {"bubbles": True})
    for at in (0, 3):
        box = hostile.map.locator("path.zone").nth(at).bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(600)
    assert frame.evaluate(HITS) == []
    assert page.evaluate(HITS) == []
    assert frame.evaluate("document.querySelectorAll('.leaflet-container img, .leaflet-container script').length") == 0
    # and the reader sees every vector as it was written
    missing = [text for text in VECTORS if not any(text in tip for tip in seen)]
    assert missing == []
    assert VECTORS[0] in hostile.map.locator(".region-legend").inner_text()


def test_a_click_names_the_feature_whatever_its_id(hostile):
    box = hostile.map.locator("path.zone").nth(2).bounding_box()
    hostile.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    clicked = hostile.page.get_by_text(re.compile("^clicked zones"))
    expect(clicked).to_be_visible(timeout=10_000)
    assert any(clicked.inner_text() == f"clicked zones {[text]}" for text in VECTORS)


def test_the_map_stays_while_its_contents_change(hostile):
    page, frame = hostile.page, frame_of(hostile)
    runs = page.get_by_text(re.compile("^runs ")).inner_text()
    view = "JSON.stringify([window.map.getCenter(), window.map.getZoom()])"
    frame.evaluate("window.same = true; window.map.setView([11.06, 106.7], 11, {animate: false})")
    page.wait_for_timeout(800)
    assert page.get_by_text(re.compile("^runs ")).inner_text() == runs  # moving the map runs nothing
    before = frame.evaluate(view)
    hostile.map.locator(".region-legend input").nth(2).uncheck()
    expect(hostile.map.locator("path.corridor")).to_have_count(0)
    for _ in range(3):  # on, off, on
        page.get_by_role("button", name="ring").click()
        hostile.idle()
        page.wait_for_timeout(500)
    expect(hostile.map.locator("path.ring")).to_have_count(1)
    expect(hostile.map.locator("path.corridor")).to_have_count(0)  # a switched-off layer stays off
    frame = frame_of(hostile)
    assert frame.evaluate("window.same")  # the frame was never loaded anew
    assert frame.evaluate(view) == before
    assert frame.evaluate("window.feature_group.length") == 1  # and keeps no old contents
