"""Many sessions at once against a real server, without a browser: none fails, and who leaves takes the run along."""

import json
import threading
import time
from pathlib import Path

import pytest

from geodata.journal import FILE
from tests.browser.serving import Server
from tests.browser.sessions import Session

psutil = pytest.importorskip("psutil")
SESSIONS = 6
AT = "106.6519,10.9804"


@pytest.fixture(scope="module")
def server(compiled, new_store):
    with Server(new_store().path, settings={"server.disconnectedSessionTTL": "2"}) as running:
        yield running


def events(server):
    log = Path(server.store).parent / FILE
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_six_sessions_at_once_all_get_their_pages(server):
    faults, together = [], threading.Barrier(SESSIONS, timeout=120)

    def visit(number):
        try:
            with Session(server.url) as session:
                minutes = 10 + number // 2
                session.visit("catchment", f"lang=en&at={AT}&minutes={minutes}&mode=car")
                session.visit("corridors", "lang=en")
                together.wait()
        except Exception as fault:  # noqa: BLE001 - told below
            faults.append(repr(fault))
            together.abort()

    threads = [threading.Thread(target=visit, args=[number], daemon=True) for number in range(SESSIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(150)
    assert faults == []
    process = psutil.Process(server.process.pid)
    assert process.memory_info().rss < 1.2e9
    runs = [event for event in events(server) if event["event"] == "run"]
    assert {event["end"] for event in runs} == {"answered"}
    # two and two asked the same question: each was computed once
    assert len(runs) == len({event["run"] for event in runs}) == SESSIONS // 2


@pytest.fixture(scope="module")
def slow_server(server):
    with Server(server.store, script="tests/browser/slow_page.py") as running:
        yield running


def texts(messages):
    return [one.delta.new_element.text.body for one in messages if one.delta.new_element.HasField("text")]


def test_runs_of_sessions_that_leave_are_dropped_and_make_room(slow_server):
    leaving = [Session(slow_server.url) for _ in range(2)]
    for number, session in enumerate(leaving):
        session.ask(query=f"lang=en&name={number}&seconds=600")
    with Session(slow_server.url) as staying:
        staying.ask(query="lang=en&name=short&seconds=0.1")
        time.sleep(1)
        for session in leaving:
            session.close()
        assert texts(staying.answered(60))[0] == "the answer"
        deadline = time.monotonic() + 60
        while (said := texts(staying.visit(query="lang=en&name=short&seconds=0.1"))[1]) != "0 at work, 0 waiting":
            assert time.monotonic() < deadline, said
            time.sleep(0.5)
