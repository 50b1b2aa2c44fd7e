"""Heavy runs go a few at a time, each question once; they end when nobody waits, and answers do not fill the memory."""

import threading
import time
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from pages.ui.queue import LEAVE_S, Queue
from pages.ui.weight import weight_of
from zoning.errors import InputError
from zoning.pace import DeadlineError, StoppedError, checkpoint

SOON_S = 20


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class Work:
    """A run that goes on until it is let go or stopped, and counts how many like it go on at once."""

    most = 0
    now = 0
    guard = threading.Lock()

    def __init__(self, answer="answer"):
        self.answer, self.go, self.began, self.ended = answer, threading.Event(), threading.Event(), False
        self.calls = 0

    def __call__(self):
        self.calls += 1
        with Work.guard:
            Work.now += 1
            Work.most = max(Work.most, Work.now)
        self.began.set()
        try:
            while not self.go.wait(0.005):
                checkpoint()
        finally:
            self.ended = True
            with Work.guard:
                Work.now -= 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture(autouse=True)
def _count_from_zero():
    Work.most = Work.now = 0


def settled(queue, **busy):
    deadline = time.monotonic() + SOON_S
    while time.monotonic() < deadline:
        now = queue.busy()
        if all(getattr(now, name) == value for name, value in busy.items()):
            return now
        time.sleep(0.005)
    raise AssertionError(f"{queue.busy()} is not {busy}")


def test_two_go_at_once_the_others_wait_in_the_order_of_asking():
    queue, works = Queue(2), [Work(number) for number in range(5)]
    runs = [queue.ask("job", number, work, f"planner {number}", 60) for number, work in enumerate(works)]
    assert [queue.seen(run, f"planner {number}") for number, run in enumerate(runs)] == [0, 0, 1, 2, 3]
    assert settled(queue, running=2, waiting=3)
    works[1].go.set()
    assert runs[1].done.wait(SOON_S)
    settled(queue, running=2, waiting=2)
    assert works[2].began.wait(SOON_S)
    assert [queue.seen(run, f"planner {number}") for number, run in enumerate(runs)][2:] == [0, 1, 2]
    for work in works:
        work.go.set()
    assert all(run.done.wait(SOON_S) for run in runs)
    assert [run.value for run in runs] == [0, 1, 2, 3, 4]
    assert Work.most == 2
    assert settled(queue, running=0, waiting=0, answered=5)


def test_one_question_is_computed_once_for_everybody_who_asks():
    queue, work = Queue(2), Work()
    first, second = (queue.ask("job", "same", work, who, 60) for who in ("a", "b"))
    assert first is second
    work.go.set()
    assert first.done.wait(SOON_S)
    assert queue.ask("job", "same", work, "c", 60).value == "answer"
    assert work.calls == 1


def test_a_run_ends_at_its_next_checkpoint_when_its_planner_stops_it():
    queue, work = Queue(1), Work()
    run = queue.ask("job", "q", work, "a", 60)
    assert work.began.wait(SOON_S)
    start = time.monotonic()
    queue.stop("q", "a")
    assert run.done.wait(SOON_S)
    assert time.monotonic() - start < 2
    assert isinstance(run.fault, StoppedError)
    assert work.ended
    assert settled(queue, running=0, stopped=1, kept=0)


def test_a_run_goes_on_for_the_other_who_waits_for_it():
    queue, work = Queue(1), Work()
    run = queue.ask("job", "q", work, "a", 60)
    queue.ask("job", "q", work, "b", 60)
    queue.stop("q", "a")
    assert not run.done.wait(0.1)
    work.go.set()
    assert run.done.wait(SOON_S)
    assert run.value == "answer"


def test_who_waits_in_line_can_go_and_never_costs_a_run():
    queue, works = Queue(1), [Work(), Work(), Work()]
    runs = [queue.ask("job", at, work, str(at), 60) for at, work in enumerate(works)]
    queue.leave(runs[1], "1")
    assert runs[1].done.is_set()
    assert isinstance(runs[1].fault, StoppedError)
    assert queue.seen(runs[2], "2") == 1
    for work in works:
        work.go.set()
    assert runs[2].done.wait(SOON_S)
    assert works[1].calls == 0


def test_a_page_that_runs_again_finds_its_run_and_one_that_does_not_return_loses_it():
    clock = Clock()
    queue, work = Queue(1, clock=clock), Work()
    run = queue.ask("job", "q", work, "a", 1e9)
    queue.leave(run, "a", at_once=False)
    clock.now += LEAVE_S - 0.1
    assert queue.ask("job", "q", work, "a", 1e9) is run  # it came back in time
    clock.now += LEAVE_S + 0.1
    assert not run.done.wait(0.1)
    queue.leave(run, "a", at_once=False)
    clock.now += LEAVE_S + 0.1
    assert run.done.wait(SOON_S)
    assert isinstance(run.fault, StoppedError)


def test_the_runs_of_a_session_that_is_gone_are_dropped_running_or_waiting():
    clock = Clock()
    queue, works = Queue(1, lost_s=15, clock=clock), [Work(), Work(), Work()]
    runs = [queue.ask("job", at, work, "gone", 1e9) for at, work in enumerate(works[:2])]
    clock.now += 16
    last = queue.ask("job", 2, works[2], "here", 1e9)
    assert runs[0].done.wait(SOON_S)
    assert runs[1].done.is_set()
    assert works[2].began.wait(SOON_S)
    works[2].go.set()
    assert last.done.wait(SOON_S)
    assert works[1].calls == 0


def test_a_deadline_ends_a_run_and_says_so():
    queue, work = Queue(1), Work()
    run = queue.ask("job", "q", work, "a", 0.05)
    assert run.done.wait(SOON_S)
    assert isinstance(run.fault, DeadlineError)
    assert settled(queue, failed=1, kept=0)


def test_the_line_does_not_count_against_the_deadline():
    queue, first, second = Queue(1), Work(), Work()
    queue.ask("job", 1, first, "a", 60)
    run = queue.ask("job", 2, second, "b", 0.5)
    time.sleep(0.6)
    queue.seen(run, "b")
    first.go.set()
    second.go.set()
    assert run.done.wait(SOON_S)
    assert run.fault is None


def test_a_fault_is_given_to_who_asked_and_not_kept():
    queue, work = Queue(1), Work(InputError("no"))
    work.go.set()
    run = queue.ask("job", "q", work, "a", 60)
    assert run.done.wait(SOON_S)
    assert isinstance(run.fault, InputError)
    again = queue.ask("job", "q", lambda: 3, "a", 60)
    assert again.done.wait(SOON_S)
    assert again.value == 3


def test_answers_are_kept_up_to_their_bytes_the_last_used_ones():
    queue = Queue(1, kept_bytes=3_500)

    def ask(name):
        run = queue.ask("job", name, lambda: np.zeros(125), "a", 60)  # 1,000 bytes
        assert run.done.wait(SOON_S)
        return run

    first = [ask(name) for name in "abc"]
    assert ask("a") is first[0]  # used again
    ask("d")
    assert settled(queue, kept=3).kept_bytes <= 3_500
    assert ask("a") is first[0]
    assert ask("b") is not first[1]


def test_one_answer_is_kept_however_large():
    queue = Queue(1, kept_bytes=10)
    run = queue.ask("job", "q", lambda: np.zeros(125), "a", 60)
    assert run.done.wait(SOON_S)
    assert queue.ask("job", "q", lambda: 1, "a", 60) is run


def test_old_answers_are_forgotten():
    clock = Clock()
    queue = Queue(1, kept_s=100, clock=clock)
    run = queue.ask("job", "q", lambda: 1, "a", 1e9)
    assert run.done.wait(SOON_S)
    clock.now = 101
    assert queue.busy().kept == 0


def test_a_finished_run_holds_no_region():
    class Big:
        def __call__(self):
            return 1

    queue, big = Queue(1), Big()
    run = queue.ask("job", "q", big, "a", 60)
    assert run.done.wait(SOON_S)
    settled(queue, running=0)
    assert run.work is not big


@dataclass(frozen=True)
class Answer:
    frames: dict
    figures: dict


def test_an_answer_weighs_about_what_it_holds():
    assert weight_of(np.zeros(1000)) == 8000
    assert weight_of({"a": np.zeros(1000), "b": (np.zeros(1000, np.uint8),)}) == pytest.approx(9000, rel=0.05)
    line = shapely.LineString(np.zeros((1000, 2)))
    frame = gpd.GeoDataFrame({"n": np.zeros(3)}, geometry=[line, None, line])
    assert weight_of(frame) == pytest.approx(2 * 16_000, rel=0.05)
    table = pd.DataFrame({"text": ["x" * 1000] * 10})
    assert weight_of(Answer({"t": table, "f": frame}, {})) == pytest.approx(42_000, rel=0.1)
    assert 0 < weight_of(object()) < 1000


def test_what_is_given_up_ends_though_somebody_is_seen_waiting_to_hear_of_it():
    queue, work = Queue(1), Work()
    run = queue.ask("job", "one", work, "planner", 60)
    assert work.began.wait(SOON_S)
    queue.give_up(run)
    queue.seen(run, "planner")
    assert run.done.wait(SOON_S)
    assert isinstance(run.fault, StoppedError)
    assert settled(queue, running=0, stopped=1)
