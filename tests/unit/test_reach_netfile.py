"""Hold network files to their promise: all there, the same bytes, or a clear refusal."""

from __future__ import annotations

import io
import json
import zipfile

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely

from tests.data.street_graphs import CRS, EAST, NORTH, diamond, graph_of, line_graph, points, random_streets
from zoning.errors import NetworkError, StoreError
from zoning.reach import TravelNetwork


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "net.npz"
    TravelNetwork.from_graph(line_graph()).save(path)
    return path


def rewritten(path, changes):
    """Write the file again with some members replaced, its checksums right: a file that lies about itself."""
    with zipfile.ZipFile(path) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    for name, array in changes.items():
        held = io.BytesIO()
        np.lib.format.write_array(held, np.asarray(array), (1, 0))
        members[f"{name}.npy"] = held.getvalue()
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)


def test_a_network_comes_back_as_it_was(tmp_path):
    xy, streets = random_streets(2)
    graph = graph_of(xy, streets)
    graph.graph |= {"name": "streets", "walk_off_m": 40.0, "mode": "motorbike", "snap_limit_m": 700.0}
    for _, _, data in graph.edges(data=True):
        data |= {"highway": "primary", "name": "Đại lộ Bình Dương", "lanes": 4.0, "allow_car": True}
    network = TravelNetwork.from_graph(graph)
    network = network.recost(network.edges["seconds"], speed_source=["law"] * len(network.edges))
    network.save(tmp_path / "net.npz")
    loaded = TravelNetwork.load(tmp_path / "net.npz")
    for name in ("name", "walk_off_m", "mode", "snap_limit_m", "crs"):
        assert getattr(loaded, name) == getattr(network, name)
    pd.testing.assert_frame_equal(loaded.edges, network.edges)
    pd.testing.assert_frame_equal(loaded.attributes, network.attributes)
    for name in ("xy", "offsets", "length_m", "street_of_edge", "reversed_edge"):
        np.testing.assert_array_equal(getattr(loaded.streets, name), getattr(network.streets, name))
    origins = gpd.GeoSeries([streets[8].line.centroid], crs=CRS)
    for arrive in (False, True):
        np.testing.assert_array_equal(loaded.minutes(origins, arrive=arrive), network.minutes(origins, arrive=arrive))


def test_the_same_network_is_the_same_bytes(tmp_path):
    for number in range(2):
        network = TravelNetwork.from_graph(graph_of(*random_streets(5)))
        if number:  # what was asked before leaves no trace
            network.minutes_matrix(points((500, 500)), points((900, 900)))
        network.save(tmp_path / f"{number}.npz")
    TravelNetwork.load(tmp_path / "0.npz").save(tmp_path / "2.npz")
    first = (tmp_path / "0.npz").read_bytes()
    assert (tmp_path / "1.npz").read_bytes() == first
    assert (tmp_path / "2.npz").read_bytes() == first


def test_an_extended_network_and_its_snaps_come_back(tmp_path):
    road = gpd.GeoDataFrame(
        {"seconds": [10.0]}, geometry=[shapely.LineString([(EAST + 30, NORTH), (EAST + 30, NORTH + 200)])], crs=CRS
    )
    network = TravelNetwork.from_graph(line_graph(2)).extend(road)
    closed = network.recost([np.inf, np.inf, 10.0, 10.0], keep_snaps=True)
    for one in (network, closed):
        one.save(tmp_path / "net.npz")
        loaded = TravelNetwork.load(tmp_path / "net.npz")
        for where in (points((60, 0)), points((30, 100))):
            np.testing.assert_array_equal(loaded.minutes(where), one.minutes(where))
        assert len(loaded.extend(road.translate(5).to_frame("geometry").assign(seconds=1.0)).node_ids) == 6


@pytest.mark.parametrize("names", [{0: "a", 1: "Bến Cát"}, {0: (1, 2), 1: (3, 4)}, {0: 2**40, 1: -7}, {0: "0", 1: 0}])
def test_node_ids_keep_their_kind(tmp_path, names):
    network = TravelNetwork.from_graph(nx.relabel_nodes(line_graph(2), names))
    network.save(tmp_path / "net.npz")
    assert TravelNetwork.load(tmp_path / "net.npz").node_ids.tolist() == list(names.values())


def test_a_surface_is_saved_once_it_is_built(tmp_path):
    network = TravelNetwork.from_graph(diamond())
    network.surface(20.0)
    network.save(tmp_path / "net.npz")
    loaded = TravelNetwork.load(tmp_path / "net.npz")
    assert list(loaded.layout.surfaces) == [20.0]
    for name, array in network.surface(20.0).arrays().items():
        np.testing.assert_array_equal(loaded.surface(20.0).arrays()[name], array)
    assert loaded.recost([1.0] * 10).surface(20.0) is loaded.surface(20.0)


def test_a_file_cut_short_anywhere_is_refused(saved):
    whole = saved.read_bytes()
    for size in range(0, len(whole), 97):
        saved.write_bytes(whole[:size])
        with pytest.raises(NetworkError, match=r"net\.npz is damaged"):
            TravelNetwork.load(saved)


def test_a_flipped_byte_in_an_array_is_noticed(saved):
    whole = saved.read_bytes()
    with zipfile.ZipFile(saved) as archive:
        info = archive.getinfo("length_m.npy")
    at = info.header_offset + 30 + len(info.filename) + 150
    saved.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(NetworkError, match="damaged"):
        TravelNetwork.load(saved)


@pytest.mark.parametrize(
    "changes",
    [
        {"u": np.array([0, 1, 2, 3, 1, 99], dtype=np.int32)},
        {"v": np.array([-1, 1, 2, 3, 1, 2], dtype=np.int32)},
        {"seconds": np.array([1.0, -1, 1, 1, 1, 1])},
        {"seconds": np.array([1.0])},
        {"streets/offsets": np.array([0, 2, 4, 999])},
        {"node_ids": np.array([1])},
        {"about": np.frombuffer(b"{}", dtype=np.uint8)},
        {"about": np.frombuffer(b"not json", dtype=np.uint8)},
    ],
)
def test_a_file_whose_parts_do_not_fit_is_refused(saved, changes):
    rewritten(saved, changes)
    with pytest.raises(NetworkError, match="damaged"):
        TravelNetwork.load(saved)


def test_an_array_of_objects_is_never_unpickled(saved):
    with zipfile.ZipFile(saved, "a") as archive:
        held = io.BytesIO()
        np.save(held, np.array([{}], dtype=object), allow_pickle=True)
        archive.writestr("more.npy", held.getvalue())
    with pytest.raises(NetworkError, match="damaged"):
        TravelNetwork.load(saved)


def test_another_version_is_told_from_damage(saved):
    with np.load(saved, allow_pickle=False) as arrays:
        about = json.loads(arrays["about"].tobytes())
    rewritten(saved, {"about": np.frombuffer(json.dumps(about | {"version": 0}).encode(), dtype=np.uint8)})
    with pytest.raises(NetworkError, match="another version"):
        TravelNetwork.load(saved)


def test_a_missing_file_and_a_folder_that_cannot_be_written(tmp_path, saved):
    with pytest.raises(NetworkError, match="no network file"):
        TravelNetwork.load(tmp_path / "none.npz")
    with pytest.raises(NetworkError):
        TravelNetwork.load(tmp_path)
    with pytest.raises(StoreError, match="cannot be written"):
        TravelNetwork.load(saved).save(tmp_path / "no folder" / "net.npz")


def test_a_failed_save_leaves_the_old_file_and_no_other(saved, monkeypatch):
    before = saved.read_bytes()
    network = TravelNetwork.load(saved)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full)
    with pytest.raises(StoreError, match="No space left"):
        network.save(saved)
    assert saved.read_bytes() == before
    assert [path.name for path in saved.parent.iterdir()] == ["net.npz"]
