"""The Code checks page answers in both languages, keeps its question in the address, and writes a sheet to print."""

import re
from pathlib import Path

import pytest
import shapely
from streamlit.testing.v1 import AppTest

from layers.verdicts import SIGNS, verdicts, worst
from layers.zone_sheet import Section, outline_map, sheet

APP = Path(__file__).resolve().parents[2] / "app.py"
VIEWS = ("glance", "zone", "both", "lacking", "outlines", "code")


def opened(**query):
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["lang"] = query.get("lang", "en")
    app.run()
    app.switch_page("pages/code_checks.py")
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    return app


def figures(app):
    return {metric.label: metric.value for metric in app.metric}


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_runs_without_fault(view, language):
    app = opened(lang=language, view=view, day="2026-12-31", zones="wards_2025")
    assert not app.exception
    assert not app.error
    assert app.dataframe


def test_the_day_chooses_the_code():
    before = opened(day="2026-12-31", zones="wards_2025")
    after = opened(day="2027-01-01", zones="wards_2025")
    assert any("QCVN 01:2021/BXD" in text.value for text in before.caption if "Code of this day" in text.value)
    assert any("QCVN 01:2026/BXD" in text.value for text in after.caption if "Code of this day" in text.value)
    # what the other day counts first is beside it: the same figures in another order
    assert figures(before)["✗ Fails"] != "0"
    assert figures(before)["? Unsure"] != figures(after)["? Unsure"]
    assert any("second-hand" in text.value for text in after.caption)


def test_a_link_opens_a_zone():
    app = opened(view="zone", zones="wards_2025", select="wards_2025/n-25750", day="2026-12-31")
    chosen = next(box for box in app.selectbox if box.label == "Zone")
    assert chosen.value == "n-25750"


@pytest.mark.parametrize(
    "query", [{"day": "nonsense"}, {"zones": "../../etc"}, {"view": "<script>"}, {"select": "zones/none"}]
)
def test_a_wrong_address_does_no_harm(query):
    app = opened(**query)
    assert not app.exception
    assert not app.error


def test_a_sheet_stands_alone_and_its_texts_stay_texts():
    html = sheet(
        "<img src=x onerror=alert(1)>",
        "as of",
        outline_map(shapely.box(0, 0, 900, 900), _series(shapely.box(-500, -500, 2000, 2000)), _series()),
        [Section("Checks", ["Verdict"], [[("✗ fails", "fail")]])],
        {"Sources": ["<script>alert(2)</script>"]},
    )
    assert "<img" not in html
    assert "<script" not in html
    assert html.count("<svg") == 1
    assert not re.search(r"(src|href)=", html.replace("&lt;img src=x", ""))


def _series(*shapes):
    import geopandas as gpd

    return gpd.GeoSeries(list(shapes), crs="EPSG:9210")


def test_the_worst_verdict_shows():
    assert worst({"pass": 3, "fail": 1, "unsure": 5}) == "fail"
    assert worst({"pass": 3, "unsure": 1}) == "unsure"
    assert worst({"pass": 1, "no_data": 9}) == "pass"
    assert worst({"no_data": 9}) == "no_data"


def test_the_map_shows_each_zone_in_its_verdict():
    import geopandas as gpd

    counts = {"fail": [1, 0, 0], "unsure": [0, 0, 0], "pass": [0, 2, 0], "no_data": [0, 0, 3]}
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b", "c"], "name_vi": "A", "name_en": "<b>A</b>", "geometry_quality": "edited", **counts},
        geometry=[shapely.box(600_000, 1_220_000, 601_000, 1_221_000), shapely.Point(600_000, 1_220_000), None],
        crs="EPSG:9210",
    )
    drawing = verdicts(frame)
    assert drawing.count == 2
    assert {entry.label[0] for entry in drawing.legend} == {SIGNS["fail"], SIGNS["pass"]}
    assert "<b>" not in drawing.payload
