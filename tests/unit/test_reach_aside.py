"""Hold what is done aside to what it owes the work around it: its result, its errors, its stop button."""

from __future__ import annotations

import threading

import pytest

from zoning.pace import Pace, StoppedError, checkpoint, paced
from zoning.reach.aside import both


def test_both_are_done_at_once_and_no_thread_is_left():
    before = threading.active_count()
    meet = threading.Barrier(2, timeout=60)  # neither passes before the other is there
    assert both(lambda: (meet.wait(), "one")[1], lambda: (meet.wait(), "other")[1]) == ("one", "other")
    assert threading.active_count() == before


def test_what_is_done_aside_is_stopped_as_the_rest_is():
    asked = []
    pace = Pace(cancelled=lambda: asked.append(threading.current_thread()) or len(asked) > 2)

    def work():
        while True:
            checkpoint()

    with paced(pace), pytest.raises(StoppedError):
        both(lambda: None, work)
    assert len(asked) == 3
    assert threading.current_thread() not in asked


def test_the_error_of_the_first_is_told_once_the_second_has_ended():
    ended = []

    def fail():
        raise ValueError("first")

    def slow():
        ended.append(threading.Event().wait(0.05))
        raise KeyError("second")

    with pytest.raises(ValueError, match="first"):
        both(fail, slow)
    assert ended == [False]
    with pytest.raises(KeyError):
        both(lambda: None, slow)
