"""Kill, starve, crowd and damage the store: nothing that was saved is lost, and every fault is told in words.

What a database can meet as well is tried on both kinds of store.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing.forkserver import ensure_running
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from filelock import FileLock

import geodata.gpkg as gpkg_module
import geodata.save as save_module
from geodata import postgis
from geodata.gpkg import check_whole
from geodata.place import backend_of
from geodata.save import sweep
from geodata.states import states_dir
from geodata.store import Store, open_store
from zoning.errors import StoreError

ROWS = 2_000
KILLS = {"file": 50, "postgis": 10}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills and limits of processes are those of Unix")


@pytest.fixture(scope="module")
def children():
    """Return what starts processes: forked from a clean one that has imported everything, so that a start is cheap."""
    context = multiprocessing.get_context("forkserver")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))  # the server does not take over sys.path
        context.set_forkserver_preload([__name__])
        ensure_running()
    return context


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    return open_store(tmp_path_factory.mktemp("built") / "region.gpkg").path


@pytest.fixture
def store(built, tmp_path):
    shutil.copyfile(built, tmp_path / "region.gpkg")
    return open_store(tmp_path / "region.gpkg")


def rows(mark, count=ROWS):
    x = 600_000 + np.arange(count)
    return gpd.GeoDataFrame(
        {"id": [f"{mark}-{i}" for i in range(count)], "mark": mark},
        geometry=gpd.points_from_xy(x, np.full(count, 1_220_000.0)),
        crs=9210,
    )


def again(place):
    """Return a store at a place that another process may have left in any state."""
    return Store(backend_of(place))


def assert_whole(place, marks=None, count=ROWS):
    """The store is sound, its embedded layers are there, and the layer `beds` is one saved state."""
    store = again(place)
    assert len(store.layer("zones")) == 69
    assert len(store.layer("stops")) == 296
    return assert_one_state(store, marks, count)


def assert_one_state(store, marks=None, count=ROWS):
    if not store.address:
        check_whole(store.path)
    assert len(store.names()) == 11
    beds = store.layer("beds")
    assert len(beds) == count
    assert set(beds["mark"]) == {beds["mark"][0]}
    if marks is not None:
        assert beds["mark"][0] in marks
    return int(beds["mark"][0])


def _save_for_ever(place, first, started):
    store, turn = again(place), first
    while True:
        turn += 1
        frame = rows(turn, 200)
        started.set()  # by now everything is imported, and the kill will hit a save
        store.write_layer("beds", frame)


def test_killed_at_any_moment_the_store_is_old_or_new(children, own_store, new_place):
    place = own_store.backend.address
    own_store.write_layer("beds", rows(0, 200))
    before = time.perf_counter()
    own_store.write_layer("beds", rows(0, 200))
    span_s = 1.3 * (time.perf_counter() - before)  # of a save, as busy as the machine is
    moments = random.Random(20261121)
    newest, news, left_over = 0, 0, 0
    for _ in range(KILLS[new_place.kind]):
        started = children.Event()
        child = children.Process(target=_save_for_ever, args=(place, newest, started))
        child.start()
        assert started.wait(60)
        time.sleep(moments.uniform(0.0, span_s))
        os.kill(child.pid, signal.SIGKILL)
        child.join(30)
        assert child.exitcode == -signal.SIGKILL
        mark = assert_one_state(again(place), count=200)
        assert mark >= newest  # never an older state than one that was saved
        news += mark > newest
        span_s *= 1.3 if mark == newest else 0.8  # round the moment at which a save is there, on any machine
        newest = mark
    assert 0 < news < KILLS[new_place.kind]  # some kills came before the save was there, and some after it
    history = again(place).history("beds")
    assert history["fingerprint"].iloc[-1] == own_store.fingerprint("beds")
    assert history["version"].is_monotonic_increasing
    assert history["kept"].tail(21).all()
    again(place).restore_version("beds", int(history["version"].iloc[-2]))  # what was kept before a save is whole, too
    own_store.write_layer("beds", rows(99))
    assert_whole(place, {99})
    if new_place.kind == "file":
        left_over = len(list(own_store.path.parent.glob(".region.*")))
        # the kills did hit saves: their copies are still there until they are an hour old
        assert left_over > 0
        assert sweep(own_store.path) == 0
        assert sweep(own_store.path, older_than_s=-1.0) >= left_over
        assert list(own_store.path.parent.glob(".region.*")) == []
        assert list(states_dir(own_store.path).glob(".*")) == []


def _append(place, mark):
    again(place).change_layer("beds", lambda now: pd.concat([now, rows(mark)], ignore_index=True), author=f"no. {mark}")


def test_six_threads_and_six_processes_lose_no_row(children, own_store):
    place = own_store.backend.address
    own_store.write_layer("beds", rows(0, 10))
    workers = [children.Process(target=_append, args=(place, mark)) for mark in range(1, 7)]
    workers += [threading.Thread(target=_append, args=(place, mark)) for mark in range(7, 13)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(240)
    assert [worker.exitcode for worker in workers[:6]] == [0] * 6
    store = open_store(place)
    beds = store.layer("beds")
    assert beds["mark"].value_counts().to_dict() == {0: 10} | dict.fromkeys(range(1, 13), ROWS)
    assert beds["id"].is_unique
    assert len(store.layer("zones")) == 69
    history = store.history("beds")
    assert sorted(history["author"][1:]) == sorted(f"no. {mark}" for mark in range(1, 13))
    assert history["rows_after"].tolist() == [10 + ROWS * number for number in range(13)]


def _save_some(place, times):
    store = again(place)
    for turn in range(1, times + 1):
        store.write_layer("beds", rows(turn))


def test_a_reader_sees_whole_states_while_others_save(children, own_store, monkeypatch):
    place = own_store.backend.address
    monkeypatch.setattr(postgis, "FRESH_S", 0.0)
    own_store.write_layer("beds", rows(0))
    writer = children.Process(target=_save_some, args=(place, 8))
    writer.start()
    seen, reader = [], again(place)
    while writer.is_alive():
        fresh = again(place).layer("beds")  # nothing in memory
        for beds in (reader.layer("beds"), fresh):
            assert len(beds) == ROWS
            assert set(beds["mark"]) == {beds["mark"][0]}
            seen.append(int(beds["mark"][0]))
    writer.join()
    assert writer.exitcode == 0
    assert len(set(seen)) > 2  # it did read between saves
    assert seen[::2] == sorted(seen[::2])  # and never an older state after a newer one
    assert reader.layer("beds")["mark"][0] == 8


def _open(place, answers):
    try:
        store = open_store(place)
        answers.put([store.fingerprint(name) for name in store.names()])
    except BaseException as error:  # noqa: BLE001 - the parent shall see it
        answers.put(repr(error))


@pytest.mark.parametrize("kind", ["file", "postgis"])
def test_processes_that_build_at_once_do_not_harm_each_other(children, tmp_path, built, kind, request):
    path = tmp_path / "new" / "region.gpkg"
    place = str(path)
    if kind == "postgis":
        postgres = request.getfixturevalue("postgres")
        postgres.run("CREATE DATABASE at_once OWNER planner")
        postgres.run("CREATE EXTENSION postgis", database="at_once")
        place = postgres.address("at_once")
    answers = children.Queue()
    workers = [children.Process(target=_open, args=(place, answers)) for _ in range(4)]
    for worker in workers:
        worker.start()
    got = [answers.get(timeout=120) for _ in workers]
    for worker in workers:
        worker.join(30)
    store = open_store(built)
    assert got == [[store.fingerprint(name) for name in store.names()]] * 4
    if kind == "file":
        assert sorted(file.name for file in path.parent.iterdir()) == ["region.gpkg", "region.gpkg.lock"]


def _no_space(*_args, **_kwargs):
    raise OSError(errno.ENOSPC, "No space left on device")


def _gdal_full(*_args, **_kwargs):
    raise pyogrio.errors.DataSourceError("sqlite3_exec(COMMIT) failed: database or disk is full")


@pytest.mark.parametrize(
    ("target", "attribute", "fault"),
    [
        (save_module.shutil, "copyfile", _no_space),
        (gpkg_module.pyogrio, "write_dataframe", _gdal_full),
        (save_module.os, "fsync", _no_space),
        (save_module.os, "replace", _no_space),
    ],
)
def test_a_full_disk_harms_nothing_and_is_told(store, monkeypatch, target, attribute, fault):
    store.write_layer("beds", rows(1))
    before = store.path.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(target, attribute, fault)
        with pytest.raises(StoreError, match=r"disk is full: .*region\.gpkg could not be saved"):
            store.write_layer("beds", rows(2))
    assert store.path.read_bytes() == before
    folders = [store.path.parent, states_dir(store.path)]
    assert [file for folder in folders if folder.exists() for file in folder.glob(".*")] == []
    assert store.history("beds")["version"].tolist() == [1]
    store.write_layer("beds", rows(2))
    assert_whole(store.path, {2})


def test_a_full_disk_of_a_database(postgres, monkeypatch):
    store = open_store(postgres.address(postgres.copy("empty", "disk_full")))
    store.write_layer("beds", rows(1))
    before = store.backend.seen(), store.history().to_dict("records")
    real = postgis.fill_table

    def full(connection, name, columns, frame):
        real(connection, name, columns, frame)
        connection.execute("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$")

    with monkeypatch.context() as patch:
        patch.setattr(postgis, "fill_table", full)
        with pytest.raises(StoreError, match="disk is full: postgresql://localhost/disk_full could not be saved"):
            store.write_layer("beds", rows(2))
    assert (store.backend.seen(), store.history().to_dict("records")) == before
    assert_whole(store.address, {1})


def test_a_database_that_stops_and_starts(postgres):
    store = open_store(postgres.address(postgres.copy("empty", "stopped")))
    store.write_layer("beds", rows(1))
    postgres.stop()
    try:
        for act in (lambda: store.write_layer("beds", rows(2)), lambda: store.backend.read("beds"), store.layers):
            with pytest.raises(StoreError, match="cannot be reached"):
                act()
    finally:
        postgres.start()
    assert_whole(store.address, {1})
    store.write_layer("beds", rows(2))
    assert_whole(store.address, {2})


def _save_with_little_room(path, answers):
    import resource

    limit = Path(path).stat().st_size + 100_000  # bytes that any file of this process may have
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        Store(Path(path)).write_layer("beds", rows(2, 20_000))
        answers.put("saved")
    except StoreError as error:
        answers.put(str(error))
    except BaseException as error:  # noqa: BLE001 - the parent shall see it
        answers.put(repr(error))


def test_a_write_that_the_system_stops_half_way(children, store):
    store.write_layer("beds", rows(1))
    before = store.path.read_bytes()
    answers = children.Queue()
    child = children.Process(target=_save_with_little_room, args=(str(store.path), answers))
    child.start()
    answer = answers.get(timeout=60)
    child.join(30)
    assert "could not be" in answer or "cannot be" in answer or "did not come back" in answer, answer
    assert store.path.read_bytes() == before
    assert_whole(store.path, {1})


def _use_without_rights(folder, answers):
    if os.getuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    told = []
    store = open_store(Path(folder) / "region.gpkg")
    told.append(str(len(store.layer("zones"))))
    for act in (lambda: store.write_layer("beds", rows(1)), lambda: open_store(Path(folder) / "new.gpkg")):
        try:
            act()
            told.append("no fault")
        except StoreError as error:
            told.append(str(error))
        except BaseException as error:  # noqa: BLE001 - the parent shall see it
            told.append(repr(error))
    answers.put(told)


def test_a_folder_that_may_only_be_read(children, built):
    folder = Path(tempfile.mkdtemp(prefix="region-readonly-"))
    try:
        shutil.copyfile(built, folder / "region.gpkg")
        (folder / "region.gpkg").chmod(0o444)
        folder.chmod(0o555)
        answers = children.Queue()
        child = children.Process(target=_use_without_rights, args=(str(folder), answers))
        child.start()
        zones, write, build = answers.get(timeout=60)
        child.join(30)
        assert zones == "69"  # reading goes on
        for sentence in (write, build):
            assert f"The folder {folder} cannot be written" in sentence
            assert "INNOVATION_REGION_STORE" in sentence
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be written"):
        open_store(tmp_path / "file" / "region.gpkg")
    (tmp_path / "folder.gpkg").mkdir()
    with pytest.raises(StoreError, match="is not a file"):
        open_store(tmp_path / "folder.gpkg")


VRT = (
    "<OGRVRTDataSource><OGRVRTLayer name='layer_info'><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer>"
    "</OGRVRTDataSource>"
)


def _truncated(share):
    return lambda whole: whole[: int(len(whole) * share)]


def _scrambled(whole):
    noise = random.Random(5).randbytes(4096 * 8)
    return whole[: 4096 * 20] + noise + whole[4096 * 28 :]


@pytest.mark.parametrize(
    "harm",
    [
        lambda _: b"",
        lambda _: b"not a database" * 50,
        lambda _: VRT.encode(),
        lambda whole: whole[:99],
        _truncated(0.01),
        _truncated(0.5),
        lambda whole: whole[:-1],
        _scrambled,
        lambda whole: whole[:100] + bytes(4000) + whole[4100:],
    ],
)
def test_a_damaged_file_is_told_and_left_as_it_is(built, tmp_path, harm):
    path = tmp_path / "region.gpkg"
    path.write_bytes(harm(built.read_bytes()))
    before = path.read_bytes()
    for _ in range(2):
        with pytest.raises(StoreError) as caught:
            open_store(path)
        assert "is damaged and was left as it is" in str(caught.value)
        assert "Rename it" in str(caught.value)
    assert path.read_bytes() == before
    # what the sentence says helps
    path.rename(tmp_path / "damaged.gpkg")
    assert len(open_store(path).layer("zones")) == 69


def test_damage_while_the_store_is_open(store):
    store.write_layer("beds", rows(1))
    whole = store.path.read_bytes()
    store.path.write_bytes(whole[: len(whole) // 2])
    for act in (lambda: store.layer("beds"), lambda: store.write_layer("beds", rows(2)), store.layers):
        with pytest.raises(StoreError):
            act()
    store.path.unlink()
    with pytest.raises(StoreError, match="not there any more"):
        store.layer("beds")
    store.path.write_bytes(whole)
    assert len(store.layer("beds")) == ROWS


def test_files_of_others_are_not_taken_for_the_store(tmp_path):
    mine = tmp_path / "plan.gpkg"
    rows(1, 5).to_file(mine, layer="plan", driver="GPKG")
    before = mine.read_bytes()
    with pytest.raises(StoreError, match="not a store of this application"):
        open_store(mine)
    assert mine.read_bytes() == before
    plain = tmp_path / "plain.gpkg"
    with sqlite3.connect(plain) as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    with pytest.raises(StoreError):
        open_store(plain)


def test_another_machine_that_keeps_the_lock(postgres, monkeypatch):
    monkeypatch.setattr(save_module, "LOCK_WAIT_S", 0.2)
    place = postgres.address(postgres.copy("empty", "locked"))
    store = open_store(place)
    with again(place).backend.only_writer(), pytest.raises(StoreError, match="Somebody else has been saving"):
        store.write_layer("beds", rows(1))
    store.write_layer("beds", rows(1))
    assert_whole(place, {1})


def test_another_process_that_keeps_the_lock(store, monkeypatch):
    monkeypatch.setattr(save_module, "LOCK_WAIT_S", 0.2)
    with FileLock(f"{store.path}.lock"), pytest.raises(StoreError, match="Somebody else has been saving"):
        store.write_layer("beds", rows(1))
    store.write_layer("beds", rows(1))
    assert_whole(store.path, {1})


SAVE = """
import os, sys, time
import geopandas as gpd
from geodata.store import open_store
store = open_store()
points = gpd.points_from_xy([6e5], [1.22e6])
frame = gpd.GeoDataFrame({"id": ["Thủ Dầu Một"], "share": [0.5]}, geometry=points, crs=9210)
store.write_layer("beds", frame, {"title_vi": "Giường bệnh"}, author="Phạm Thị Lan")
again = open_store()
print(again.fingerprint("beds"), again.fingerprint("zones"), again.history("beds")["date"].iloc[-1], sep="|")
"""
MATRIX = {
    "plain": {},
    "C, far west": {"LC_ALL": "C", "LANG": "C", "TZ": "Pacific/Honolulu"},
    "comma for the point, here": {"LC_ALL": "vi_VN.UTF-8", "LC_NUMERIC": "de_DE.UTF-8", "TZ": "Asia/Ho_Chi_Minh"},
    "no home": {"HOME": None, "USER": None, "LOGNAME": None, "XDG_DATA_HOME": None},
    "a home nobody can write": {"HOME": "/proc/nothing", "XDG_CACHE_HOME": "/proc/nothing", "TMPDIR": "/nothing"},
}


def _run(code, changed, place):
    env = {
        **os.environ,
        "INNOVATION_REGION_STORE": str(place),
        "PYTHONIOENCODING": "utf-8",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    env |= {key: value for key, value in changed.items() if value is not None}
    for key in (key for key, value in changed.items() if value is None):
        env.pop(key, None)
    if not place:
        env.pop("INNOVATION_REGION_STORE")
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(code, capture_output=True, text=True, encoding="utf-8", env=env, cwd=root, check=False)


@pytest.fixture(scope="module")
def plain_answer(built, tmp_path_factory):
    place = shutil.copyfile(built, tmp_path_factory.mktemp("plain") / "region.gpkg")
    return _run([sys.executable, "-c", SAVE], {}, place).stdout.split("|")


@pytest.mark.parametrize("case", list(MATRIX)[1:])
def test_locale_clock_and_home_change_nothing(built, tmp_path, plain_answer, case):
    done = _run([sys.executable, "-W", "error", "-c", SAVE], MATRIX[case], shutil.copyfile(built, tmp_path / "a.gpkg"))
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    zones, beds, date = done.stdout.strip().split("|")
    assert [zones, beds] == plain_answer[:2]
    assert date.endswith("+00:00")
    assert abs(pd.Timestamp(date) - pd.Timestamp.now("UTC")) < pd.Timedelta(minutes=10)  # wherever the clock stands


def test_without_a_place_to_write_it_is_told():
    done = _run(
        [sys.executable, "-m", "geodata", "layers"], MATRIX["a home nobody can write"] | {"XDG_DATA_HOME": None}, ""
    )
    assert done.returncode == 2
    assert "The folder /proc/nothing" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_clock_that_was_wrong_loses_nothing(store):
    store.write_layer("beds", rows(1))
    for moment in (0, 4_000_000_000):  # 1970 and 2096
        os.utime(store.path, (moment, moment))
        assert again(store.path).layer("beds")["mark"][0] == 1
    other = store.path.with_name(".region.of-the-future.gpkg")
    other.write_bytes(b"somebody is writing")
    os.utime(other, (4_000_000_000, 4_000_000_000))
    store.write_layer("beds", rows(2))
    assert other.exists()
    assert_whole(store.path, {2})
