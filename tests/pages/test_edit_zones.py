"""The section where zones are edited: a new zone, its corners as text, another outline, and back again."""

from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from geodata.edits import edits_of, last_edit, undo_edit
from geodata.store import open_store
from pages.ui import author
from tests.pages import test_code_checks

SQUARE = "X 1224000, Y 600000\nX 1224000, Y 601000\n1224500, 601000\nX 1224500, Y 600000"


def _section_alone():
    from pages.ui.edit_zones import edit_view

    edit_view()


def opened(**query):
    """Return the section by itself: AppTest cannot run a page of English selectboxes a second time."""
    app = AppTest.from_function(_section_alone, default_timeout=120)
    app.session_state["_language"] = "en"
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


@pytest.fixture
def store():
    """Return the store that the pages use, without edits again at the end: other tests count its zones."""
    store = open_store()
    yield store
    table = edits_of(store)
    for zone_id in sorted(set(table["zone_id"])):
        while last := last_edit(edits_of(store), zone_id):
            undo_edit(store, last, author="test")


def one(widgets, label):
    return next(widget for widget in widgets if widget.label == label)


def captions(app):
    return " ".join(caption.value for caption in app.caption)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_view_runs_without_fault(language):
    app = test_code_checks.opened(lang=language, view="edit")
    assert not app.exception
    assert not app.error
    assert len(app.get("component_instance")) == 1  # one map: the one to draw on


def test_a_new_zone_is_drawn_kept_and_undone(store):
    zones = len(store.layer("zones"))
    app = opened()
    one(app.text_area, "Corners, one a line: VN-2000 X north, Y east, or degrees").set_value(SQUARE).run()
    assert "4 corners, 50.00 ha in VN-2000, 3.00 km round." in captions(app)
    one(app.text_input, "Name (Vietnamese)").set_value("Khu thử")
    one(app.selectbox, "Kind").set_value("urban_area")
    one(app.selectbox, "Status").set_value("planned")
    one(app.button, "Keep the new zone").click().run()
    assert [error.value for error in app.error] == ["Say who you are: the name is kept with what you change."]
    assert len(store.layer("zones")) == zones
    one(app.text_input, "Your name, kept with what you change").set_value("Lan").run()
    one(app.button, "Keep the new zone").click().run()
    assert not app.exception
    assert not app.error
    assert [message.value for message in app.success] == ["Kept. It is shown everywhere from now on."]
    row = store.layer("zones").set_index("id").loc["khu-thu"]
    assert row[["kind", "status", "geometry_quality"]].tolist() == ["urban_area", "planned", "edited"]
    assert row["area_drawn_ha"] == pytest.approx(50)
    assert row["sources"].startswith("Lan, ")
    assert one(app.selectbox, "Zone to edit").value == "khu-thu"
    assert one(app.text_area, "Corners, one a line: VN-2000 X north, Y east, or degrees").value == ""
    one(app.button, "Undo the last edit of this zone").click().run()
    assert not app.exception
    assert len(store.layer("zones")) == zones
    assert one(app.selectbox, "Zone to edit").value == ""


def test_attributes_and_outline_of_a_zone_are_edited(store):
    app = opened(select="zones/vsip-1")
    one(app.text_input, "Your name, kept with what you change").set_value("Lan").run()
    one(app.text_input, "Developer").set_value("VSIP JV")
    one(app.button, "Keep the attributes").click().run()
    assert not app.error
    row = store.layer("zones").set_index("id").loc["vsip-1"]
    assert row[["developer", "area_ha"]].tolist() == ["VSIP JV", 500]
    assert row["geometry_quality"] != "edited"  # the drawing was not touched
    one(app.button, "Take the present outline").click().run()
    text = one(app.text_area, "Corners, one a line: VN-2000 X north, Y east, or degrees")
    assert len(text.value.splitlines()) > 10
    one(app.button, "Undo the last corner").click().run()
    one(app.button, "Replace the outline").click().run()
    assert not app.error
    after = store.layer("zones").set_index("id").loc["vsip-1"]
    assert after["geometry_quality"] == "edited"
    assert after["area_drawn_ha"] < row["area_drawn_ha"]
    history = app.dataframe[-1].value
    assert history["Author"].tolist() == ["Lan", "Lan"]
    assert history["What"].tolist() == ["outline", "attributes"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("X 1224000, Y 600000\nX 1224000, Y 601000\nX 1224500, Y 600000\nX 1224500, Y 601000", "crosses"),
        ("X 1224000, Y 600000\nhere", "Line 2"),
        ("105.8, 21.0\n105.9, 21.0\n105.9, 21.1", "outside the study area"),
    ],
)
def test_bad_corners_are_a_sentence_and_cannot_be_kept(text, words):
    app = opened(select="zones/vsip-1")
    one(app.text_area, "Corners, one a line: VN-2000 X north, Y east, or degrees").set_value(text).run()
    assert not app.exception
    assert words in " ".join(message.value for message in [*app.error, *app.warning])
    assert one(app.button, "Replace the outline").disabled


@pytest.mark.parametrize(
    ("header", "name"),
    [("Nguyễn Lan".encode().decode("latin-1"), "Nguyễn Lan"), ("  lan\t ", "lan"), ("Lân", "Lân"), (None, "")],
)
def test_a_proxy_names_the_author_only_where_it_is_configured(monkeypatch, header, name):
    headers = {} if header is None else {"X-User": header}
    monkeypatch.setattr(author, "st", SimpleNamespace(context=SimpleNamespace(headers=headers)))
    assert author._from_proxy() == ""  # nobody said that a proxy checks it
    monkeypatch.setenv("INNOVATION_REGION_USER_HEADER", "X-User")
    assert author._from_proxy() == name


def test_a_second_ring_is_a_hole_and_what_it_overlaps_is_shown_first(store):
    outer = "X 1224000, Y 600000\nX 1224000, Y 601000\nX 1225000, Y 601000\nX 1225000, Y 600000"
    inner = "X 1224400, Y 600400\nX 1224400, Y 600600\nX 1224600, Y 600600\nX 1224600, Y 600400"
    app = opened(select="zones/vsip-1")
    text = "Corners, one a line: VN-2000 X north, Y east, or degrees"
    one(app.text_input, "Your name, kept with what you change").set_value("Lan").run()
    one(app.text_area, text).set_value(f"{outer}\n\n{inner}").run()
    assert "8 corners, 96.00 ha in VN-2000" in captions(app)
    assert "parts: 1, holes: 1." in captions(app)
    shown = [frame.value for frame in app.dataframe if "Share of the new outline (%)" in frame.value.columns]
    warned = " ".join(message.value for message in app.warning)
    assert bool(shown) == ("shares ground" in warned)
    one(app.button, "Replace the outline").click().run()
    assert not app.exception
    assert not app.error
    row = store.layer("zones").set_index("id").loc["vsip-1"]
    assert len(row["geometry"].interiors) == 1
    assert row["area_drawn_ha"] == pytest.approx(96)
    one(app.button, "Take the present outline").click().run()
    assert one(app.text_area, text).value.count("\n\n") == 1
    one(app.button, "New ring").click().run()
    one(app.button, "Undo the last corner").click().run()
    assert "7 corners" in captions(app)


def test_rings_that_cross_cannot_be_kept():
    app = opened(select="zones/vsip-1")
    crossing = SQUARE + "\n\nX 1224100, Y 600500\nX 1224100, Y 602000\nX 1224400, Y 602000\nX 1224400, Y 600500"
    one(app.text_area, "Corners, one a line: VN-2000 X north, Y east, or degrees").set_value(crossing).run()
    assert "may not cross" in " ".join(message.value for message in app.warning)
    assert one(app.button, "Replace the outline").disabled
