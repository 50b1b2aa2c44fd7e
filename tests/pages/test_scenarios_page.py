"""The Scenarios page compares what is picked, takes clicks as lines, and gives a link that brings it all back."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from geodata.scenarios import from_link, link_text, ready_made
from layers.changes import COARSE, additions, diverging, edges, steps_for
from pages.ui.scenario_answer import changed_checks
from pages.ui.scenario_ask import ANALYSES
from pages.ui.scenario_draw import edited_content
from tests.pages.test_pages import maps, opened
from zoning.difference import difference
from zoning.errors import InputError
from zoning.scenarios.content import modification_content, read
from zoning.scenarios.model import AddRoad, Close, Scenario

ROOT = Path(__file__).resolve().parents[2]
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


ANALYSED = {
    "access": ("People who gain", {"gain", "lose", "before", "after", "change"}),
    "workers": (None, {"hour", "before", "after", "change"}),
    "check": ("passes", {"rule", "verdict_before", "verdict_after"}),
    "stations": ("Change of jobs in parks there", {"people_before", "people_after", "people_change"}),
    "along": ("Change of jobs in parks there", {"people_before", "people_after", "people_change"}),
}


@pytest.mark.parametrize("what", sorted(ANALYSED))
def test_every_analysis_is_compared_with_figures_map_and_tables(what):
    figure, columns = ANALYSED[what]
    app = opened("scenarios", lang="en", what=what, **{"with": "my-phuoc-tan-van-upgrade,metro-1"})
    assert not app.exception
    assert not app.error
    assert figure is None or figure in {metric.label for metric in app.metric}
    assert any(columns <= set(table.value) for table in app.dataframe)
    assert len(maps(app)) == 1


def test_jobs_reached_by_public_transport_are_compared_with_the_settings_of_the_link():
    app = opened("scenarios", lang="en", what="access", to="park_jobs", mode="transit", minutes="60",
                 transit="boardings=1", **{"with": "metro-1"})  # fmt: skip
    assert not app.exception
    assert not app.error
    values = {metric.label: metric.value for metric in app.metric}
    assert values["People who lose"] == "0"
    assert int(values["People who gain"].replace(",", "")) > 1000
    assert next(box.value for box in app.number_input if box.label == "Most vehicles of a trip") == 1


def test_checks_that_change_are_told_in_the_readers_words():
    rows = [("z", "TR-037", "no_data", "missing: bus_routes", "km/km2"), ("z", "TR-036", "pass", 300.0, "m")]
    before = pd.DataFrame(rows, columns=["zone_id", "rule_id", "verdict", "found", "unit"])
    after = before.assign(verdict=["pass", "pass"], found=[2.5, 300.0])
    changed = changed_checks(difference(before, after), pd.Series({"z": "Khu Z"}, name="name_vi"))
    (row,) = changed.to_dict("records")
    assert (row["name_vi"], row["rule"]) == ("Khu Z", "Mạng lưới giao thông công cộng: mật độ")
    assert (row["verdict_before"], row["verdict_after"]) == ("không có dữ liệu", "đạt")
    assert (row["found_before"], row["found_after"]) == ("thiếu: tuyến xe buýt dạng đường", "2,50 km/km²")


def test_no_analysis_is_forgotten():
    jobs = {path.stem for path in (ROOT / "zoning" / "jobs").glob("*.py")} - {"__init__"}
    offered = {module.__name__.rpartition(".")[2] for _, module in ANALYSES.values()}
    assert jobs - offered == {"gates", "route"}  # gates are shown with trips; a route is a trip of its own


def test_gains_equity_and_units_of_access_are_those_of_the_job():
    app = opened("scenarios", lang="en", what="access", measure="nearest", mode="car",
                 **{"with": "my-phuoc-tan-van-upgrade"})  # fmt: skip
    assert not app.exception
    values = {metric.label: metric.value for metric in app.metric}
    units = next(table.value for table in app.dataframe if "gain" in table.value)
    assert int(values["People who gain"].replace(",", "")) > 100_000
    assert values["People who lose"] == "0"
    assert units["gain"].sum() == pytest.approx(float(values["People who gain"].replace(",", "")), abs=40)
    assert (units["change"].dropna() <= 0).all()  # minutes: nothing was closed
    equity = next(table.value for table in app.dataframe if "what" in table.value)
    assert "Gini index" in set(equity["what"])


def test_two_scenarios_are_compared_with_each_other():
    same = opened("scenarios", lang="en", what="access", measure="nearest", mode="car",
                  **{"with": "my-phuoc-tan-van-upgrade", "versus": "my-phuoc-tan-van-upgrade"})  # fmt: skip
    assert not same.exception
    values = {metric.label: metric.value for metric in same.metric}
    assert (values["People who gain"], values["People who lose"]) == ("0", "0")


@pytest.mark.parametrize(("language", "words"), [
    ("en", "open in 2027, inferred and not published (from row rr4: ground broken 18 June 2025"),
    ("vi", "mở năm 2027, suy ra chứ chưa công bố (từ dòng rr4: khởi công ngày 18 tháng 6 năm 2025"),
])  # fmt: skip
def test_a_year_that_nobody_has_published_says_from_which_note_it_is_inferred(language, words):
    app = opened("scenarios", lang=language, **{"with": "ring-road-4,metro-1"})
    said = [caption.value for caption in app.caption]
    assert any(words in one for one in said)
    published = next(one for one in said if "metro" in one.lower() and "2031" in one)
    assert "inferred" not in published
    assert "suy ra" not in published


@pytest.mark.parametrize("values", [[], [0.0, np.nan], [-3.0, 0.2, 40.0], [1e-5, -2e-4], [7_654_321.0]])
def test_bounds_of_changes_are_round_and_rise(values):
    bounds = steps_for(np.array(values))
    assert list(bounds) == sorted(bounds)
    assert bounds[0] == -bounds[3]
    assert bounds[1] == -bounds[2]
    assert float(f"{bounds[3]:.0e}".partition("e")[0]) in (1, 2, 5)
    sizes = np.abs(np.nan_to_num(values))
    assert not sizes.any() or bounds[3] <= sizes.max() * (1 + 1e-9)


def test_more_is_better_turns_the_colours_round():
    wards = gpd.GeoDataFrame({"id": ["a", "b"], "name_vi": ["a", "b"], "name_en": ["a", "b"], "change": [-9.0, 9.0]},
                             geometry=[shapely.box(at, 1_220_000, at + 900, 1_221_000) for at in (6e5, 7e5)],
                             crs=9210)  # fmt: skip
    bounds = (-5, -0.5, 0.5, 5)
    less, more = (diverging(wards, "change", title="C", bounds=bounds, less_is_better=side) for side in (True, False))
    colours = [[entry.style.fill for entry in drawing.legend] for drawing in (less, more)]
    assert colours[0] == colours[1][::-1]
    assert [entry.label for entry in less.legend] == [entry.label for entry in more.legend]


def test_the_corridors_page_counts_along_corridors_once_opened():
    app = AppTest.from_function(_along_alone, default_timeout=120).run()
    assert not app.exception
    assert not app.dataframe  # folded: nothing is computed


def _along_alone():
    from pages.ui.along import along_corridors
    from pages.ui.data import layer

    along_corridors(layer("corridors"))
