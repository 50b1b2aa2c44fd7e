"""One zone on the Code checks page: its reliefs, its land in the official colours, its lots, a sheet that prints."""

from contextlib import contextmanager
from unittest import mock

import geopandas as gpd
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from geodata.reliefs import keep_relief, relief_of
from geodata.store import open_store
from layers.zone_sheet import MapWords, Section, outline_map, sheet
from pages.ui import check_relief
from tests.unit.test_jobs_check import Town, box, checked, zones

WARD = "n-25747"


@contextmanager
def opened(*_, **__):
    """Stand for a folded section that is open: AppTest cannot open one."""
    yield True


def _relief_alone():
    import streamlit as st

    from pages.ui.check_relief import relief_view
    from pages.ui.data import region
    from zoning.jobs.check import CheckRequest, run

    request = CheckRequest(as_of="2026-12-31", zones="wards_2025", ids=("n-25747",))
    relief_view(request, run(request, region()).frames["zones"].iloc[0])
    st.caption("end")


def one(widgets, label):
    return next(widget for widget in widgets if widget.label == label)


@pytest.fixture
def store():
    store = open_store()
    yield store
    if relief_of(store, "wards_2025", WARD):
        keep_relief(store, "wards_2025", WARD, [], author="test")


def test_a_planner_sets_reliefs_with_a_name_and_sees_who_did(store):
    with mock.patch.object(check_relief, "folded", opened):
        app = AppTest.from_function(_relief_alone, default_timeout=120)
        app.session_state["_language"] = "en"
        app.run()
        assert not app.exception
        one(app.multiselect, "What holds for this zone").set_value(["existing", "island"]).run()
        one(app.button, "Keep the reliefs").click().run()
        assert [error.value for error in app.error] == ["Say who you are: the name is kept with what you change."]
        assert relief_of(store, "wards_2025", WARD) == ()
        one(app.text_input, "Your name, kept with what you change").set_value("Lan").run()
        one(app.button, "Keep the reliefs").click().run()
        assert not app.exception
        assert not app.error
        assert relief_of(store, "wards_2025", WARD) == ("existing", "island")
        history = next(frame.value for frame in app.dataframe if "Reliefs" in frame.value.columns)
        assert history["Author"].tolist()[:1] == ["Lan"]
        assert "2.7.3" in history["Reliefs"].iloc[0]
        listed = app.dataframe[-1].value
        assert any("EX-001" in clause for clause in listed["Clause"])


def _land_alone():
    import streamlit as st

    from pages.ui.check_land import land_view, lots_view

    land_view(st.session_state["result"], "z0")
    lots_view(st.session_state["result"], "z0")


def urban():
    land = zones(box(0, 0, 1000, 300), box(0, 300, 1000, 1000), code=["DGT", "Q9"])
    lots = zones(box(0, 500, 10, 510), box(20, 500, 30, 510), use=["nhà phố"] * 2, area_m2=[150, 150],
                 density_pct=[80, 90], far=[3, 3])  # fmt: skip
    region = Town(zones=zones(box(0, 0, 1000, 1000), population=[9000]), land_use=land, lots=lots)
    return checked(region)[0]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_land_capacity_and_lots_of_a_zone_are_shown(language):
    app = AppTest.from_function(_land_alone, default_timeout=60)
    app.session_state["_language"] = language
    app.session_state["result"] = urban()
    app.run()
    assert not app.exception
    capacity, land, lots = app.table[0].value, app.dataframe[0].value, app.dataframe[1].value
    figures = dict(zip(capacity.index, capacity.iloc[:, 0], strict=True))
    names = {"en": ("Residents a hectare", "Water demand"), "vi": ("Dân số trên hecta", "Nhu cầu nước")}[language]
    assert figures[names[0]] == ("90.0" if language == "en" else "90,0")
    # 9,000 people x 80 l x 1.18
    assert figures[names[1]].startswith("850 m³/" + ("day; 8.50" if language == "en" else "ngày; 8,50"))
    assert land.iloc[:, 0].tolist() == ["Q9", "DGT"]
    assert lots.iloc[:, 0].str[0].tolist()[:1] == ["✗"]
    assert len(lots) >= 4  # two lots by two rules and more


def test_a_sheet_has_the_land_in_its_colours_and_fits_a_page():
    square = shapely.box(0, 0, 900, 900)
    series = gpd.GeoSeries([shapely.box(-500, -500, 2000, 2000)], crs="EPSG:9210")
    drawing = outline_map(
        square, series, series.iloc[:0], land=[(shapely.box(0, 0, 2_000, 300), "#ffaa32")],
        words=MapWords(zone="<b>zone</b>"),
    )  # fmt: skip
    assert 'fill="#ffaa32"' in drawing
    assert "<b>" not in drawing
    html = sheet(
        "Title", "as of", drawing,
        [Section("Facts", ["a"], [["1"]], beside=True),
         Section("Land", ["code"], [[("DGT", "#ffaa32")]], widths=(100,)), Section("None", ["x"], [])],
        {"Missing": [f"layer {at}" for at in range(9)], "Sources": ["one"], "Empty": []}, summary=["✗ 3 <fails>"],
    )  # fmt: skip
    assert "size:A4" in html
    assert 'style="background:#ffaa32"' in html
    assert "&lt;fails&gt;" in html
    assert html.count("<h2>") == 4  # sections without rows and notes without lines are left out
    assert html.count("class=m") == 1  # short lines stand in two columns
    assert html.count("<table class=f>") == 1
