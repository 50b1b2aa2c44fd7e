"""The section of layer history: what is shown, restoring with a name and a confirmation, and who saved meanwhile."""

import geopandas as gpd
import pytest
import streamlit as st
from shapely.geometry import Point
from streamlit.testing.v1 import AppTest

from geodata.backup import check_backup
from geodata.store import open_store
from pages.ui import author


def beds(*numbers):
    points = [Point(600_000 + i, 1_220_000) for i in range(len(numbers))]
    return gpd.GeoDataFrame({"id": list(map(str, numbers)), "beds": list(numbers)}, geometry=points, crs=9210)


@pytest.fixture
def store(monkeypatch, tmp_path):
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(tmp_path / "region.gpkg"))
    st.cache_resource.clear()
    store = open_store()
    store.write_layer("beds", beds(1), {"title_en": "Beds <b>"}, author="Lan")
    store.write_layer("beds", beds(1, 2), author="Minh")
    yield store
    st.cache_resource.clear()


def _history_alone():
    from pages.ui.layer_history import _section

    _section({"beds": "Beds <b>"})


def opened(language="en"):
    app = AppTest.from_function(_history_alone, default_timeout=120)
    app.session_state["_language"] = language
    return app.run()


def asked(app, version=1, name="Hoa"):
    """Choose a version, type a name, tick the confirmation; the button is not pressed yet."""
    app.selectbox[1].select(version).run()
    app.text_input[0].input(name).run()
    return app.checkbox[0].check().run()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_versions_are_shown_newest_first(store, language):
    app = opened(language)
    assert not app.exception
    table = app.dataframe[0].value
    assert table.iloc[:, 0].tolist() == [2, 1]
    assert table.iloc[:, 2].tolist() == ["Minh", "Lan"]
    assert table.iloc[:, 4].tolist() == ["1 → 2", "1"]
    # the clocks of the region are seven hours ahead
    assert table.iloc[0, 1][:10] >= store.history()["date"].iloc[-1][:10]


def test_a_version_is_restored_with_name_and_confirmation_and_undone(store):
    app = opened()
    app.selectbox[1].select(1).run()
    assert app.button[0].disabled
    app = asked(app)
    assert not app.button[0].disabled
    app.button[0].click().run()
    assert "<b>” is as it was in version 1" in app.success[0].value
    assert store.layer("beds")["beds"].tolist() == [1]
    assert store.history("beds")["author"].tolist() == ["Lan", "Minh", "Hoa"]
    asked(app, 2).button[0].click().run()
    assert store.layer("beds")["beds"].tolist() == [1, 2]


def test_without_a_name_nothing_is_restored(store):
    app = opened()
    app.selectbox[1].select(1).run()
    app.checkbox[0].check().run()
    assert app.button[0].disabled
    assert "Type your name first" in app.caption[-1].value


def test_who_saved_meanwhile_is_not_overwritten(store):
    app = asked(opened())
    store.write_layer("beds", beds(7, 8, 9), author="Another")
    app.button[0].click().run()
    assert "Somebody else has saved the layer beds" in app.error[0].value
    assert store.layer("beds")["beds"].tolist() == [7, 8, 9]
    assert app.dataframe[0].value.iloc[0, 2] == "Another"  # and the table shows it now


def test_nothing_saved_yet(monkeypatch, tmp_path):
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(tmp_path / "new.gpkg"))
    st.cache_resource.clear()
    app = opened()
    assert app.caption[0].value == "Nobody has saved a layer yet."
    assert not app.dataframe
    st.cache_resource.clear()


def _backup_alone():
    from unittest import mock

    import streamlit

    from pages.ui import backup

    class Open:
        def __enter__(self):
            return True

        def __exit__(self, *_):
            pass

    with mock.patch.object(backup, "folded", return_value=Open()):
        backup.backup_section()
    streamlit.caption("end")


def test_a_backup_is_made_and_offered(store, tmp_path, monkeypatch):
    offered = {}
    monkeypatch.setattr("pages.ui.backup.st.download_button", lambda label, **more: offered.update(more, label=label))
    app = AppTest.from_function(_backup_alone, default_timeout=120)
    app.session_state["_language"] = "en"
    app.run()
    assert not offered
    app.button[0].click().run()
    assert not app.exception
    (tmp_path / "taken.zip").write_bytes(offered["data"])
    assert check_backup(tmp_path / "taken.zip").layers["beds"] == 2
    assert offered["file_name"] == "innovation-region.zip"
    monkeypatch.setattr("pages.ui.backup.MOST_BYTES", 10)
    offered.clear()
    app.button[0].click().run()
    assert not offered
    assert "too much for a browser" in app.warning[0].value


def test_the_name_of_a_session_is_kept_with_saves(store, monkeypatch):
    assert author.session_author() is None  # outside of any session the operating system knows

    def page():
        from geodata.store import open_store
        from pages.ui import data  # noqa: F401 - says whom to ask
        from tests.pages.test_layer_history import beds

        open_store().write_layer("beds", beds(5))

    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["_author"] = "Phạm Thị Lan"
    app.run()
    assert not app.exception
    assert store.history("beds")["author"].iloc[-1] == "Phạm Thị Lan"
