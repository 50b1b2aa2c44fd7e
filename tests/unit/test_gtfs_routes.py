"""Check the courses of a timetable's lines: a layer with its source, read by the checks, and removed again."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.crs import PLANNING_CRS, to_planning
from geodata.feeds import add_feed, remove_feed
from geodata.gtfs_routes import LAYER
from tests.unit.test_gtfs import feed_zip, tables
from tests.unit.test_standards_layers import town, verdict

SHAPES = ("shape_id,shape_pt_lat,shape_pt_lon,shape_pt_sequence\nbent,10.97,106.66,1\nbent,11.00,106.70,2\n"
          "bent,11.03,106.66,3\nrare,10.97,106.66,1\nrare,11.03,106.66,2\nlone,11,106,1\n")  # fmt: skip


def drawn():
    head, *lines = tables()["trips"].splitlines()
    shape = {"t1": "bent", "t2": "bent", "back": "rare", "f1": "lone"}
    return f"{head},shape_id\n" + "".join(f"{one},{shape.get(one.rpartition(',')[2], '')}\n" for one in lines)


def test_lines_of_a_timetable_are_a_layer_with_their_source_until_it_is_removed(store):
    notes = add_feed(store, feed_zip(trips=drawn(), shapes=SHAPES), "thu", title="Xe Thử")
    assert any("courses of 2 lines" in note.text() and "1 of them straight" in note.text() for note in notes)
    routes = store.layer(LAYER).set_index("id")
    assert routes.crs == PLANNING_CRS
    assert routes["mode"].to_dict() == {"thu:r1": "bus", "thu:r2": "metro"}
    assert routes["geometry_quality"].to_dict() == {"thu:r1": "official_generalised", "thu:r2": "schematic"}
    assert routes["sources"].unique().tolist() == ["Xe Thử (GTFS, 2026-01-05 – 2026-01-30)"]
    # the bent course is that of two trips, the straight one that of one; lengths by PROJ's ellipsoid, not by the plane
    corner = gpd.GeoSeries([shapely.LineString([(106.66, 10.97), (106.70, 11.0), (106.66, 11.03)])], crs=4326)
    assert routes.geometry["thu:r1"].length == pytest.approx(float(to_planning(corner).length.iloc[0]))
    told = store.layers().set_index("name").loc[LAYER]
    assert "GTFS, 2026-01-05" in told["source"]
    assert told["date"] == "2026-01-30"
    # again: replaced, not doubled; a second feed stands beside it
    add_feed(store, feed_zip(trips=drawn(), shapes=SHAPES), "thu")
    add_feed(store, feed_zip(), "hai")
    assert sorted(store.layer(LAYER)["id"]) == ["hai:r1", "hai:r2", "thu:r1", "thu:r2"]
    own = store.layer(LAYER).iloc[:1].assign(id="own", feed=None)  # a line that no timetable has
    store.write_layer(LAYER, pd.concat([store.layer(LAYER), own]))
    remove_feed(store, "thu")
    assert sorted(store.layer(LAYER)["id"]) == ["hai:r1", "hai:r2", "own"]
    remove_feed(store, "hai")
    assert store.layer(LAYER)["id"].tolist() == ["own"]


def test_a_layer_that_planners_brought_in_stays(store):
    line = shapely.LineString([(6e5, 12e5), (6e5, 121e4)])
    own = gpd.GeoDataFrame({"id": ["a"], "name_vi": ["Tuyến A"]}, geometry=[line], crs=PLANNING_CRS)
    store.write_layer(LAYER, own, {"title_en": "Mine"})
    notes = add_feed(store, feed_zip(), "thu")
    assert any("planner's own (1 lines)" in note.text() for note in notes)
    remove_feed(store, "thu")
    assert store.layer(LAYER)["id"].tolist() == ["a"]


def test_the_check_of_route_density_reads_the_layer(store):
    add_feed(store, feed_zip(trips=drawn(), shapes=SHAPES), "thu")
    lines = store.layer(LAYER)
    west, south, east, north = lines.total_bounds
    square = shapely.box(west - 10, south, east + 10, north)
    found, said = verdict(town(area=square, bus_routes=lines), "TR-037")
    inside = shapely.union_all(shapely.intersection(lines.geometry.to_numpy(), square))
    assert found == pytest.approx(inside.length / 1000 / (square.area / 1e6), rel=2e-3)
    assert said != "no_data"
    middle = (west + east) / 2
    new = gpd.GeoDataFrame({"id": ["scenario:b", "c"], "mode": "bus", "status": "operating"}, crs=PLANNING_CRS,
                           geometry=[shapely.LineString([(x, south), (x, north)]) for x in (middle, west)])  # fmt: skip
    more, _ = verdict(town(area=square, bus_routes=lines, corridors=new), "TR-037")
    # the line of a scenario counts beside the timetable's, a corridor that is there anyway does not
    assert more == pytest.approx(found + (north - south) / 1000 / (square.area / 1e6), rel=2e-3)
    remove_feed(store, "thu")
    # an empty layer is no town without lines
    assert verdict(town(area=square, bus_routes=store.layer(LAYER)), "TR-037") == ["missing: bus_routes", "no_data"]
