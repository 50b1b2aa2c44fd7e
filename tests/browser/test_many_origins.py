"""Several origins by clicks on the map, split by nearest, in a real browser."""

from playwright.sync_api import expect


def test_each_click_adds_an_origin_and_each_has_its_rings(watched):
    page = watched.open("/catchment?lang=en")
    page.get_by_text("Several origins", exact=True).click()
    expect(page.get_by_text("Each click on the map adds an origin.")).to_be_visible()
    box = watched.map.locator(".leaflet-container").bounding_box()
    for number, (across, down) in enumerate([(0.45, 0.45), (0.52, 0.62)], start=1):
        page.mouse.click(box["x"] + box["width"] * across, box["y"] + box["height"] * down)
        expect(page.get_by_role("button", name=f"{number} · 106.")).to_be_visible()
        watched.idle()
        box = watched.map.locator(".leaflet-container").bounding_box()
    expect(watched.map.locator(".region-badge.position")).to_have_count(2)
    page.get_by_text("split: each place to its nearest", exact=True).click()
    page.get_by_label("Minutes", exact=True).fill("10")
    page.get_by_role("button", name="Run catchment").click()
    expect(page.locator('[data-testid="stMetric"]').first).to_contain_text("people", timeout=60_000)
    watched.idle()
    expect(watched.map.locator(".region-legend").get_by_text("Origin 2", exact=True)).to_be_attached()
    assert "split=1" in page.url
    page.get_by_role("button", name="1 · 106.").click()
    expect(page.get_by_role("button", name="2 · 106.")).to_have_count(0)
