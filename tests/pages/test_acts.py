"""What changes data runs in the queue as well: begun once, stopped for good, and told apart from what came too late."""

import threading
import time
from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from streamlit.testing.v1 import AppTest

from pages.ui import downloads
from pages.ui.waiting import Told, queue
from zoning.pace import checkpoint

SOON_S = 30


def script():
    import streamlit as st

    from pages.ui.waiting import act
    from zoning.errors import ZoningError

    try:
        doing = st.session_state["doing"]
        st.text(act("try", doing.token, doing, "Doing it", limit_s=60, told=doing.told))
    except ZoningError as fault:
        st.text(fault.text())


class Doing:
    """Work that goes on until it is let go; it looks whether to stop only where it is told to."""

    def __init__(self, token, *, heeds=True):
        self.token, self.heeds, self.told, self.calls = token, heeds, Told(), 0
        self.go = threading.Event()

    def __call__(self):
        self.calls += 1
        self.told.note("Saving the streets", 0.5)
        while not self.go.wait(0.01):
            if self.heeds:
                checkpoint()
        return "done"


def page(doing):
    app = AppTest.from_function(script, default_timeout=SOON_S)
    app.session_state["doing"] = doing
    return app


def waiting(app, doing):
    """Run the page in a thread, and return the thread once the work is going on."""
    thread = threading.Thread(target=app.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + SOON_S
    while not (runs := [run for run in queue()._running if run.work is doing]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return thread, runs[0]


def test_what_was_stopped_is_not_begun_again_before_the_planner_says_so():
    doing = Doing("stopped")
    app = page(doing)
    thread, run = waiting(app, doing)
    queue().give_up(run)
    thread.join(SOON_S)
    for _ in range(2):  # a click elsewhere begins nothing
        assert [text.value for text in app.text] == ["Stopped. Nothing was changed."]
        assert doing.calls == 1
        app.run()
    doing.go.set()
    app.button[0].click().run()
    assert [text.value for text in app.text] == ["done"]
    assert doing.calls == 2


def test_a_stop_that_comes_too_late_says_what_was_done():
    doing = Doing("late", heeds=False)  # the streets are being saved
    app = page(doing)
    thread, run = waiting(app, doing)
    queue().give_up(run)
    doing.go.set()
    thread.join(SOON_S)
    assert [text.value for text in app.text] == ["done"]
    assert not app.button


def layer(rows, vertices):
    angles = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    ring = shapely.Polygon(np.column_stack([np.cos(angles), np.sin(angles)]))
    return gpd.GeoDataFrame({"id": [str(at) for at in range(rows)]}, geometry=[ring] * rows, crs=9210)


@pytest.mark.parametrize(
    ("rows", "vertices", "asked", "big"),
    [(36, 60, None, False), (2_500, 3, None, True), (100, 1_000, None, True), (100, 1_000, 1, False)],
)
def test_exports_of_big_layers_wait_for_their_turn_and_others_do_not(monkeypatch, rows, vertices, asked, big):
    frame, ids = layer(rows, vertices), None if asked is None else ["0"]
    made = []
    monkeypatch.setattr(downloads, "store", lambda: SimpleNamespace(layer=lambda _: frame, fingerprint=lambda _: "a"))
    monkeypatch.setattr(downloads, "_format", lambda _: "geojson")
    monkeypatch.setattr(downloads, "_offer", lambda export, key: made.append(export))
    monkeypatch.setattr(downloads, "_layer_export", lambda *_: "at once")
    monkeypatch.setattr(downloads, "heavy", lambda job, question, work, words: "in the queue")
    downloads.layer_downloads("own", ids)
    assert made == ["in the queue" if big else "at once"]
    frame = gpd.pd.DataFrame(frame.drop(columns="geometry"))
    assert downloads._is_big(frame) is (rows > downloads.BIG_ROWS)
