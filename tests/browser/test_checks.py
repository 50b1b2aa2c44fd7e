"""The zone sheet prints on A4 without a word cut off; an outline comes in from a file, with its hole."""

import json
import re

import pytest
import shapely
from playwright.sync_api import expect

from geodata.crs import planning_to_lonlat

A4_PX = 794  # 210 mm at 96 dots an inch
WARD = "view=zone&day=2026-12-31&zones=wards_2025&select=wards_2025/n-25747"
MARGIN_PX = 98  # 13 mm on either side


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_sheet_of_a_ward_prints_on_a4(watched, tmp_path, language):
    page = watched.page
    page.goto(f"{watched.url}/code_checks?lang={language}&{WARD}")
    button = page.get_by_text(re.compile(r"\(HTML\)$"))
    button.wait_for(timeout=120_000)  # a new server compiles its network first
    watched.idle()
    with page.expect_download() as download:
        button.click()
    file = tmp_path / "sheet.html"
    download.value.save_as(file)
    sheet = page.context.new_page()
    sheet.goto(file.as_uri())
    sheet.emulate_media(media="print")
    sheet.set_viewport_size({"width": A4_PX - MARGIN_PX, "height": 1000})
    wide = sheet.evaluate("document.documentElement.scrollWidth")
    assert wide <= A4_PX - MARGIN_PX
    cut = sheet.evaluate(
        "[...document.querySelectorAll('th,td')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
    )
    assert cut == 0
    assert sheet.locator("svg path").count() > 3
    assert sheet.locator("html").get_attribute("lang") == language
    for code in ("QCVN 01:2021/BXD", "QCVN 01:2026/BXD"):
        assert sheet.locator("h2", has_text=code).count() == 1
    printed = sheet.pdf(prefer_css_page_size=True, print_background=True)
    sizes = {tuple(map(float, box)) for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)}
    assert {(round(width), round(height)) for width, height in sizes} == {(595, 842)}


def test_an_outline_with_a_hole_comes_in_from_a_file(watched):
    outer, hole = (
        shapely.box(600_000, 1_224_000, 601_000, 1_225_000),
        shapely.box(600_400, 1_224_400, 600_600, 1_224_600),
    )
    rings = [[list(map(float, planning_to_lonlat(*xy))) for xy in ring.exterior.coords] for ring in (outer, hole)]
    feature = {
        "type": "Feature",
        "properties": {"name_vi": "Khu thử"},
        "geometry": {"type": "Polygon", "coordinates": rings},
    }
    content = json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()
    page = watched.open("/code_checks?lang=en&view=edit&select=zones/vsip-1", drawn=1)
    page.get_by_text("Take the outline from a file").click()
    page.locator("input[type=file]").set_input_files({"name": "zone.geojson", "mimeType": "application/json",
                                                      "buffer": content})  # fmt: skip
    page.get_by_role("button", name="Take this outline").click()
    expect(page.get_by_text("8 corners, 96.00 ha in VN-2000")).to_be_visible()
    expect(page.get_by_text("parts: 1, holes: 1.")).to_be_visible()
    expect(page.get_by_text("Zones that it shares ground with")).to_be_visible()
    watched.idle()
