"""A store that is damaged, missing or not writable gets a sentence on the page, and is left as it was."""

import os
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture
def opened_with(monkeypatch):
    def opened(store, language="en"):
        monkeypatch.setenv("INNOVATION_REGION_STORE", str(store))
        st.cache_resource.clear()
        app = AppTest.from_file(str(APP), default_timeout=120)
        app.query_params["lang"] = language
        return app.run()

    yield opened
    st.cache_resource.clear()


@pytest.mark.parametrize("language", ["vi", "en"])
def test_a_damaged_store_is_named_and_kept(opened_with, tmp_path, language):
    store = tmp_path / "region.gpkg"
    store.write_bytes(b"SQLite format 3\0" + bytes(3000))
    app = opened_with(store, language)
    assert len(app.error) == 1
    assert "region.gpkg" in app.error[0].value
    assert not app.exception
    assert store.read_bytes() == b"SQLite format 3\0" + bytes(3000)


def test_a_file_that_is_no_store_is_named_and_kept(opened_with, tmp_path):
    store = tmp_path / "letter.gpkg"
    store.write_text("Kính gửi Ban quản lý")
    assert "letter.gpkg" in opened_with(store).error[0].value
    assert store.read_text() == "Kính gửi Ban quản lý"


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/self").exists(), reason="needs a folder nobody can write to")
def test_a_folder_that_cannot_be_written_is_named(opened_with):
    # /proc refuses new files even to root
    app = opened_with("/proc/innovation/region.gpkg")
    assert len(app.error) == 1
    assert "/proc/innovation" in app.error[0].value


def test_a_store_that_is_mended_is_used_on_the_next_run(opened_with, tmp_path):
    store = tmp_path / "region.gpkg"
    store.write_text("damaged")
    app = opened_with(store)
    assert app.error
    store.unlink()
    app.run()
    assert not app.error
    assert app.metric
