"""The main job, end to end, in a real browser: the region on a map, zones out as GeoJSON, a catchment."""

import json

import geopandas as gpd
import pytest
from playwright.sync_api import expect

PAGES = {  # address -> title in Vietnamese and English
    "/": ("Vùng đổi mới sáng tạo Bình Dương", "Binh Duong Innovation Region"),
    "/thu_dau_mot": ("Thủ Dầu Một", "Thu Dau Mot"),
    "/bau_bang": ("Khu công nghiệp khoa học công nghệ Bàu Bàng", "Bau Bang Science and Technology Industrial Park"),
    "/corridors": ("Hành lang giao thông", "Transport corridors"),
    "/catchment": ("Vùng tiếp cận", "Catchment"),
    "/data": ("Dữ liệu", "Data"),
}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_as_a_deep_link_with_a_drawn_map(watched, address, language):
    page = watched.open(f"{address}?lang={language}")
    expect(page.locator("h1")).to_have_text(PAGES[address][language == "en"])
    assert page.evaluate("document.documentElement.lang") == language
    assert f"lang={language}" in page.url
    assert page.url.split("?")[0].endswith(address)
    expect(page.locator('[data-testid="stAlertContentError"]')).to_have_count(0)


def test_the_language_switch_stays_from_page_to_page(watched):
    page = watched.open("/")
    page.get_by_text("English", exact=True).click()
    expect(page.locator("h1")).to_have_text("Binh Duong Innovation Region")
    page.get_by_role("link", name="Data", exact=True).click()
    expect(page.locator("h1")).to_have_text("Data")
    assert "lang=en" in page.url


def test_search_finds_the_park_and_shows_its_facts(watched):
    page = watched.open("/?lang=en")
    search = page.get_by_placeholder("KCN bau bang")
    search.fill("kcn bau bang")
    search.press("Enter")
    page.get_by_role("radio", name="Bau Bang Industrial Park · Zones and parks", exact=True).click()
    expect(page.get_by_text("approximate place").first).to_be_visible()
    expect(page.locator("h3").first).to_have_text("Bau Bang Industrial Park")
    assert "select=zones" in page.url


def test_a_click_on_a_zone_shows_its_facts_and_the_map_stays(watched):
    page = watched.open("/?lang=en&select=zones/vsip-1")
    expect(page.locator("h3").first).to_have_text("Vietnam – Singapore Industrial Park I")
    page.wait_for_timeout(1500)
    before = watched.map.locator(".leaflet-map-pane").get_attribute("style")
    box = watched.map.locator(".leaflet-container").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.36, box["y"] + box["height"] * 0.52)
    page.wait_for_timeout(1500)
    watched.idle()
    assert watched.map.locator(".leaflet-map-pane").get_attribute("style") == before
    expect(page.get_by_text("VN-2000 X").first).to_be_visible()


def test_a_shared_link_chooses_the_feature(watched):
    page = watched.open("/?lang=en&select=wards_2025/n-25750")
    expect(page.locator("h3").first).to_contain_text("Phu Loi")


def test_zones_go_home_as_geojson(watched, tmp_path):
    page = watched.open("/?lang=en")
    page.get_by_text("Take home: Zones and parks").click()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    file = tmp_path / "zones.geojson"
    download.value.save_as(file)
    collection = json.loads(file.read_text(encoding="utf-8"))
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection
    assert len(collection["features"]) == 69  # facts.md, section 1
    assert {f["id"] for f in collection["features"]} >= {"thu-dau-mot-city", "bd-new-city", "bau-bang-stip"}
    assert gpd.read_file(file).geometry.dropna().is_valid.all()


def test_a_catchment_from_the_sidebar_draws_rings(watched, tmp_path):
    page = watched.open("/catchment?lang=en")
    page.get_by_text("coordinates", exact=True).click()
    page.get_by_label("Degrees, or VN-2000 X north, Y east").fill("1222850, 601620")
    page.get_by_label("Degrees, or VN-2000 X north, Y east").press("Enter")
    page.get_by_label("Minutes", exact=True).fill("10, 20")
    page.get_by_role("button", name="Run catchment").click()
    expect(page.locator('[data-testid="stMetric"]')).to_have_count(2, timeout=60_000)
    expect(page.locator('[data-testid="stMetric"]').first).to_contain_text("people")
    expect(watched.map.locator(".leaflet-container").get_by_text("20 minutes").first).to_be_attached()
    assert "at=106." in page.url
    page.get_by_text("Take home: rings").click()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").get_by_role("button").click()
    download.value.save_as(tmp_path / "rings.geojson")
    rings = json.loads((tmp_path / "rings.geojson").read_text(encoding="utf-8"))
    assert [f["properties"]["minutes"] for f in rings["features"]] == [10, 20]
    assert rings["run"]["request"]["mode"] == "motorbike"
    assert rings["run"]["id"]


def test_a_reload_in_the_middle_brings_the_catchment_back(watched):
    page = watched.open("/catchment?lang=vi&at=106.6819,11.0566&minutes=15&mode=car")
    expect(page.locator('[data-testid="stMetric"]').first).to_contain_text("15 phút")
    people = page.locator('[data-testid="stMetricValue"]').first.inner_text()
    page.reload()
    watched.wait_for_map()
    expect(page.locator('[data-testid="stMetricValue"]').first).to_have_text(people)


def test_wrong_coordinates_get_a_clear_sentence(watched):
    page = watched.open("/catchment?lang=en")
    page.get_by_text("coordinates", exact=True).click()
    for typed, said in (  # each sentence differs from the one before it
        ("0, 0", "outside the study area"),
        ("far away", "is not a position"),
        ("106.0, 11.0", "outside the study area"),
    ):
        page.get_by_label("Degrees, or VN-2000 X north, Y east").fill(typed)
        page.get_by_label("Degrees, or VN-2000 X north, Y east").press("Enter")
        expect(page.locator('[data-testid="stAlertContentError"]')).to_contain_text(said)


def test_a_point_in_nobodys_reach_gets_no_shape(watched):
    page = watched.page
    page.goto(watched.url + "/catchment?lang=en&at=106.25,11.65&minutes=10")
    expect(page.locator('[data-testid="stAlertContentError"]')).to_contain_text("Too far from the network")


def test_a_phone_sees_the_map(server, browser):
    context = browser.new_context(viewport={"width": 390, "height": 800}, is_mobile=True)
    page = context.new_page()
    page.goto(f"{server.url}/?lang=vi")
    page.frame_locator('iframe[title*="st_folium"]').locator("path.leaflet-interactive").nth(35).wait_for(
        state="attached"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 391
    context.close()
