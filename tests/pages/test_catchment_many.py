"""Several origins on the Catchment page: by address, by clicks, by lines; merged, or split by nearest."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.test_pages import APP, maps, opened

NEW_CITY, BUS_STATION, BAU_BANG = "106.681894,11.056607", "106.66886,10.966377", "106.6215,11.2508"
BOTH = f"{NEW_CITY};{BUS_STATION}"


def press(app, label):
    next(button for button in app.button if button.label == label).click()
    app.run()


def drawn(app, word="Origin"):
    """Return which origins the page's map was sent rings of."""
    scene = maps(app)[0]["feature_group"].encode().decode("unicode_escape") + maps(app)[0]["feature_group"]
    return {f"{word} {number}": f"{word} {number}" in scene for number in (1, 2, 3)}


def test_a_shared_link_splits_by_nearest():
    app = opened("catchment", lang="en", at=BOTH, split="1", minutes="10,20", mode="car")
    assert not app.exception
    assert not app.error
    assert [metric.label for metric in app.metric] == ["10 minutes", "20 minutes"]
    assert drawn(app) == {"Origin 1": True, "Origin 2": True, "Origin 3": False}
    tables = [frame.value for frame in app.dataframe if {"origin", "people"} <= set(frame.value.columns)]
    rows = tables[0]
    assert rows["origin"].tolist() == [1, 1, 2, 2]
    total = sum(rows.loc[rows["minutes"] == 20, "people"])
    assert app.metric[1].value == f"{int(total):,} people"
    assert any("belongs to the nearest origin" in caption.value for caption in app.caption)
    assert app.radio(key="split").value is True
    assert app.toggle(key="several_origins").value is True


def test_merged_is_one_catchment_of_as_many_people():
    split = opened("catchment", lang="en", at=BOTH, split="1", minutes="20", mode="car")
    merged = opened("catchment", lang="en", at=BOTH, minutes="20", mode="car")
    assert not merged.error
    assert drawn(merged)["Origin 1"] is False
    assert [m.value for m in merged.metric] == [m.value for m in split.metric]


def alone(**query):
    """Open the page without its router, in Vietnamese: AppTest forgets the widgets of routed pages between runs."""
    app = AppTest.from_file(str(APP.parent / "pages" / "catchment.py"), default_timeout=120)
    app.session_state["_routed"] = True
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


@pytest.mark.parametrize("split", ["", "1"])
def test_the_way_begins_at_the_nearest_origin(split):
    app = alone(at=f"{BAU_BANG};{NEW_CITY}", minutes="20", mode="car", split=split)
    way = next(box for box in app.selectbox if box.label == "Xem đường đi đến")
    way.set_value("eiu")  # a university 1.5 km from the New City
    app.run()
    assert not app.exception
    told = next(caption.value for caption in app.caption if caption.value.endswith(" km"))
    assert float(told.split(" phút, ")[1].removesuffix(" km").replace(",", ".")) < 4  # from Bau Bang it is 25 km


def test_lines_of_coordinates_become_origins_and_an_address():
    app = alone()
    app.toggle(key="several_origins").set_value(True).run()
    app.radio(key="origin_way").set_value("coordinates").run()
    app.text_area(key="origin_lines").set_value(f"{NEW_CITY}\n\n1214436, 598371").run()
    assert not app.error
    app.radio(key="split").set_value(True)
    press(app, "Tính vùng tiếp cận")
    assert app.query_params["split"] == "1"
    assert len(app.query_params["at"].split(";")) == 2
    assert drawn(app, "Điểm xuất phát")["Điểm xuất phát 2"]


def test_a_wrong_line_gets_a_sentence_and_the_page_stays():
    app = alone()
    app.toggle(key="several_origins").set_value(True).run()
    app.radio(key="origin_way").set_value("coordinates").run()
    app.text_area(key="origin_lines").set_value(f"{NEW_CITY}\nfar away").run()
    assert ["far away" in error.value for error in app.error] == [True]
    assert maps(app)


def test_clicks_are_listed_and_can_be_taken_back():
    app = alone()
    app.session_state["_origin_clicks"] = [tuple(map(float, at.split(","))) for at in BOTH.split(";")]
    app.toggle(key="several_origins").set_value(True).run()
    labels = [button.label for button in app.button]
    assert "1 · 106.68189, 11.05661" in labels
    assert "2 · 106.66886, 10.96638" in labels
    press(app, "1 · 106.68189, 11.05661")
    assert [button.label for button in app.button if " · " in button.label] == ["1 · 106.66886, 10.96638"]
    assert "split" not in [radio.key for radio in app.radio]
    press(app, "Làm lại từ đầu")
    assert not [button.label for button in app.button if " · " in button.label]


def test_more_than_thirty_are_refused_in_words():
    many = ";".join(f"106.{600 + number},11.05" for number in range(31))
    app = opened("catchment", lang="en", at=many)
    assert not app.exception
    assert "At most 30 origins at once; 31 were given." in [error.value for error in app.error]


@pytest.mark.parametrize("at", [";", "1;2", f"{NEW_CITY};", f"{NEW_CITY};nan,nan", "106.68,11.05,3;106.68,11.05"])
def test_an_address_that_cannot_be_read_gets_a_sentence(at):
    app = opened("catchment", lang="vi", at=at, split="1")
    assert not app.exception
    assert app.error


def test_the_page_is_vietnamese_too():
    app = opened("catchment", lang="vi", at=BOTH, split="1", minutes="10")
    assert not app.exception
    assert drawn(app, "Điểm xuất phát")["Điểm xuất phát 2"]
    assert app.toggle(key="several_origins").label == "Nhiều điểm xuất phát"
