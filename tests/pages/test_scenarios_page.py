"""The Scenarios page compares what is picked, takes clicks as lines, and gives a link that brings it all back."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from geodata.scenarios import from_link, link_text, ready_made
from layers.changes import COARSE, additions, diverging, edges
from pages.ui.scenario_draw import edited_content
from tests.pages.test_pages import maps, opened
from zoning.errors import InputError
from zoning.scenarios.content import modification_content, read
from zoning.scenarios.model import AddRoad, Close, Scenario

OWN = Scenario("own", title_en="Mine", title_vi="Của tôi", modifications=(Close("c", road="mptv-south"),))


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_waits_for_a_question(language):
    app = opened("scenarios", lang=language)
    assert not app.exception
    assert not app.error
    assert len(app.info) == 1
    assert len(maps(app)) == 1


def test_what_the_address_asks_is_compared():
    app = opened("scenarios", lang="en", at="106.6819,11.0566", mode="car", **{"with": "my-phuoc-tan-van-upgrade"})
    assert not app.exception
    assert not app.error
    values = {metric.label: metric.value for metric in app.metric}
    assert int(values["People who gain"].replace(",", "")) > 1000
    assert values["People who lose"] == "0"
    assert "additions" in maps(app)[0]["feature_group"]
    tables = [table.value for table in app.dataframe]
    assert any("gain" in table for table in tables)


def test_a_scenario_in_the_link_is_picked_and_edited():
    app = opened("scenarios", lang="en", at="106.6819,11.0566", own=link_text(OWN), **{"with": "own"})
    assert not app.exception
    assert not app.error
    values = {metric.label: metric.value for metric in app.metric}
    assert int(values["People who lose"].replace(",", "")) > 1000


def test_a_damaged_link_gets_a_sentence_and_the_page_stays():
    app = opened("scenarios", lang="en", own="nonsense")
    assert not app.exception
    assert [error.value for error in app.error] == ["The scenario in this link is damaged."]
    assert maps(app)


def test_the_year_turns_on_what_is_open_by_then():
    app = opened("scenarios", lang="en", year="2027")
    assert not app.exception
    words = " ".join(caption.value for caption in app.caption)
    assert "Ring Road 4" in words
    assert "Chon Thanh" not in words
    assert "BRT" in words  # named as one without a year


@pytest.mark.parametrize("text", ["", "x", "eJw", "%%%", "A" * 5000])
def test_links_hold_scenarios_or_are_refused(text):
    with pytest.raises(InputError):
        from_link(text)
    for scenario in (OWN, *ready_made().values()):
        assert from_link(link_text(scenario)).whole() == scenario


def test_the_table_changes_what_it_shows_and_keeps_the_rest():
    road = AddRoad("r", line=((106.6, 11.0), (106.7, 11.0)), speed_kmh=60.0, lanes=4.0, one_way=True)
    contents = [modification_content(one) for one in (road, Close("c", road="nr13"))]
    rows = (("road", "r", 80.0, None, ""), ("speed", "new", 40.0, None, "dt741"))
    table = pd.DataFrame(rows, columns=["kind", "id", "speed_kmh", "lanes", "road"])
    found = edited_content(contents, table)
    head = {"format": "innovation-region-scenario", "version": 1, "id": "own"}
    changed, added = read(head | {"modifications": found}).whole().modifications
    assert (changed.line, changed.speed_kmh, changed.lanes, changed.one_way) == (road.line, 80.0, None, True)
    assert (added.id, added.road, added.speed_kmh) == ("new", "dt741", 40.0)


def test_changes_are_drawn_in_one_scale_and_guesses_are_dotted():
    boxes = [shapely.box(600_000 + 1000 * at, 1_220_000, 601_000 + 1000 * at, 1_221_000) for at in range(4)]
    wards = gpd.GeoDataFrame({"id": list("abcd"), "name_vi": list("abcd"), "name_en": list("abcd"),
                              "change": [-9.0, 0.0, 2.0, None]}, geometry=boxes, crs=9210)  # fmt: skip
    drawing = diverging(wards, "change", title="Change", bounds=(-5, -0.5, 0.5, 5), unit="min")
    assert [entry.label for entry in drawing.legend] == [
        "≤ -5.0 min", "-5.0 … -0.5 min", "-0.5 … +0.5 min", "+0.5 … +5.0 min", "> +5.0 min", "no data"]  # fmt: skip
    assert "Change: +2.0 min" in drawing.features
    line = shapely.LineString([(600_000, 1_220_000), (605_000, 1_220_000)])
    known = {"id": ["x", "y"], "name_vi": ["X", "Y"], "geometry_quality": ["osm", COARSE[0]]}
    lines = gpd.GeoDataFrame(known, geometry=[line] * 2, crs=9210)
    assert len(additions(lines).legend) == 2
    rings = gpd.GeoDataFrame({"minutes": [5.0, 10.0]}, geometry=boxes[:2], crs=9210)
    assert edges(rings, rings).count == 2


def _stations_alone():
    from pages.ui.data import layer
    from pages.ui.station_areas import station_areas

    station_areas(layer("corridors"))


def test_station_areas_say_who_lives_round_the_stations_and_how_sure_it_is():
    app = AppTest.from_function(_stations_alone, default_timeout=120).run()
    assert not app.dataframe
    app.toggle[0].set_value(True).run()
    assert not app.exception
    assert not app.error
    (table,) = [table.value for table in app.dataframe if "radius_m" in table.value]
    assert set(table["radius_m"]) == {500, 1000}
    assert table["people"].max() > 10_000
    assert len(maps(app)) == 1
    assert any("chưa công bố" in caption.value for caption in app.caption)


def test_the_corridors_page_offers_station_areas():
    app = opened("corridors", lang="en")
    assert not app.exception
    assert "Compute the station areas" in [toggle.label for toggle in app.toggle]
