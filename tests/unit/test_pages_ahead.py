"""Hold what a server does ahead of its first reader."""

from __future__ import annotations

import asyncio
import importlib.metadata
import importlib.util
import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.components.v2.component_manager import BidiComponentManager

from pages.ui import ahead, views


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Point the pages at a store of their own, and forget what other tests have drawn."""
    store = tmp_path / "region.gpkg"
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(store))
    st.cache_resource.clear()
    yield store
    st.cache_resource.clear()


def test_the_first_page_is_drawn_while_the_server_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def start() -> None:
        async with ahead.ahead(None):
            (thread,) = (one for one in threading.enumerate() if one.name == "ahead")
            await asyncio.to_thread(thread.join, 60)

    with ThreadPoolExecutor(1) as aside:  # where no other test's event loop runs
        aside.submit(asyncio.run, start()).result()

    drawn: list[str] = []
    monkeypatch.setattr(views, "draw", lambda name, *_: drawn.append(name))
    monkeypatch.setattr(views, "base_map", lambda *_, **__: drawn.append("ground"))
    views.prepare()
    assert drawn == []


def test_no_package_is_searched_for_components(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[int] = []

    def distributions() -> list[object]:
        asked.append(1)
        return []

    monkeypatch.setattr(importlib.metadata, "distributions", distributions)
    spec = importlib.util.find_spec(manifest_scanner.__name__)
    assert spec is not None
    assert spec.loader is not None
    untouched = importlib.util.module_from_spec(spec)  # a test of the whole application may have run before
    spec.loader.exec_module(untouched)
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", untouched.scan_component_manifests)
    BidiComponentManager().discover_and_register_components(start_file_watching=False)
    assert asked == [1]  # so Streamlit still searches in this way, and ...
    ahead.skip_component_search()
    BidiComponentManager().discover_and_register_components(start_file_watching=False)
    assert asked == [1]
    assert caplog.records == []


def test_a_store_that_cannot_be_opened_stops_no_server(fresh: Path, caplog: pytest.LogCaptureFixture) -> None:
    fresh.write_text("not a GeoPackage")
    with caplog.at_level(logging.WARNING):
        ahead._prepare()
    assert "the first page was not prepared" in caplog.text
    assert fresh.read_text() == "not a GeoPackage"
