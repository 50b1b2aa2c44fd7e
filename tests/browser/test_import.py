"""A planner's Shapefile in VN-2000 comes in on the Data page, its fields mapped, and is on the Overview map."""

import geopandas as gpd
import pytest
import shapely
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.browser.serving import Server
from tests.data import layers

NAMES = ["Trường MN Hoa Mai", "Trường MN Bình Minh", "Bệnh viện Lai Uyên", "Chợ Tân Định"]


def town():
    """Return a zipped Shapefile of four facilities in VN-2000, as an office would have it."""
    places = [(603400, 1213900), (604100, 1214600), (602800, 1219800), (602300, 1216200)]
    return layers.shapefile(
        gpd.GeoDataFrame(
            {"Ten": NAMES, "LoaiCT": ["MN", "MN", "BV", "lạ"], "QuyMo": ["250 chỗ", "300", "1.200", ""],
             "ChuDauTu": ["A", "B", "C", "D"]},
            geometry=[shapely.box(x, y, x + 150, y + 120) for x, y in places], crs=9210,
        )
    )  # fmt: skip


@pytest.fixture
def own(server, new_store, browser):
    """A page on a server with a store of its own: this test changes it."""
    with Server(new_store().path) as running:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        context.set_default_timeout(60_000)
        watched = Watched(context, running.url)
        yield watched
        context.close()
        assert watched.faults == []


def test_a_shapefile_is_mapped_kept_and_seen_on_the_overview(own):
    page = own.open("/data?lang=en")
    page.get_by_text("Take in your own layer").first.click()
    page.locator('input[type=file][accept*=".gpkg"]').first.set_input_files(
        {"name": "Công trình công cộng.zip", "mimeType": "application/zip", "buffer": town()}
    )
    expect(page.get_by_text("The file names EPSG:9210")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("Column of the file")).to_be_visible()
    expect(page.get_by_text("Kind: 2 of 3 values are understood")).to_be_visible()  # lạ is asked for
    page.get_by_role("button", name="Keep as a layer").click()
    expect(page.get_by_text("Kept as cong_trinh_cong_cong: 4 features")).to_be_visible(timeout=60_000)
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_text("Công trình công cộng").first).to_be_visible(timeout=90_000)
    search = page.get_by_placeholder("KCN bau bang")
    search.fill("hoa mai")
    search.press("Enter")
    page.get_by_role("radio", name=f"{NAMES[0]} · Công trình công cộng", exact=True).click()
    expect(page.get_by_role("heading", name=NAMES[0])).to_be_visible(timeout=60_000)
    expect(page.get_by_role("cell", name="Kindergarten")).to_be_visible()
    expect(page.get_by_text("ChuDauTu").first).to_be_visible()
