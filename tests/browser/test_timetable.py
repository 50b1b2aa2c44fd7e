"""A timetable loaded on the Data page, and taken out of use again, in a real browser."""

from playwright.sync_api import expect

from tests.unit.test_gtfs import feed_zip


def choose(page, name, content):
    """Give the page a file and wait until it has it: a form sent before that goes without the file."""
    loader = page.get_by_role("region", name="Timetable (GTFS, zip)")
    loader.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/zip", "buffer": content})
    expect(loader.get_by_role("button", name=f"Remove {name}")).to_be_visible()


def test_a_timetable_is_loaded_told_and_removed(watched):
    page = watched.open("/data?lang=en")
    page.get_by_text("Public transport: lines and timetables").click()
    expect(page.get_by_text("Route 39: Becamex Tower").or_(page.get_by_text("by headway")).first).to_be_visible()
    page.get_by_role("button", name="Load the timetable").click()
    expect(page.get_by_text("Choose the file of a timetable first.")).to_be_visible()
    choose(page, "no.zip", b"nothing")
    page.get_by_role("button", name="Load the timetable").click()
    expect(page.get_by_text("This is no zip of a GTFS timetable")).to_be_visible()
    page.get_by_role("button", name="Remove no.zip").click()
    choose(page, "Thử 1.zip", feed_zip())
    page.get_by_role("button", name="Load the timetable").click()
    expect(page.get_by_text("2 lines, 5 trips, 3 stops in the study area")).to_be_visible()
    expect(page.get_by_text("by timetable")).to_be_visible()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("by headway")).to_be_visible()
