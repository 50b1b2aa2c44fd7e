"""Hold searches on packed arcs to networkx, with all that sparse matrices get wrong."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from zoning.reach.search import NEAR_S, Pattern, Seeds, clipped, search, search_near, search_tree


def random_arcs(seed, nodes=30, arcs=120):
    rng = np.random.default_rng(seed)
    start, end = rng.integers(0, nodes, (2, arcs))
    seconds = rng.choice([0.0, np.inf, 1.0], arcs, p=[0.2, 0.1, 0.7]) * rng.uniform(1, 60, arcs)
    seconds[np.isnan(seconds)] = np.inf
    return start, end, seconds


def reference(start, end, seconds, nodes=30):
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(nodes))
    graph.add_weighted_edges_from(
        [edge for edge in zip(start.tolist(), end.tolist(), seconds.tolist(), strict=True) if np.isfinite(edge[2])]
    )
    return graph


def seeds(*rows):
    run, node, seconds = zip(*rows, strict=True)
    return Seeds(np.array(run, dtype=np.intp), np.array(node, dtype=np.intp), np.array(seconds, dtype=np.float64))


@pytest.mark.parametrize("limit", [20.0, 90.0, np.inf])
@pytest.mark.parametrize("seed", range(8))
def test_search_equals_networkx_with_parallel_free_and_closed_arcs(seed, limit):
    start, end, seconds = random_arcs(seed)
    pattern = Pattern.build(start, end, 30)
    graph = reference(start, end, seconds)
    graph.add_weighted_edges_from([("a", 3, 0.0), ("a", 7, 12.5), ("b", 3, 4.0), ("b", 3, 2.0)])
    found = search(
        pattern, pattern.weights(seconds), seeds((1, 3, 4.0), (0, 3, 0.0), (0, 7, 12.5), (1, 3, 2.0)), 2, limit
    )
    expected = np.full((2, 30), np.inf)
    for run, origin in enumerate("ab"):
        for node, cost in nx.single_source_dijkstra_path_length(graph, origin).items():
            if node not in ("a", "b") and cost <= limit:
                expected[run, node] = cost
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("limit", [0.0, 20.0, 90.0, NEAR_S, 2 * NEAR_S, np.inf])
@pytest.mark.parametrize("seed", range(8))
def test_the_nearest_of_some_starts_is_found_in_buckets_to_the_last_digit(seed, limit):
    start, end, seconds = random_arcs(seed, nodes=300, arcs=900)
    pattern = Pattern.build(start, end, 300)
    starts = seeds((0, 3, 4.0), (1, 3, 0.0), (2, 7, 12.5), (1, 8, 1e9))
    together = Seeds(np.zeros(4, np.intp), starts.node, starts.seconds)
    weights = pattern.weights(seconds)
    plain = search(pattern, weights, together, 1, limit)[0]
    assert 0 < np.isfinite(plain).sum() < 300
    np.testing.assert_array_equal(search_near(pattern, weights, starts, limit), plain)


def test_a_limit_far_above_all_times_leaves_many_nodes_in_one_bucket():
    rng = np.random.default_rng(0)
    start, end = rng.integers(0, 200, (2, 2000))
    pattern = Pattern.build(start, end, 200)
    weights = pattern.weights(rng.choice([0.0, 1e-3, 1e-2], 2000))
    plain = search(pattern, weights, seeds((0, 0, 0.0)), 1, NEAR_S)[0]
    np.testing.assert_array_equal(search_near(pattern, weights, seeds((0, 0, 0.0)), NEAR_S), plain)


@pytest.mark.parametrize("seed", range(8))
def test_arcs_added_later_are_as_good_as_those_from_the_start(seed):
    start, end, seconds = random_arcs(seed)
    whole = Pattern.build(start, end, 30)
    grown = Pattern.build(start[:70], end[:70], 28).with_arcs(start[70:], end[70:], 30)
    np.testing.assert_array_equal(grown.keys, whole.keys)
    np.testing.assert_array_equal(grown.indptr, whole.indptr)
    np.testing.assert_array_equal(grown.indices, whole.indices)
    np.testing.assert_array_equal(grown.weights(seconds), whole.weights(seconds))
    assert sorted(grown.order) == list(range(120))


def test_a_tree_leads_back_over_the_cheapest_arcs():
    start, end, seconds = random_arcs(4)
    pattern = Pattern.build(start, end, 30)
    cost, before = search_tree(pattern, pattern.weights(seconds), seeds((0, 3, 1.0)))
    reached = np.flatnonzero(np.isfinite(cost))
    assert reached.size > 10
    assert before[3] == pattern.node_count
    for node in reached[reached != 3]:
        arc = pattern.cheapest_arc(int(before[node]), int(node), seconds)
        assert (start[arc], end[arc]) == (before[node], node)
        assert cost[node] == pytest.approx(cost[before[node]] + seconds[arc])


def test_closed_arcs_lead_nowhere_even_without_a_limit():
    pattern = Pattern.build(np.array([0, 1]), np.array([1, 2]), 3)
    cost, before = search_tree(pattern, pattern.weights(np.array([np.inf, 1.0])), seeds((0, 0, 0.0)))
    assert cost.tolist() == [0.0, np.inf, np.inf]
    assert (before[1:] < 0).all()


def test_clipping_keeps_the_bound_and_what_only_rounding_lifts_over_it():
    found = clipped(np.array([1.0, 3.0, np.nextafter(3.0, 4), 3.001, np.inf]), 3.0)
    assert found.tolist() == [1.0, 3.0, 3.0, np.inf, np.inf]
    assert clipped(np.array([5.0, np.inf]), np.inf).tolist() == [5.0, np.inf]


def test_no_arcs_at_all():
    none = np.empty(0, dtype=np.intp)
    pattern = Pattern.build(none, none, 2)
    assert search(pattern, pattern.weights(np.empty(0)), seeds((0, 1, 0.0)), 1, 60).tolist() == [[np.inf, 0.0]]
