"""A layer that a planner took in is looked at, found and offered like any other."""

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from geodata.importing.upload import keep, read_upload
from geodata.store import open_store
from tests.data import layers

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture
def own_store(monkeypatch, tmp_path):
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(tmp_path / "region.gpkg"))
    st.cache_resource.clear()
    st.cache_data.clear()
    upload = read_upload(layers.geojson(layers.polygon((106.6, 11), (106.61, 11), (106.61, 11.01)),
                                        properties={"ten": "Khu <b>Bến Lửa</b>"}), name_hint="khu.geojson")  # fmt: skip
    keep(upload, open_store(), "khu_moi", title="Khu mới", date="2026-11-22")
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_own_layer_is_shown_on_the_data_page(own_store, language):
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["lang"] = language
    app.run()
    app.switch_page("pages/data.py")
    app.query_params["lang"] = language
    app.session_state["layer"] = "khu_moi"
    app.run()
    assert not app.exception
    assert not app.error
    assert any("Khu <b>Bến Lửa</b>" in str(table.value.to_dict()) for table in app.dataframe)
    assert any("khu.geojson" in text.value.replace("\\", "") for text in app.markdown)


def test_an_own_feature_is_found_by_name(own_store):
    from pages.ui.access_places import own_layers as destinations
    from pages.ui.data import entries, feature, own_layers
    from zoning.names import search

    assert own_layers() == {"khu_moi": "Khu mới"}
    assert search(entries(), "ben lua", limit=3)[0].layer == "khu_moi"
    assert feature("khu_moi", "1")["name_vi"] == "Khu <b>Bến Lửa</b>"
    assert "khu_moi" in destinations()
