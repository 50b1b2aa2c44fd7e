"""What a network serves equals what the matrix functions say on the same minutes, whatever the parts."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from tests.data.street_graphs import CRS, EAST, NORTH, graph_of, line_graph, points, random_streets
from zoning.errors import InputError
from zoning.reach import TravelNetwork, matrix, measures, serve
from zoning.reach.decay import binary, exponential, gaussian, stepped
from zoning.reach.menu import MEASURES, decay_of
from zoning.reach.serve import placed

PEOPLE = np.array([10.0, 0.0, 30.0, 5.0, 7.0, 40.0, 1.0, 0.0, 12.0, 3.0])
OFFERED = np.array([4.0, 0.0, 9.0])
HOMES = points(*[(x, 0) for x in range(0, 1000, 100)])
PLACES = points((150, 0), (430, 10), (880, 0))
DECAY = gaussian(3)


@pytest.fixture(scope="module")
def network():
    return TravelNetwork.from_graph(line_graph(count=10, step_m=100.0, seconds=60.0, one_way=False))


def served(network, measure, *, limit_min=5.0, homes=HOMES, places=PLACES, offered=OFFERED, **more):
    more = {"decay": DECAY} | more
    return serve.serve(
        network, placed(network, homes), PEOPLE, placed(network, places), offered, measure, limit_min=limit_min, **more
    )


EXPECTED = {
    "nearest": measures.nearest,
    "cumulative": lambda m: measures.cumulative(m, OFFERED, 5.0),
    "gravity": lambda m: measures.gravity(m, OFFERED, DECAY),
    "2sfca": lambda m: measures.two_step_floating_catchment(m, OFFERED, PEOPLE, DECAY),
    "e2sfca": lambda m: measures.two_step_floating_catchment(m, OFFERED, PEOPLE, DECAY),
    "3sfca": lambda m: measures.three_step_floating_catchment(m, OFFERED, PEOPLE, DECAY),
    "balanced": lambda m: measures.balanced_floating_catchment(m, OFFERED, PEOPLE, DECAY),
    "spatial_availability": lambda m: measures.spatial_availability(m, OFFERED, PEOPLE, DECAY),
}


def test_every_measure_of_the_menu_is_tested():
    assert set(EXPECTED) == set(MEASURES)


@pytest.mark.parametrize("pairs", [10, 25, 8_000_000], ids=lambda n: f"{n} pairs a part")
@pytest.mark.parametrize("arrive", [False, True])
@pytest.mark.parametrize("measure", MEASURES)
def test_network_functions_equal_matrix_functions(network, measure, arrive, pairs, monkeypatch):
    monkeypatch.setattr(serve, "PART_PAIRS", pairs)
    minutes = network.minutes_matrix(HOMES, PLACES, 5.0, arrive=arrive)
    np.testing.assert_allclose(
        served(network, measure, arrive=arrive).value, EXPECTED[measure](minutes), rtol=1e-12, atol=1e-15
    )


@pytest.mark.parametrize("k", [2, 3])
def test_the_kth_nearest_is_found_over_parts(network, k, monkeypatch):
    minutes = network.minutes_matrix(HOMES, PLACES, 5.0)
    monkeypatch.setattr(serve, "PART_PAIRS", 10)
    found = served(network, "nearest", k=k)
    np.testing.assert_allclose(found.value, measures.nearest(minutes, k))
    np.testing.assert_array_equal(found.reached, np.isfinite(minutes).sum(axis=1) >= k)


def test_directions_differ_on_a_one_way_street():
    one_way = TravelNetwork.from_graph(line_graph(count=10, step_m=100.0, seconds=60.0, one_way=True))
    there = served(one_way, "nearest", limit_min=100).value
    back = served(one_way, "nearest", limit_min=100, arrive=True).value
    assert np.isnan(there[9])
    assert there[0] == pytest.approx(1.5)
    assert np.isnan(back[0])
    assert back[9] == pytest.approx(0.2)


def test_people_at_a_place_are_those_who_reach_it(network):
    found = served(network, "cumulative", limit_min=2.0)
    assert found.people_at[0] == PEOPLE[[0, 1, 2, 3]].sum()  # 1.5, 0.5, 0.5 and 1.5 minutes away
    np.testing.assert_array_equal(found.reached[:4], True)


def test_points_off_the_network_reach_nothing_and_are_told(network):
    far = gpd.GeoSeries([*HOMES[:9], points((0, 5_000))[0]], crs=CRS)
    home = placed(network, far)
    assert np.isnan(home.snap_m[9])
    assert np.isfinite(home.snap_m[:9]).all()
    assert not served(network, "cumulative", homes=far).reached[9]
    assert np.isnan(served(network, "nearest", homes=far).value[9])


def test_nothing_on_the_network_serves_nobody(network):
    nowhere = points((0, 5_000), (0, 6_000), (0, 7_000))
    assert np.isnan(served(network, "nearest", places=nowhere).value).all()
    assert served(network, "2sfca", places=nowhere).value.sum() == 0


def test_permuting_places_changes_nothing(network):
    order = np.array([2, 0, 1])
    for measure in MEASURES:
        one = served(network, measure).value
        other = served(network, measure, places=PLACES.iloc[order], offered=OFFERED[order]).value
        np.testing.assert_allclose(one, other, rtol=1e-12)


def test_too_many_pairs_for_a_whole_table_is_a_sentence_with_counts(network, monkeypatch):
    monkeypatch.setattr(serve, "MOST_PAIRS", 20)
    with pytest.raises(InputError, match="10 homes and 3 places are 30 pairs, at most 20"):
        served(network, "balanced")
    assert served(network, "2sfca").value.sum() > 0


def test_a_catchment_ends_at_its_minutes_whatever_the_decay(network):
    wide, narrow = served(network, "gravity", limit_min=9.0).value, served(network, "gravity", limit_min=1.0).value
    assert (narrow <= wide).all()
    assert narrow[5] == 0 < wide[5]  # node 5 is 0.7 minutes from the place of 0, 3.5 from the next


def test_usual_decays_are_those_of_the_papers():
    assert str(decay_of("e2sfca", 30)) == "stepped:10,20,30/0.68,0.22,0"
    assert str(decay_of("2sfca", 30)) == "binary:30"
    assert str(decay_of("gravity", 30)) == "linear:30"
    assert decay_of("2sfca", 30, "gaussian:10") == gaussian(10)
    assert decay_of("e2sfca", 30, "stepped:5/0.5") == stepped([5], [0.5])
    with pytest.raises(InputError, match="steps"):
        decay_of("e2sfca", 30, "gaussian:10")


def test_toy_positions_are_where_the_tests_think():
    assert PLACES[0].x == EAST + 150
    assert PLACES[1].y == NORTH + 10


@pytest.mark.parametrize("measure", ["cumulative", "gravity", "2sfca", "3sfca"])
def test_blocks_of_neighbouring_places_add_up_to_the_whole_table(measure, monkeypatch):
    xy, streets = random_streets(3, nodes=120, streets=260)
    network = TravelNetwork.from_graph(graph_of(xy, streets))
    rng = np.random.default_rng(3)
    homes = gpd.GeoSeries([*shapely.points(xy), shapely.Point(EAST - 9e4, NORTH)], crs=CRS)  # the last is off it
    places = gpd.GeoSeries(shapely.points(rng.uniform(0, 2_000, (110, 2)) + [EAST, NORTH]), crs=CRS)
    people, capacity = rng.uniform(1, 9, len(homes)), rng.uniform(1, 9, len(places))
    decay = exponential(0.1) if measure == "gravity" else binary(6.0)
    monkeypatch.setattr(matrix, "BLOCK_RUNS", 16)
    found = serve.serve(network, placed(network, homes), people, placed(network, places), capacity, measure,
                        limit_min=6.0, decay=decay)  # fmt: skip
    table = np.full((len(homes), len(places)), np.inf)
    table[:-1] = network.minutes_matrix(homes.iloc[:-1], places, 6.0)
    whole = {
        "cumulative": lambda: measures.cumulative(table, capacity, 6.0),
        "gravity": lambda: measures.gravity(table, capacity, decay),
        "2sfca": lambda: measures.two_step_floating_catchment(table, capacity, people, decay),
        "3sfca": lambda: measures.three_step_floating_catchment(table, capacity, people, decay),
    }[measure]()
    np.testing.assert_allclose(found.value, whole, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.people_at, people @ np.isfinite(table), rtol=1e-9)
    assert found.value[-1] == 0
    assert np.isfinite(table).any()
