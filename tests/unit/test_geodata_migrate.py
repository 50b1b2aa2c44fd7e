"""Take stores of schema 1, made as the application made them then, to the schema of today."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from geodata import filestore, migrate, save
from geodata.backend import SCHEMA
from geodata.embedded import build_layers, embedded_fingerprint, layer_infos
from geodata.gpkg import last_changes, write_layer
from geodata.layer_table import put_layers
from geodata.migrate import STEPS, schema_of
from geodata.store import open_store
from zoning.errors import StoreError

OWN = {"source": "a survey", "title_vi": "Giường bệnh"}


def beds(*numbers):
    points = [Point(600_000 + i, 1_220_000) for i in range(len(numbers))]
    return gpd.GeoDataFrame({"id": list(map(str, numbers)), "beds": list(numbers)}, geometry=points, crs=9210)


def schema_1(path, own=(), embedded=None):
    """Write a store as schema 1 had it: layers, the table of layers, and the line with the schema."""
    layers = build_layers()
    layers.pop("stops")
    put_layers(path, layers, layer_infos(), "embedded")
    put_layers(path, {"beds": beds(1, 2), **dict(own)}, {"beds": OWN}, "user")
    stamp = embedded or embedded_fingerprint()
    write_layer(path, "store_info", pd.DataFrame({"schema": [1], "embedded": [stamp]}))
    return path


@pytest.fixture
def old(tmp_path):
    return schema_1(tmp_path / "region.gpkg")


def test_an_older_store_is_migrated_and_kept(old, tmp_path):
    before = old.read_bytes()
    store = open_store(old)
    assert schema_of(old) == SCHEMA == 2
    assert len(store.layer("stops")) == 296  # embedded layers are renewed in the same step
    assert store.layer("beds")["beds"].tolist() == [1, 2]
    assert store.layers().set_index("name").loc["beds", ["source", "origin"]].tolist() == ["a survey", "user"]
    assert store.history().empty
    assert (tmp_path / "region.schema-1.gpkg").read_bytes() == before
    store.write_layer("beds", beds(3))
    assert store.history("beds")["action"].tolist() == ["found", "saved"]
    store.restore_version("beds", 1)
    assert store.layer("beds")["beds"].tolist() == [1, 2]


def test_once_only_and_the_first_copy_stays(old, tmp_path):
    open_store(old)
    kept = (tmp_path / "region.schema-1.gpkg").read_bytes()
    stat = old.stat()
    open_store(old)
    assert old.stat().st_mtime_ns == stat.st_mtime_ns
    old.unlink()
    schema_1(old, {"more": beds(5)})
    open_store(old)
    assert (tmp_path / "region.schema-1.gpkg").read_bytes() == kept


def test_a_layer_that_has_the_name_of_the_new_table(tmp_path):
    old = schema_1(tmp_path / "region.gpkg", {"store_history": beds(7, 8), "own_history_1": beds(9)})
    store = open_store(old)
    assert store.layer("own_history_2")["beds"].tolist() == [7, 8]
    assert store.layer("own_history_1")["beds"].tolist() == [9]
    assert "store_history" not in store.names()
    store.write_layer("beds", beds(1))
    assert len(store.history()) == 2


def test_a_step_that_fails_leaves_the_store_as_it_was(old, monkeypatch):
    before = old.read_bytes()

    def full(temp):
        write_layer(temp, "half", beds(1))
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(STEPS, 1, full)
    store = open_store(old)  # it still serves, and says in the log why it is not migrated
    assert old.read_bytes() == before
    assert store.layer("beds")["beds"].tolist() == [1, 2]
    assert store.history().empty


def test_steps_are_taken_in_order(old, monkeypatch):
    taken = []
    first = STEPS[1]
    monkeypatch.setitem(STEPS, 1, lambda temp: (taken.append(1), first(temp)))
    monkeypatch.setitem(STEPS, 2, lambda temp: taken.append(2))
    monkeypatch.setattr(filestore, "SCHEMA", 3)
    open_store(old)
    assert taken == [1, 2]
    assert schema_of(old) == 3


def test_there_is_a_step_from_every_earlier_version():
    assert sorted(STEPS) == list(range(1, SCHEMA))


def test_a_folder_without_room_for_the_copy(old, monkeypatch):
    before = old.read_bytes()
    monkeypatch.setattr(migrate.shutil, "copyfile", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    assert len(open_store(old).layer("beds")) == 2
    assert old.read_bytes() == before
    assert sorted(file.name for file in old.parent.iterdir()) == ["region.gpkg", "region.gpkg.lock"]


def test_only_one_of_two_migrates(old, monkeypatch):
    calls = []
    real = filestore.migrate
    monkeypatch.setattr(filestore, "migrate", lambda *args: (calls.append(1), real(*args)))
    original = save.only_writer

    def other_first(path):
        monkeypatch.setattr(filestore, "only_writer", original)
        open_store(path)  # another process gets the lock before us
        return original(path)

    monkeypatch.setattr(filestore, "only_writer", other_first)
    open_store(old)
    assert calls == [1]


def test_a_later_store_is_refused_and_left(old):
    open_store(old)
    write_layer(old, "store_info", pd.DataFrame({"schema": [3], "embedded": ["x"]}))
    before = old.read_bytes()
    with pytest.raises(StoreError, match="later version"):
        open_store(old)
    assert old.read_bytes() == before
    assert "store_history" in last_changes(old)
