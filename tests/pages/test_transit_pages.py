"""Public transport on the pages: the method is said, legs are told, bad settings answered with a sentence."""

from tests.pages.test_catchment_many import NEW_CITY, alone
from tests.pages.test_pages import opened


def test_a_catchment_by_public_transport_says_its_method_and_data():
    app = opened("catchment", lang="en", at=NEW_CITY, mode="transit", minutes="30,60", hour="8.5")
    assert not app.exception
    assert not app.error
    assert [metric.label for metric in app.metric] == ["30 minutes", "60 minutes"]
    assert any("by headway" in one.value and "Becamex Tokyu" in one.value for one in app.info)
    every = next(box for box in app.number_input if box.label == "Timetable: one departure every (minutes)")
    assert (every.value, "25 trips" in every.help) == (5, True)
    said = " ".join(one.value for one in app.caption)
    assert "50 % of the headway" in said
    assert "Not used, because no headway is published: Kaze 70" in said
    assert "a scenario can switch them on: BRT" in said
    on_foot = opened("catchment", lang="en", at=NEW_CITY, mode="walk", minutes="30,60", hour="8.5")
    assert not any("headway" in one.value for one in on_foot.info)
    people = [[int(one.value.split()[0].replace(",", "")) for one in page.metric] for page in (on_foot, app)]
    assert people[1][1] > people[0][1]


def test_the_way_is_told_in_walks_waits_and_rides():
    app = alone(at="106.6705,10.9757", minutes="90", mode="transit", hour="8.5")
    way = next(box for box in app.selectbox if box.label == "Xem đường đi đến")
    way.set_value("eiu")  # the university at the end of route 51
    app.run()
    assert not app.exception
    assert not app.error
    legs = next(frame.value for frame in app.dataframe if "Chặng" in frame.value.columns)
    assert legs["Chặng"].tolist()[-3:] == ["Chờ", "Đi xe", "Đi bộ"]
    assert any("Tuyến 51" in name for name in legs["Tuyến"])


def test_the_way_by_car_is_told_street_by_street():
    app = alone(at="106.6705,10.9757", minutes="30", mode="car")
    way = next(box for box in app.selectbox if box.label == "Xem đường đi đến")
    way.set_value("eiu")
    app.run()
    assert not app.exception
    assert not app.error
    legs = next(frame.value for frame in app.dataframe if "speed_kmh" in frame.value.columns)
    assert len(legs) > 3


def test_settings_that_cannot_be_are_answered_in_a_sentence():
    app = opened("catchment", lang="en", at=NEW_CITY, mode="transit", transit="boardings=99")
    assert not app.exception
    assert any("boardings must lie between 1 and 6" in one.value for one in app.error)


def test_accessibility_by_public_transport_says_its_method():
    app = opened("accessibility", lang="en", to="facilities:hospital", measure="nearest", mode="transit", minutes="60",
                 hour="8.5", transit="wait_share=0.25")  # fmt: skip
    assert not app.exception
    assert not app.error
    assert any("by headway" in one.value for one in app.info)
    assert any("25 % of the headway" in one.value for one in app.caption)
