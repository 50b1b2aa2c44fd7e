"""A large green space is entered at its edge: never later than at its centre, and as a walk to its edge takes."""

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import shapely

from geodata.region import StoreRegion
from zoning.doors import LEAST_HA, METHOD, STEP_M, ends
from zoning.jobs import access
from zoning.reach import TravelNetwork
from zoning.reach.decay import linear
from zoning.reach.menu import MEASURES
from zoning.reach.serve import entered, placed, serve

PARK = shapely.box(1000, -300, 1600, 300)


def street(length_m=3000, step=100):
    """One street along y = 0 with a node every 100 m, walked at 1 m/s; it ends before the park if so asked."""
    graph = nx.MultiDiGraph(crs="EPSG:9210", walk_off_m=50)
    for at in range(0, length_m + 1, step):
        graph.add_node(at, x=float(at), y=0.0)
    for at in range(0, length_m, step):
        for u, v in ((at, at + step), (at + step, at)):
            graph.add_edge(u, v, length=float(step), travel_time=float(step))
    return TravelNetwork.from_graph(graph)


def places(shapes, kinds="park", quality="edited", layer="green_spaces"):
    frame = gpd.GeoSeries(shapes, crs=9210)
    count = range(len(frame))
    import pandas as pd

    return ends(frame, frame.centroid, pd.Series([kinds] * len(count)), layer, pd.Series([quality] * len(count)))


def test_points_lie_on_the_edge_and_close_together():
    found = places([PARK])
    assert found.edged.all()
    assert found.points.iloc[0].equals(PARK.centroid)
    assert found.points.iloc[1:].distance(PARK.exterior).max() < 1e-9
    assert (PARK.exterior.length / len(found.points)) <= STEP_M + 1
    assert np.all(np.diff(found.of) >= 0)


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        (PARK, {"kinds": "hospital", "layer": "facilities"}),
        (PARK, {"quality": "schematic"}),
        (shapely.box(0, 0, 99, 99), {}),
        (shapely.Point(0, 0), {}),
    ],
)
def test_only_large_green_with_a_true_outline_has_an_edge(shape, options):
    found = places([shape], **options)
    assert not found.edged.any()
    assert found.points.iloc[0].equals(shape.centroid)


def test_a_park_of_just_one_hectare_has_an_edge():
    side = (LEAST_HA * 1e4) ** 0.5
    assert places([shapely.box(0, 0, side, side)]).edged.all()


def test_the_walk_ends_at_the_edge():
    network = street()
    found = places([PARK])
    homes = placed(network, gpd.GeoSeries(shapely.points([0, 500, 2600], 0), crs=9210))
    green = entered(network, gpd.GeoSeries([PARK.centroid], crs=9210), found.points, found.of)
    centre = placed(network, gpd.GeoSeries([PARK.centroid], crs=9210))
    for arrive in (False, True):
        served, before = (
            serve(
                network, homes, np.ones(3), one, np.ones(1), "nearest", limit_min=60.0, decay=linear(60), arrive=arrive
            )
            for one in (green, centre)
        )
        assert served.value == pytest.approx([1000 / 60, 500 / 60, 1000 / 60], abs=0.05)
        assert before.value == pytest.approx([1300 / 60, 800 / 60, 1300 / 60])


@pytest.mark.parametrize("measure", MEASURES)
def test_edges_never_serve_anyone_worse_and_count_a_park_once(measure):
    network = street()
    shapes = [PARK, shapely.box(2000, -100, 2300, 100)]
    found = places(shapes)
    centres = gpd.GeoSeries(shapes, crs=9210).centroid
    homes = placed(network, gpd.GeoSeries(shapely.points(np.arange(0, 3000, 250), 0), crs=9210))
    people = np.full(homes.count, 10.0)
    near, far = (
        serve(network, homes, people, one, np.array([5.0, 7.0]), measure, limit_min=30.0, decay=linear(30))
        for one in (entered(network, centres, found.points, found.of), placed(network, centres))
    )
    assert (near.reached >= far.reached).all()
    if measure == "nearest":
        assert (np.nan_to_num(near.value, nan=99) <= np.nan_to_num(far.value, nan=99) + 1e-9).all()
    if measure == "cumulative":
        assert (near.value >= far.value).all()
        assert near.value.max() == 12  # each once, however many points its edge has
    if "sfca" in measure:
        total = (near.value * people).sum()
        assert total == pytest.approx(12)  # nothing is given out twice


def test_the_second_nearest_is_another_park():
    network = street()
    found = places([PARK, shapely.box(2000, -100, 2300, 100)])
    homes = placed(network, gpd.GeoSeries([shapely.Point(0, 0)], crs=9210))
    centres = gpd.GeoSeries([PARK, shapely.box(2000, -100, 2300, 100)], crs=9210).centroid
    green = entered(network, centres, found.points, found.of)
    two = serve(network, homes, np.ones(1), green, np.ones(2), "nearest", limit_min=60.0, decay=linear(60), k=2)
    assert two.value[0] == pytest.approx(2000 / 60, abs=0.05)


def test_an_edge_far_from_streets_is_no_way_in():
    network = street(length_m=900).recost(street(length_m=900).edges["seconds"].to_numpy(), snap_limit_m=300)
    found = places([PARK])
    green = entered(network, gpd.GeoSeries([PARK.centroid], crs=9210), found.points, found.of)
    assert green.snap_m[0] == pytest.approx(100, abs=2.1)  # from the street's end to the west edge
    assert len(green.ends) <= 2
    off = places([shapely.transform(PARK, lambda xy: xy + [0, 2000])])
    assert np.isnan(entered(network, gpd.GeoSeries([PARK.centroid], crs=9210), off.points, off.of).snap_m).all()


@pytest.fixture(scope="module")
def region(compiled, new_store):
    store = new_store()
    centre = store.layer("zones").set_index("id").geometry["bd-new-city"].centroid
    frame = gpd.GeoDataFrame(
        {"id": ["a", "b"], "name_vi": ["Công viên A", "Vườn B"], "name_en": ["A", "B"], "kind": ["park", "garden"],
         "capacity": [2_250_000.0, 900.0], "geometry_quality": ["edited"] * 2, "sources": ["x"] * 2},
        geometry=[centre.buffer(850), shapely.box(centre.x + 3000, centre.y, centre.x + 3030, centre.y + 30)], crs=9210,
    )  # fmt: skip
    store.write_layer("green_spaces", frame, {"title_vi": "Cây xanh", "title_en": "Green"})
    store.write_layer("points_of_green", frame.assign(geometry=frame.centroid, kind="x"), {})
    return StoreRegion(store)


def test_the_job_says_how_it_was_measured(region):
    asked = access.AccessRequest("green_spaces", mode="walk", minutes=60.0)
    found = access.run(asked, region)
    assert found.frames["facilities"]["timed_to"].tolist() == ["edge", "centre"]
    assert found.run["method"] == METHOD
    assert any("1 green spaces of 1 ha" in note.text() for note in found.notes)
    before = access.run(access.AccessRequest("points_of_green", mode="walk", minutes=60.0), region)
    assert "method" not in before.run
    edge, centre = (one.frames["points"]["value"].fillna(99).to_numpy() for one in (found, before))
    assert (edge <= centre + 1e-9).all()
    assert (edge < centre - 5).any()  # 850 m of lawn are not walked
    assert set(found.frames["facilities"].geom_type) == {"Point"}


def test_other_measures_by_public_transport_are_timed_by_it(region):
    on_foot, by_bus = (
        access.run(access.AccessRequest("facilities:hospital", "cumulative", 60.0, mode=mode, hour=7.5), region)
        for mode in ("walk", "transit")
    )
    least = on_foot.frames["points"]["value"].to_numpy()
    assert (by_bus.frames["points"]["value"].to_numpy() >= least).all()
    assert by_bus.figures["people_reached"] > on_foot.figures["people_reached"]
