"""Memory is given back some seconds after sessions end, once for many of them."""

import gc
import weakref

import streamlit as st

from pages.ui import memory

MADE = []


class Timer:
    def __init__(self, wait_s, work):
        self.wait_s, self.work, self.state = wait_s, work, "new"
        MADE.append(self)

    def start(self):
        self.state = "running"

    def cancel(self):
        self.state = "cancelled"


class Knot:
    pass


def test_what_refers_to_itself_is_collected():
    knot = Knot()
    knot.self = knot
    seen = weakref.ref(knot)
    gc.disable()
    try:
        del knot
        assert seen() is not None
        memory.give_back()
        assert seen() is None
    finally:
        gc.enable()


def test_many_ends_make_one_plan_after_the_sessions_are_forgotten(monkeypatch):
    MADE.clear()
    monkeypatch.setattr(memory.threading, "Timer", Timer)
    monkeypatch.setattr(memory, "_planned", [])
    given = []
    monkeypatch.setattr(memory, "give_back", lambda: given.append(1))
    for _ in range(5):
        memory._later(object())
    assert [timer.state for timer in MADE] == ["cancelled"] * 4 + ["running"]
    assert MADE[-1].daemon
    assert MADE[-1].wait_s > st.get_option("server.disconnectedSessionTTL")
    MADE[-1].work()
    assert given == [1]
    assert memory._planned == []
