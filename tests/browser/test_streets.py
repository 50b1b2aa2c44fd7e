"""Streets come in on the Data page by upload; a file that is none leaves the store as it was."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Watched
from tests.browser.serving import Server
from tests.data.osm_town import town_xml


@pytest.fixture(scope="module")
def own_server(server, new_store):
    """A server with a store of its own: these tests change it."""
    with Server(new_store().path) as running:
        yield running


@pytest.fixture
def data_page(own_server, browser):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    watched = Watched(context, own_server.url)
    yield watched.open("/data?lang=en")
    context.close()
    assert watched.faults == []


def upload(page, name, content):
    page.locator('input[type=file][accept*=".osm"]').set_input_files(
        {"name": name, "mimeType": "application/xml", "buffer": content}
    )
    button = page.get_by_role("button", name="Load the streets")
    expect(button).to_be_enabled()
    button.click()


@pytest.mark.parametrize("content", [b"<html><body>Please log in</body></html>", b"<osm>", bytes(5000)])
def test_a_file_that_is_none_gets_a_sentence(data_page, content):
    upload(data_page, "town.osm", content)
    expect(data_page.get_by_test_id("stAlertContentError")).to_be_visible()
    expect(data_page.get_by_text("Catchments run on a schematic lattice")).to_be_visible()


def test_streets_of_a_file_come_into_the_store_and_carry_catchments(data_page, own_server):
    upload(data_page, "town.osm", town_xml().encode())
    expect(data_page.get_by_text("The streets are loaded")).to_be_visible(timeout=120_000)
    expect(data_page.get_by_text("ways were kept")).to_be_visible()
    data_page.goto(f"{own_server.url}/catchment?lang=en&at=106.652,10.982&minutes=1&mode=walk")
    expect(data_page.get_by_test_id("stMetric").first).to_contain_text("people", timeout=60_000)
    data_page.get_by_text("How this was computed").click()
    expect(data_page.get_by_text("Network: OpenStreetMap streets")).to_be_visible()
