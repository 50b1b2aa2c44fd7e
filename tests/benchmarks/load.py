"""Measure what many planners at once cost: memory after 50 runs, its growth, 20 sessions, 20 browser windows."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator

import psutil

from tests.benchmarks.figures import Figure
from tests.browser.crowd import visit_at_once
from tests.browser.serving import Server
from tests.browser.sessions import Session

SESSIONS, RUNS, LAST = 10, 50, 20
MANY = 20
GONE_S = 10
"""How soon the server forgets a closed session here; it is 120 s in `.streamlit/config.toml`."""
PAGES = ("", "thu_dau_mot", "bau_bang", "corridors", "programme", "data")
WINDOWS = ("", "thu_dau_mot", "corridors")
"""Pages whose maps show at least the wards."""
PLACES = ("106.6519,10.9804", "106.6819,11.0566", "106.6819,11.0566;106.6519,10.9804")
MODES = ("motorbike", "car", "walk", "bicycle")


def measure() -> Iterator[Figure]:
    """Yield the figures of the load: of sessions that are websockets, as browsers open them, and of real windows."""
    yield from _windows(random.Random(11))
    chance = random.Random(7)
    with Server(settings={"server.disconnectedSessionTTL": str(GONE_S)}) as server:
        with Session(server.url) as first:
            first.visit()
            first.visit("catchment", _question(chance))  # compiles the network
        yield Figure("server memory, one session, one catchment", _memory_mb(server), "MB")
        seen = []
        sessions = [Session(server.url) for _ in range(SESSIONS)]
        for number in range(RUNS):
            sessions[number % SESSIONS].visit("catchment", _question(chance))
            seen.append(_memory_mb(server))
        yield Figure(f"server memory after {RUNS} runs, {SESSIONS} sessions", seen[-1], "MB", at_most=800)
        growth = 100 * (max(seen[-5:]) - max(seen[-LAST - 5 : -LAST])) / seen[-LAST]
        yield Figure(f"growth of memory in the last {LAST} runs", max(growth, 0.0), "%", at_most=5)
        for session in sessions:
            session.close()
        time.sleep(GONE_S + 5)
        yield from _many(server, chance)


def _windows(chance: random.Random) -> Iterator[Figure]:
    """Yield the figures of so many windows in Chromium on a server of their own."""
    with Server(settings={"server.disconnectedSessionTTL": str(GONE_S)}) as server:
        visit_at_once(server.url, [("corridors", _question(chance))])  # compiles the network
        time.sleep(GONE_S + 10)
        before, most, done = _memory_mb(server), [0.0], threading.Event()

        def watch() -> None:
            while not done.wait(0.2):
                most[0] = max(most[0], _memory_mb(server))

        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        crowd = visit_at_once(server.url, [(WINDOWS[at % len(WINDOWS)], _question(chance)) for at in range(MANY)])
        done.set()
        watcher.join()
        peer = "; ".join(crowd.faults[:3])
        yield Figure(f"{MANY} windows of Chromium open, faults", len(crowd.faults), "", at_most=0, peer=peer)
        yield Figure(f"server memory, {MANY} windows open, at most", most[0], "MB", at_most=1200)
        for what, times in (("map drawn", crowd.maps_s), ("catchment", crowd.runs_s)):
            if times:
                slow = sorted(times)[int(0.95 * len(times))]
                yield Figure(f"page until {what}, {MANY} windows open, 95 of 100", slow, "s")
        time.sleep(GONE_S + 20)
        left = 100 * (_memory_mb(server) - before) / before
        yield Figure("memory kept after the windows closed", max(left, 0.0), "%", at_most=20)


def _many(server: Server, chance: random.Random) -> Iterator[Figure]:
    before, most, faults, times = _memory_mb(server), [0.0], list[str](), list[float]()
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            most[0] = max(most[0], _memory_mb(server))

    def visit(questions: list[str]) -> None:
        try:
            with Session(server.url) as session:
                for at, question in enumerate(questions):
                    start = time.perf_counter()
                    session.visit(PAGES[at % len(PAGES)] if at % 2 else "catchment", question)
                    times.append(time.perf_counter() - start)
                together.wait(timeout=300)  # all of them are open at once
        except Exception as fault:  # noqa: BLE001 - counted and shown
            faults.append(f"{type(fault).__name__}: {fault}")
            together.abort()

    together = threading.Barrier(MANY)
    threads = [
        threading.Thread(target=visit, args=[[_question(chance) for _ in range(4)]], daemon=True) for _ in range(MANY)
    ]
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    watcher.join()
    yield Figure(f"{MANY} sessions at once that failed", len(faults), "", at_most=0, peer="; ".join(faults[:3]))
    yield Figure(f"server memory, {MANY} sessions at once, at most", most[0], "MB", at_most=1200)
    yield Figure(f"page or run, {MANY} sessions at once, 95 of 100", sorted(times)[int(0.95 * len(times))], "s")
    time.sleep(GONE_S + 10)
    left = 100 * (_memory_mb(server) - before) / before
    yield Figure("memory kept after they closed", max(left, 0.0), "%", at_most=20)


def _question(chance: random.Random) -> str:
    minutes = ",".join(str(one) for one in sorted(chance.sample(range(5, 40), 3)))
    hour, mode = chance.choice(("", "7.5", "12.0", "17.0")), chance.choice(MODES)
    return f"lang=en&at={chance.choice(PLACES)}&minutes={minutes}&mode={mode}&hour={hour}"


def _memory_mb(server: Server) -> float:
    process = psutil.Process(server.process.pid)
    return sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 1e6
