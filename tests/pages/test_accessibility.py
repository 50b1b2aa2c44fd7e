"""The Accessibility page in-process: its views in both languages, shared links, faults, a template taken in."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from geodata.store import open_store
from pages.ui.access_form import EXAMPLES

APP = Path(__file__).resolve().parents[2] / "app.py"
FILLED = "Tên,Số chỗ,Vĩ độ,Kinh độ\nHoa Mai,250,10.9804,106.6519\nHoa Lan,100,10.9304,106.7119\nỞ xa,100,48.85,2.35\n"


def opened(**query):
    app = AppTest.from_file(str(APP), default_timeout=120)
    for _ in range(2):
        for key, value in query.items():
            app.query_params[key] = value
        app.run() if not app.title else app.switch_page("pages/accessibility.py")
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def alone(**query):
    """Open the page without its router, in Vietnamese: AppTest forgets the widgets of routed pages between runs."""
    app = AppTest.from_file(str(APP.parent / "pages" / "accessibility.py"), default_timeout=120)
    app.session_state["_routed"] = True
    for key, value in query.items():
        app.query_params[key] = value
    return app.run()


def maps(app):
    return [json.loads(found.proto.json_args) for found in app.get("component_instance")]


@pytest.fixture(params=["vi", "en"])
def language(request):
    return request.param


@pytest.mark.parametrize("view", ["access", "workers", "time", "templates"])
def test_each_view_runs_in_both_languages(view, language):
    app = opened(lang=language, view=view)
    assert not app.exception
    assert not app.error
    assert app.title[0].value == {"vi": "Khả năng tiếp cận", "en": "Accessibility"}[language]


@pytest.mark.parametrize("fields", EXAMPLES.values(), ids=EXAMPLES)
def test_examples_answer_and_their_maps_stay_small(fields):
    app = opened(lang="en", **fields)
    assert not app.error
    (shown,) = maps(app)
    assert len(json.dumps(shown)) < 2_000_000
    assert len(app.metric) == 4


def test_a_grid_of_cells_stays_below_two_megabytes():
    app = opened(lang="en", to="facilities:hospital", by="grid", cell="1000")
    assert not app.error
    assert len(json.dumps(maps(app)[0])) < 2_000_000


def test_a_shared_link_is_the_same_question():
    asked = {"to": "facilities:university", "measure": "2sfca", "capacity": "capacity", "minutes": "30", "hour": ""}
    app = opened(lang="en", **asked)
    # published places of EIU, TDMU and VGU; the other five have none or are known only roughly
    assert [metric.value for metric in app.metric][2:] == ["3", "2"]
    assert app.selectbox(key="access_to").value == "facilities:university"
    assert app.selectbox(key="access_hour").value == ""
    record = json.loads(next(code.value for code in app.code if code.value.startswith("{")))
    assert record["job"] == "access"
    assert record["request"]["minutes"] == 30


def test_the_form_writes_the_address():
    app = alone()
    app.selectbox(key="access_measure").set_value("cumulative").run()
    app.number_input(key="access_minutes-cumulative").set_value(20.0)
    app.selectbox(key="access_mode").set_value("walk")
    next(button for button in app.button if button.label == "Tính").click().run()
    assert not app.error
    assert [app.query_params[key] for key in ("measure", "minutes", "mode")] == ["cumulative", "20", "walk"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"to": "schools"}, "There is no layer schools"),
        ({"to": "facilities:hospital", "measure": "2sfca", "capacity": "beds"}, "no column “beds”"),
        ({"to": "facilities:hospital", "minutes": "soon"}, "“soon” where a number belongs"),
        ({"to": "facilities:hospital", "measure": "gravity", "decay": "fast"}, "not a decay"),
        ({"to": "facilities:hospital", "mode": "rocket"}, "no mode “rocket”"),
    ],
)
def test_a_broken_link_is_a_sentence_and_the_form_stays(fields, said):
    app = opened(lang="en", **fields)
    assert not app.exception
    assert said in app.error[0].value
    assert app.selectbox(key="access_measure")


def test_names_of_before_find_the_wards_of_today():
    app = alone(view="time")
    app.text_input(key="unit_query").set_value("huyen bau bang").run()
    found = app.table[0].value
    assert found.index[0] == "Huyện Bàu Bàng"
    assert "Xã Trừ Văn Thố" in found.iloc[0, -1]


def test_two_things_are_called_thu_dau_mot():
    app = opened(lang="en", view="time")
    found = app.table[0].value
    assert found["Valid until"].tolist()[:2] == ["today", "2025-06-30"]
    assert "two things" in app.markdown[0].value


def test_figures_are_carried_with_their_sum():
    app = alone(view="time")
    assert any("trước khi chuyển: 2.626.670; sau khi chuyển: 2.626.670" in caption.value for caption in app.caption)
    app.selectbox(key="carry_way").set_value("there").run()
    app.selectbox(key="carry_by").set_value("area").run()
    assert not app.error
    assert any("Dân số đã công bố cho 19 trong 91 đơn vị" in caption.value for caption in app.caption)


def test_a_park_without_layers_is_told_what_is_missing():
    app = opened(lang="en", view="workers", park="vsip-1", workers="5000")
    assert not app.error
    assert [metric.value for metric in app.metric] == ["5,000", "–", "–"]
    assert any("No layer of housing for workers" in caption.value for caption in app.caption)


def test_a_park_of_rough_place_asks_for_its_gate():
    app = opened(lang="en", view="workers", park="bau-bang-ip", workers="5000")
    assert "type the coordinates of its gate" in app.error[0].value
    app = opened(lang="en", view="workers", park="bau-bang-ip", workers="5000", gate="106.63,11.27")
    assert not app.error
    assert len(app.metric) == 3


def test_a_filled_template_becomes_a_layer_that_can_be_reached(tmp_path, monkeypatch):
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(tmp_path / "region.gpkg"))
    from pages.ui import data

    data.store.clear()
    data.region.clear()
    try:
        app = alone(view="templates")
        app.file_uploader(key="filled-kindergartens").set_value([("a.csv", FILLED.encode(), "text/csv")]).run()
        assert not app.error
        assert "2 dòng dùng được, 1 dòng bị từ chối" in app.success[0].value
        next(button for button in app.button if button.label == "Lưu thành lớp").click().run()
        assert not app.error
        assert open_store(tmp_path / "region.gpkg").layer("kindergartens")["capacity"].tolist() == [250, 100]
        app = opened(lang="en", to="kindergartens", measure="2sfca", capacity="capacity", line="50")
        assert not app.error
        assert app.metric[2].value == "2"
        app = opened(
            lang="en", view="workers", park="vsip-1", workers="3000", kindergartens="kindergartens", shared="0"
        )
        needed, unmet = 150, int(app.metric[2].value)
        assert 0 <= unmet < needed
    finally:
        data.store.clear()
        data.region.clear()
