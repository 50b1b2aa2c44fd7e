"""Long work ends at its next checkpoint when it is stopped or its time is up, and nowhere else."""

import threading
import time

import numpy as np
import pytest

from geodata import compiling
from geodata.watch import Watch
from zoning.errors import ZoningError
from zoning.jobs import access, catchment, check, stations
from zoning.pace import DeadlineError, Pace, StoppedError, checkpoint, held, paced, untimed
from zoning.reach.pairs import block_rows


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_a_checkpoint_outside_of_any_pace_does_nothing():
    checkpoint()
    with untimed(), held(threading.Lock()):
        checkpoint()


def test_work_that_is_not_wanted_any_more_ends_at_the_next_checkpoint():
    wanted = [True]
    with paced(Pace(cancelled=lambda: not wanted[0])):
        checkpoint()
        wanted[0] = False
        with pytest.raises(StoppedError, match="Nothing was changed"):
            checkpoint()
    checkpoint()  # the pace ended with its block


def test_the_deadline_counts_from_the_start_and_says_how_long_it_was():
    clock = Clock()
    with paced(Pace(limit_s=10, clock=clock)):
        clock.now += 10
        checkpoint()
        clock.now += 0.1
        with pytest.raises(DeadlineError, match="after 10 seconds"):
            checkpoint()


def test_what_is_made_for_everybody_does_not_count_but_can_be_stopped():
    clock, stop = Clock(), [False]
    with paced(Pace(limit_s=10, cancelled=lambda: stop[0], clock=clock)) as pace:
        with untimed():
            clock.now += 100
            with untimed():
                clock.now += 100
                checkpoint()
            checkpoint()  # the outer block still is not timed
            stop[0] = True
            with pytest.raises(StoppedError):
                checkpoint()
            stop[0] = False
        assert pace.spent_s == pytest.approx(0)
        clock.now += 10.5
        with pytest.raises(DeadlineError):
            checkpoint()


def test_each_thread_has_its_own_pace():
    seen = []
    with paced(Pace(cancelled=lambda: True)):
        thread = threading.Thread(target=lambda: (checkpoint(), seen.append("went on")))
        thread.start()
        thread.join()
        with pytest.raises(StoppedError):
            checkpoint()
    assert seen == ["went on"]


def test_who_waits_for_a_lock_can_be_stopped():
    lock, start = threading.Lock(), time.monotonic()
    with lock, paced(Pace(cancelled=lambda: True)), pytest.raises(StoppedError), held(lock):
        pytest.fail("the lock is another's")
    assert time.monotonic() - start < 5
    with paced(Pace()), held(lock):
        assert lock.locked()
    assert not lock.locked()


def test_a_lock_is_given_back_after_a_fault():
    lock = threading.Lock()
    with pytest.raises(ZeroDivisionError), paced(Pace()), held(lock):
        raise ZeroDivisionError
    assert not lock.locked()


@pytest.mark.parametrize("kind", [StoppedError, DeadlineError])
def test_no_code_that_goes_on_after_a_file_fault_swallows_a_stop(kind):
    assert issubclass(kind, ZoningError)
    assert not issubclass(kind, OSError | ValueError)


def test_pairs_are_weighed_with_a_checkpoint_a_block():
    with paced(Pace(cancelled=lambda: True)), pytest.raises(StoppedError):
        list(block_rows((3, 3)))


def test_loading_ends_at_the_page_s_stop_as_well_as_at_its_own():
    with paced(Pace(cancelled=lambda: True)), pytest.raises(StoppedError):
        Watch().check()


@pytest.fixture(scope="module")
def region(compiled, new_store):
    from geodata.region import StoreRegion

    made = StoreRegion(new_store())
    made.prepare()
    return made


AT = ((106.6519, 10.9804),)
JOBS = {
    "catchment": (catchment, catchment.CatchmentRequest(AT, (5.0, 10.0), "car")),
    "access": (access, access.AccessRequest("facilities:hospital", "2sfca", 20.0)),
    "check": (check, check.CheckRequest("2026-12-31")),
    "stations": (stations, stations.StationsRequest(("metro-1-bd",))),
}


@pytest.mark.parametrize("name", ["catchment", "access", "check", "stations"])
def test_a_stopped_job_leaves_the_next_answer_as_it_was(region, name):
    job, request = JOBS[name]
    if name == "stations":
        lines = region.layer("corridors")
        request = stations.StationsRequest(tuple(lines.loc[lines["mode"].isin(stations.LINE_MODES), "id"][:1]))
    before = job.run(request, region)
    calls = []

    def third():
        calls.append(1)
        return len(calls) > 2

    with paced(Pace(cancelled=third)), pytest.raises(StoppedError):
        job.run(request, region)
    after = job.run(request, region)
    assert after.run["id"] == before.run["id"]
    for frame, table in before.frames.items():
        numbers = table.select_dtypes("number")
        assert np.array_equal(numbers.to_numpy(float), after.frames[frame][numbers.columns].to_numpy(float), True)


def test_who_stops_waiting_for_a_network_leaves_it_to_the_next_one(region, tmp_path):
    file, looks = tmp_path / "networks" / "made.npz", []

    def second():
        looks.append(1)
        return len(looks) > 1

    with paced(Pace(cancelled=second)), pytest.raises(StoppedError):
        compiling.compile_aside(region.store.path, "strategic", file)
    assert list(compiling._left) == [file]
    process = compiling._left[file].process
    with paced(Pace(limit_s=60)):
        compiling.compile_aside(region.store.path, "strategic", file)
    assert process.returncode == 0
    assert file.stat().st_size > 0
    assert not compiling._left


def test_a_process_that_compiles_too_long_is_ended(region, tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(compiling, "COMPILE_LIMIT_S", 0.0)
    compiling.compile_aside(region.store.path, "strategic", tmp_path / "n" / "made.npz")
    assert "was not compiled aside" in caplog.text
    assert not (tmp_path / "n" / "made.npz").exists()
