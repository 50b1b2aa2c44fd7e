"""Hold the history of layers: who saved what and when, what can be brought back, and how much is kept."""

from __future__ import annotations

import re

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import Point

from geodata import author
from geodata.backend import Change
from geodata.history import ACTIONS, appended, no_history, provenance_of, typed, worth_keeping
from geodata.store import open_store
from zoning.errors import ConflictError, InputError, StoreError, UnknownLayerError


def beds(*numbers):
    return gpd.GeoDataFrame(
        {"id": [f"b{i}" for i in range(len(numbers))], "beds": list(numbers)},
        geometry=[Point(600_000 + i, 1_220_000) for i in range(len(numbers))],
        crs=9210,
    )


@pytest.fixture
def store(own_store):
    return own_store


@pytest.fixture
def saved(store):
    """Return a store where the layer `beds` was saved three times."""
    for numbers, who in (((1,), "Lan"), ((1, 2), "Minh"), ((1, 2, 3), "Lan")):
        store.write_layer("beds", beds(*numbers), {"source": f"survey of {len(numbers)}"}, author=who)
    return store


def test_nothing_saved_no_history(store):
    assert store.history().empty
    assert store.history("zones").empty
    with pytest.raises(UnknownLayerError):
        store.history("beds")


def test_every_save_is_a_version(saved):
    table = saved.history("beds")
    assert table["version"].tolist() == [1, 2, 3]
    assert table["author"].tolist() == ["Lan", "Minh", "Lan"]
    assert table["action"].eq("saved").all()
    assert table["rows_before"].tolist() == [pd.NA, 1, 2]
    assert table["rows_after"].tolist() == [1, 2, 3]
    assert table["fingerprint"].iloc[-1] == saved.fingerprint("beds")
    assert table["now"].tolist() == [False, False, True]
    assert table["kept"].all()
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", date) for date in table["date"])  # UTC


def test_a_version_comes_back_whole_and_as_a_new_one(saved):
    mark = saved.history("beds")["fingerprint"].iloc[0]
    assert saved.restore_version("beds", 1, author="Hoa") == mark
    assert saved.layer("beds")["beds"].tolist() == [1]
    assert saved.layers().set_index("name").loc["beds", "source"] == "survey of 1"
    table = saved.history("beds")
    assert table["version"].tolist() == [1, 2, 3, 4]
    assert table.iloc[-1][["author", "action", "rows_before", "rows_after"]].tolist() == ["Hoa", "restored", 3, 1]
    # and is undone likewise
    saved.restore_version("beds", 3)
    assert saved.layer("beds")["beds"].tolist() == [1, 2, 3]
    assert saved.layers().set_index("name").loc["beds", "source"] == "survey of 3"
    assert open_store(saved.backend.address).history("beds")["version"].tolist() == [1, 2, 3, 4, 5]


def test_what_came_with_the_application_comes_back_as_that(store):
    whole = store.raw_layer("stops")
    store.write_layer("stops", whole.head(7))
    assert store.history("stops")["action"].tolist() == ["embedded", "saved"]
    assert store.history("stops")["rows_after"].tolist() == [296, 7]
    store.restore_version("stops", 1)
    assert store.raw_layer("stops").equals(whole)
    # updates of the application renew it again
    assert store.layers().set_index("name").loc["stops", "origin"] == "embedded"
    store.restore_version("stops", 2)
    assert store.layers().set_index("name").loc["stops", "origin"] == "user"


def test_the_embedded_state_of_an_earlier_version_counts_as_ones_own(monkeypatch):
    text = appended(no_history(), [_change(2, found={"origin": "embedded", "fingerprint": "a"})], {"beds": "b"})[
        "provenance"
    ][0]
    assert provenance_of(text)[1] == "embedded"
    monkeypatch.setattr("geodata.history.embedded_fingerprint", lambda: "of a later version")
    assert provenance_of(text)[1] == "user"


def test_who_has_saved_since_is_not_overwritten(saved):
    seen = saved.fingerprint("beds")
    saved.write_layer("beds", beds(9), author="Minh")
    with pytest.raises(ConflictError, match="Somebody else has saved the layer beds"):
        saved.restore_version("beds", 1, seen)
    assert saved.layer("beds")["beds"].tolist() == [9]
    saved.restore_version("beds", 1, saved.fingerprint("beds"))
    assert saved.layer("beds")["beds"].tolist() == [1]


def test_what_cannot_be_restored_is_said(saved):
    with pytest.raises(InputError, match="no version 7"):
        saved.restore_version("beds", 7)
    with pytest.raises(InputError, match="is as it was in version 3"):
        saved.restore_version("beds", 3)
    with pytest.raises(UnknownLayerError):
        saved.restore_version("nothing", 1)


def test_old_states_are_dropped_and_the_table_says_so(store, monkeypatch):
    monkeypatch.setenv("INNOVATION_REGION_VERSIONS", "2")
    for number in range(6):
        store.write_layer("beds", beds(number))
    table = store.history("beds")
    assert table["version"].tolist() == [1, 2, 3, 4, 5, 6]
    assert table["kept"].tolist() == [False, False, False, True, True, True]
    with pytest.raises(StoreError, match="not kept any more"):
        store.restore_version("beds", 1)
    store.restore_version("beds", 4)
    assert store.layer("beds")["beds"].tolist() == [3]
    assert store.history("beds")["kept"].tolist() == [False, False, False, True, True, True, True]


@pytest.mark.parametrize("number", ["0", "-1", "1001", "many", "2.5"])
def test_a_bad_number_of_versions_is_told_before_anything_is_saved(store, monkeypatch, number):
    seen = store.backend.seen()
    monkeypatch.setenv("INNOVATION_REGION_VERSIONS", number)
    with pytest.raises(InputError, match=f"INNOVATION_REGION_VERSIONS must be.*{re.escape(number)}"):
        store.write_layer("beds", beds(1))
    assert store.backend.seen() == seen


def test_equal_saves_share_their_state(saved):
    first = saved.history("beds")["fingerprint"].iloc[0]
    for _ in range(2):
        saved.write_layer("beds", beds(1))
        saved.write_layer("beds", beds(1, 2))
    assert len(saved.backend.kept_states()) == 3
    assert ("beds", first) in saved.backend.kept_states()


def test_a_kept_state_that_is_gone_or_changed_is_told(tmp_path):
    store = open_store(tmp_path / "region.gpkg")
    for number in range(3):
        store.write_layer("beds", beds(number))
    first, second = sorted((tmp_path / "region.gpkg.history").iterdir(), key=lambda file: file.stat().st_mtime_ns)
    first.unlink()
    second.write_bytes((tmp_path / "region.gpkg").read_bytes())
    assert store.history("beds")["kept"].tolist() == [False, True, True]
    with pytest.raises(StoreError, match="not kept any more"):
        store.restore_version("beds", 1)
    with pytest.raises(StoreError):
        store.restore_version("beds", 2)
    assert store.layer("beds")["beds"].tolist() == [2]


def test_a_state_that_another_program_left_is_a_version(tmp_path):
    store = open_store(tmp_path / "region.gpkg")
    store.write_layer("beds", beds(1))
    beds(7, 8).to_file(store.path, layer="beds", driver="GPKG")
    store.write_layer("beds", beds(3))
    table = store.history("beds")
    assert table["action"].tolist() == ["saved", "found", "saved"]
    assert table["rows_after"].tolist() == [1, 2, 1]
    # what stood before in the file was not kept: another program wrote over it
    assert table["kept"].tolist() == [False, True, True]
    store.restore_version("beds", 2)
    assert store.layer("beds")["beds"].tolist() == [7, 8]


def test_a_layer_that_another_program_left_in_degrees_comes_back(tmp_path):
    store = open_store(tmp_path / "region.gpkg")
    beds(7, 8).to_crs(4326).to_file(store.path, layer="beds", driver="GPKG")
    before = store.layer("beds")
    store.write_layer("beds", beds(3))
    store.restore_version("beds", 1)
    assert store.layer("beds")["beds"].tolist() == [7, 8]
    assert store.layer("beds").distance(before).max() < 1e-6


def test_who_saves(monkeypatch, store):
    monkeypatch.setattr(author, "_asked", [])
    monkeypatch.setenv("LOGNAME", "  lan\nphạm  ")
    store.write_layer("beds", beds(1))
    author.ask_author(lambda: "x" * 200)
    store.write_layer("beds", beds(2))
    author.ask_author(lambda: "")
    store.write_layer("beds", beds(3))
    author.ask_author(lambda: None)
    store.write_layer("beds", beds(4))
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(KeyError("no entry")))
    store.write_layer("beds", beds(5))
    assert store.history("beds")["author"].tolist() == ["lan phạm", "x" * 80, "", "lan phạm", ""]


def _change(rows, found=None, **more):
    before = None if found is None else 1
    return Change("beds", beds(*range(rows)), {"source": "s"}, rows_before=before, found=found or {}, **more)


def test_the_table_forgets_the_oldest_rows_in_the_end():
    table = no_history()
    for number in range(520):
        table = appended(table, [_change(1)], {"beds": f"{number:032x}"})
    assert len(table) == 500
    assert table["version"].tolist() == list(range(21, 521))
    assert worth_keeping(table, 3) == {("beds", f"{number:032x}") for number in (516, 517, 518, 519)}


def test_embedded_layers_are_no_versions():
    assert appended(no_history(), [_change(1, origin="embedded")], {"beds": "a"}).empty
    assert len(appended(no_history(), [_change(1, origin="embedded", action="restored")], {"beds": "a"})) == 1


def test_a_table_from_anywhere_has_its_types():
    table = typed(pd.DataFrame({"layer": ["a", None], "version": [1.0, 2.0], "other": [1, 2]}))
    assert table["version"].tolist() == [1, 2]
    assert table["layer"].tolist() == ["a", ""]
    assert str(table["rows_before"].dtype) == "Int64"
    assert "other" not in table
    assert set(ACTIONS) == {"saved", "restored", "embedded", "found"}
