"""Hold backups: whole, checked, equal for equal stores, and never in the way of what is there."""

from __future__ import annotations

import json
import random
import shutil
import zipfile

import geopandas as gpd
import pytest
from shapely.geometry import Point

from geodata import backup as backup_module
from geodata.backup import MANIFEST, STORE, check_backup, make_backup, restore_backup
from geodata.filestore import FileBackend
from geodata.place import backend_of
from geodata.store import Store, open_store
from zoning.errors import BadFileError, InputError, StoreError


def beds(*numbers):
    points = [Point(600_000 + i, 1_220_000) for i in range(len(numbers))]
    return gpd.GeoDataFrame({"id": list(map(str, numbers)), "beds": list(numbers)}, geometry=points, crs=9210)


def saved_twice(store):
    store.write_layer("beds", beds(1), {"title_vi": "Giường bệnh"}, author="Lan")
    store.write_layer("beds", beds(1, 2), author="Minh")
    return store


def content(store):
    return {name: store.fingerprint(name) for name in store.names()}, store.history().to_dict("records")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Return a backup that tests may read but not change."""
    folder = tmp_path_factory.mktemp("whole")
    return make_backup(saved_twice(open_store(folder / "region.gpkg")).backend, folder / "whole.zip").file


@pytest.fixture
def kept_here(monkeypatch, tmp_path):
    """Keep what databases put aside on this machine out of the user's folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


@pytest.mark.usefixtures("kept_here")
def test_there_and_back_in_each_kind_of_store(own_store, new_place, tmp_path):
    saved_twice(own_store)
    before = content(own_store)
    made = make_backup(own_store.backend, tmp_path / "a.zip")
    assert made.layers["zones"] == 69
    assert made.layers["beds"] == 2
    assert made.states == 1
    assert made == check_backup(made.file)
    own_store.write_layer("beds", beds(9))
    own_store.write_layer("more", beds(9))
    own_store.write_layer("zones", own_store.raw_layer("zones").head(3))
    after = content(own_store)
    kept = restore_backup(own_store.backend, made.file, confirmed=True)
    again = open_store(own_store.backend.address)
    assert content(again) == before
    assert content(own_store) == before  # who has it open sees it too
    again.restore_version("beds", 1)
    assert again.layer("beds")["beds"].tolist() == [1]
    # nothing is lost: the state in between is a backup, too
    restore_backup(own_store.backend, kept, confirmed=True)
    assert content(open_store(own_store.backend.address)) == after


@pytest.mark.usefixtures("kept_here")
def test_from_one_kind_of_store_to_the_other(new_place, whole, tmp_path):
    other = open_store(new_place())
    restore_backup(other.backend, whole, confirmed=True)
    copy = make_backup(other.backend, tmp_path / "copy.zip")
    with zipfile.ZipFile(whole) as one, zipfile.ZipFile(copy.file) as two:
        first, second = json.loads(one.read(MANIFEST)), json.loads(two.read(MANIFEST))
    assert first["layers"] == second["layers"]
    assert check_backup(whole).states == copy.states
    file = Store(FileBackend(tmp_path / "region.gpkg").path)
    restore_backup(file.backend, copy.file, confirmed=False)  # nothing is there yet
    assert content(open_store(file.path)) == content(other)


def test_equal_stores_equal_bytes(own_store, tmp_path):
    saved_twice(own_store)
    first = make_backup(own_store.backend, tmp_path / "a.zip").file
    second = make_backup(open_store(own_store.backend.address).backend, tmp_path / "deep" / "b.zip").file
    assert first.read_bytes() == second.read_bytes()
    own_store.write_layer("beds", beds(7))
    assert make_backup(own_store.backend, first).file.read_bytes() != second.read_bytes()


def test_anybody_can_open_what_is_inside(whole, tmp_path):
    with zipfile.ZipFile(whole) as archive:
        archive.extractall(tmp_path)
    assert len(gpd.read_file(tmp_path / STORE, layer="zones")) == 69
    state = next((tmp_path / "history").iterdir())
    assert gpd.read_file(state)["beds"].tolist() == [1]
    assert open_store(tmp_path / STORE).layer("beds")["beds"].tolist() == [1, 2]


def test_a_store_that_is_there_is_not_replaced_unasked(own_store, whole):
    before = content(own_store)
    with pytest.raises(InputError, match="--confirm"):
        restore_backup(own_store.backend, whole, confirmed=False)
    assert content(own_store) == before


def test_a_damaged_store_is_put_aside(whole, tmp_path):
    path = tmp_path / "region.gpkg"
    path.write_bytes(b"damaged" * 100)
    kept = restore_backup(backend_of(path), whole, confirmed=True, date="20261122T030000Z")
    assert kept.name == "region.damaged-20261122T030000Z.gpkg"
    assert kept.read_bytes() == b"damaged" * 100
    assert len(open_store(path).layer("beds")) == 2


def _rewritten(change):
    def harm(whole, path):
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            members = {name: old.read(name) for name in old.namelist()}
            for name, data in change(members).items():
                new.writestr(name, data)

    return harm


def _manifest(**changed):
    return _rewritten(lambda m: {**m, MANIFEST: json.dumps({**json.loads(m[MANIFEST]), **changed})})


def _scrambled(whole, path):
    data = bytearray(whole.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 64] = random.Random(3).randbytes(64)
    path.write_bytes(data)


def _other_member(members):
    return {**members, "../outside.gpkg": b"x"}


@pytest.mark.parametrize(
    "harm",
    [
        lambda whole, path: path.write_bytes(b""),
        lambda whole, path: path.write_text("not a backup"),
        lambda whole, path: path.write_bytes(whole.read_bytes()[:-100]),
        lambda whole, path: path.write_bytes(whole.read_bytes()[: len(whole.read_bytes()) // 2]),
        _scrambled,
        _rewritten(lambda m: {name: data for name, data in m.items() if name != MANIFEST}),
        _rewritten(lambda m: {name: data for name, data in m.items() if name != STORE}),
        _rewritten(lambda m: {**m, STORE: m[STORE][:-1] + b"x"}),
        _rewritten(lambda m: {**m, STORE: m[STORE] + bytes(10_000_000)}),
        _rewritten(lambda m: {**m, MANIFEST: b"[" * 200_000}),
        _rewritten(lambda m: {**m, MANIFEST: b"[1, 2]"}),
        _rewritten(_other_member),
        _manifest(application="another"),
        _manifest(layers={}),
        _manifest(files={"../region.gpkg": {"bytes": 1, "sha256": ""}}),
    ],
    ids=range(15),
)
def test_a_damaged_backup_is_refused_in_words_and_changes_nothing(whole, tmp_path, harm):
    bad = tmp_path / "bad.zip"
    harm(whole, bad)
    store = tmp_path / "region.gpkg"
    store.write_bytes(b"as it was")
    with pytest.raises(BadFileError, match=r"bad\.zip is not a whole backup"):
        restore_backup(backend_of(store), bad, confirmed=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["bad.zip", "region.gpkg"]
    assert store.read_bytes() == b"as it was"


def test_a_backup_of_a_later_version_or_none_at_all(whole, tmp_path):
    for changed in ({"format": 2}, {"schema": 99}):
        _manifest(**changed)(whole, tmp_path / "late.zip")
        with pytest.raises(StoreError, match="later version"):
            check_backup(tmp_path / "late.zip")
    with pytest.raises(BadFileError, match=r"nothing\.zip cannot be read"):
        check_backup(tmp_path / "nothing.zip")


def test_a_backup_that_is_not_whole_never_takes_its_name(own_store, tmp_path, monkeypatch):
    (tmp_path / "a.zip").write_text("an older backup")

    def refuse(file):
        raise BadFileError("not whole")

    monkeypatch.setattr(backup_module, "check_backup", refuse)
    with pytest.raises(BadFileError):
        make_backup(own_store.backend, tmp_path / "a.zip")
    assert (tmp_path / "a.zip").read_text() == "an older backup"


def test_where_it_cannot_be_written(whole, tmp_path):
    (tmp_path / "file").write_text("in the way")
    store = open_store(shutil.copy(whole.with_name("region.gpkg"), tmp_path / "region.gpkg"))
    with pytest.raises(StoreError, match="cannot be written"):
        make_backup(store.backend, tmp_path / "file" / "a.zip")


def test_from_the_command_line(tmp_path, commands):
    def call(*arguments):
        return commands("geodata", *arguments, "--store", tmp_path / "region.gpkg")

    saved_twice(open_store(tmp_path / "region.gpkg"))
    done = call("history", "beds")
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["layer", "version"],
        ["beds", "1"],
        ["beds", "2"],
    ]
    assert "Lan" in done.stdout
    assert "11 layers, 776 rows, 1 former versions" in call("backup", "--out", tmp_path / "a.zip").stdout
    done = call("restore", "beds", "1")
    assert done.stdout == "beds: version 1 is the newest again, as version 3; rows: 1\n"
    refused = call("restore-backup", tmp_path / "a.zip")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    done = call("restore-backup", tmp_path / "a.zip", "--confirm")
    assert done.returncode == 0, done.stderr
    assert "before-restore-" in done.stdout
    assert open_store(tmp_path / "region.gpkg").history("beds")["version"].tolist() == [1, 2]
    for arguments in (("restore", "beds", "x"), ("restore", "beds", "9"), ("history", "nothing")):
        assert call(*arguments).returncode == 2
