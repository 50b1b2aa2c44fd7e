"""Every page runs in-process, in both languages, and sends its map no address of the outside world."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "app.py"
PAGES = ("overview", "thu_dau_mot", "bau_bang", "corridors", "catchment", "data")


def opened(page, **query):
    app = AppTest.from_file(str(APP), default_timeout=120)
    for key, value in query.items():
        app.query_params[key] = value
    app.run()
    if page != "overview":
        app.switch_page(f"pages/{page}.py")
        for key, value in query.items():
            app.query_params[key] = value
        app.run()
    return app


def maps(app):
    return [json.loads(found.proto.json_args) for found in app.get("component_instance")]


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_runs_without_fault(page, language):
    app = opened(page, lang=language)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1


@pytest.mark.parametrize("page", PAGES)
def test_a_map_needs_nothing_from_outside(page):
    shown = maps(opened(page))
    assert shown
    for args in shown:
        assert not [link for kind in ("js_links", "css_links") for link in args[kind] if "//" in link]
        assert "<script" not in args["feature_group"]


def test_the_map_stays_below_two_megabytes():
    for args in maps(opened("overview")):
        assert len(json.dumps(args)) < 2_000_000


def test_the_base_map_is_the_same_on_every_run():
    app = opened("overview")
    first = maps(app)[0]
    app.run()
    assert maps(app)[0]["script"] == first["script"]


def test_key_figures_agree_with_the_facts():
    app = opened("overview", lang="en")
    values = {metric.label: metric.value for metric in app.metric}
    assert values["Wards and communes since July 2025"] == "36"
    assert values["People (2025)"] == "2,626,670"  # population_jobs.csv, p041
    assert values["Roads in operation (km drawn)"] == "825"  # network_check.md 1.2


def test_thu_dau_mot_shows_both_areas_as_what_they_are():
    app = opened("thu_dau_mot", lang="en")
    values = {metric.label: metric.value for metric in app.metric}
    assert values["Area, published"] == "11,891 ha"  # 118.91 km2
    assert values["Area of its outline"].startswith("11,10")  # 111.0 km2


def test_a_link_to_a_feature_that_is_gone_does_no_harm():
    app = opened("overview", select="zones/no-such-zone")
    assert not app.exception
    assert not app.error


def test_hostile_values_in_the_address_do_no_harm():
    for value in (
        "../../etc/passwd",
        "zones/<img src=x onerror=alert(1)>",
        "zones/'; drop table zones",
        "/",
        "streets/1",
    ):
        app = opened("overview", select=value, lang="xx")
        assert not app.exception


def test_a_wrong_request_in_the_address_gets_a_sentence_and_the_map_stays():
    app = opened("catchment", lang="en", at="nonsense")
    assert [e.value for e in app.error] == ["The address of this page has no usable origin: at=nonsense."]
    assert maps(app)


def test_a_catchment_runs_from_the_address():
    app = opened("catchment", lang="en", at="106.6819,11.0566", minutes="10,20", mode="car", versus="motorbike")
    assert not app.exception
    assert not app.error
    assert len(app.metric) == 4
    assert len(maps(app)) == 2
