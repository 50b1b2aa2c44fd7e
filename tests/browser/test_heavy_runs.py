"""A heavy run in a real browser: it can be stopped, waits in line for its turn, and ends with its session."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.browser.serving import Server


@pytest.fixture(scope="module")
def slow_server(server):  # server: skips where there is no Chromium
    with Server(server.store, script="tests/browser/slow_page.py") as running:
        yield running


@pytest.fixture
def visit(slow_server, browser):
    opened = []

    def visited(name, seconds=60):
        context = browser.new_context(viewport={"width": 900, "height": 600})
        watched = Watched(context, slow_server.url)
        opened.append(watched)
        watched.page.goto(f"{slow_server.url}/?name={name}&seconds={seconds}&lang=en")
        return watched.page

    yield visited
    for watched in opened:
        watched.page.context.close()
        assert watched.faults == []


def line(page, words):
    return page.get_by_text(re.compile(words))


def stop(page):
    page.get_by_role("main").get_by_role("button", name="Stop").click()  # Streamlit has one of its own in the head


def look_again_for(page, words, seconds=15):
    """Press the page's button until it says so: what is stopped ends at its next checkpoint, not at the click."""
    deadline = time.monotonic() + seconds
    while not line(page, words).count():
        assert time.monotonic() < deadline, page.get_by_role("main").inner_text()
        page.get_by_role("button", name="Look again").click()
        page.wait_for_timeout(200)


def test_a_run_is_stopped_for_good_until_it_is_asked_for_again(visit):
    page = visit("stop")
    expect(line(page, r"^[2-9] s$")).to_be_visible()
    start = time.monotonic()
    stop(page)
    expect(line(page, "Nothing was changed")).to_be_visible()
    assert time.monotonic() - start < 5
    look_again_for(page, "0 at work")
    assert not line(page, "Computing").count()
    page.get_by_role("button", name="Run again").click()
    expect(line(page, r"^1 s$")).to_be_visible()
    stop(page)
    expect(line(page, "Nothing was changed")).to_be_visible()


def test_the_third_waits_in_line_until_a_session_that_runs_is_closed(visit):
    first, second = visit("first"), visit("second")
    for page in (first, second):
        expect(line(page, r"^\d s$")).to_be_visible()
    third = visit("third", seconds=0.5)
    expect(line(third, "number 1 in the line")).to_be_visible()
    assert not line(third, "the answer").count()
    first.close()
    expect(line(third, "the answer")).to_be_visible(timeout=15_000)
    stop(second)
    expect(line(second, "Nothing was changed")).to_be_visible()
    look_again_for(second, "0 at work, 0 waiting")


def test_a_click_elsewhere_does_not_begin_a_run_anew(visit):
    page = visit("click", seconds=4)
    expect(line(page, r"^1 s$")).to_be_visible()
    page.reload()  # another session asks the same: one run for both
    expect(line(page, "the answer")).to_be_visible(timeout=15_000)
