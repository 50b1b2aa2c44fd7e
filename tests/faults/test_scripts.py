"""Rows B1-B5: what planners type or bring is text everywhere: on maps, in sentences, tables, and what is taken home."""

import ast
import csv
import html
import io
import json
import re
from html.parser import HTMLParser

import openpyxl
import pandas as pd
import pytest
import streamlit as st

from geodata.checks_export import export_checks
from geodata.edits import edit_attributes
from geodata.export import FORMATS, export_layer
from geodata.importing.upload import keep, read_upload
from geodata.programme import ACTION_COLUMNS, ACTIONS, actions, save_actions
from geodata.region import StoreRegion
from geodata.scenarios import link_text
from geodata.store import open_store
from geodata.tables import safe_cell
from layers import own
from layers.zone_sheet import Section, sheet
from tests.data import layers
from tests.faults.reading import ROOT
from tests.pages.test_pages import opened
from tests.unit.test_layers_safe import VECTORS
from zoning.jobs import check
from zoning.scenarios.model import Close, Scenario

PICTURE = "![x](http://127.0.0.1:9/p.png)"
LINK = "[x](javascript:window.hit=10)"
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", " =1", "＝1", "\n=1")
HOSTILE = (*VECTORS, PICTURE, LINK)
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
_ACTING = re.compile(r"(?<!\\)\[x\\?\]\((http|javascript)")


def own_layer() -> bytes:
    """Return a layer whose every name, key and id is hostile."""
    content = json.loads(layers.geojson(*[{"type": "Point", "coordinates": [106.6 + at / 99, 11]} for at in range(11)]))
    for feature, text in zip(content["features"], HOSTILE, strict=True):
        feature["properties"] = {"name": text, "id": text, text: text, "kind": text, "note": text}
    return json.dumps(content).encode()


@pytest.fixture(scope="module")
def hostile_store(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("hostile") / "region.gpkg")
    for name in ("zones", "facilities", "corridors", "logistics", "wards_2025", "stops"):
        frame = store.layer(name).copy()
        for column in ("name_vi", "name_en", "notes", "developer", "sources", "address", "seat"):
            if column in frame:
                texts = [HOSTILE[at % len(HOSTILE)] for at in range(len(frame))]
                frame[column] = frame[column].where(frame.index % 3 == 0, texts)
        store.write_layer(name, frame)
    upload = read_upload(own_layer(), name_hint=f"{VECTORS[0]}.geojson")
    keep(upload, store, "own", title=f"{VECTORS[0]} {PICTURE}")
    edit_attributes(store, "vsip-1", {"name_vi": VECTORS[2] + PICTURE}, author=VECTORS[0] + PICTURE)
    save_actions(store, written(HOSTILE), author=VECTORS[0], date="2026-11-22")
    return store


def written(names) -> pd.DataFrame:
    """Return a list of the programme's actions with such names."""
    return pd.DataFrame([dict.fromkeys(ACTION_COLUMNS, name) | {"category": ""} for name in names])


@pytest.fixture
def served(hostile_store, monkeypatch):
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(hostile_store.path))
    st.cache_resource.clear()
    st.cache_data.clear()
    yield hostile_store
    st.cache_resource.clear()
    st.cache_data.clear()


def elements(block):
    """Walk a page: every element and block of it."""
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from elements(child)


def sentences(app):
    """Return what a page shows as Markdown or HTML: bodies, labels, help."""
    for child in [*elements(app.main), *elements(app.sidebar)]:
        proto = getattr(child, "proto", None)
        if proto is None or child.type in ("text", "code", "json", "component_instance"):
            continue
        for field in ("body", "label", "help", "caption"):
            text = getattr(proto, field, "")
            if isinstance(text, str) and text:
                yield child.type, field, text


@pytest.mark.parametrize("page", PAGES)
def test_b1_b2_no_page_lets_a_text_act(served, page):
    scenario = Scenario(PICTURE, title_en=VECTORS[0] + PICTURE, title_vi=VECTORS[0] + PICTURE, notes_vi=PICTURE,
                        modifications=(Close("c", road="mptv-south"),))  # fmt: skip
    query = {"own": link_text(scenario), "with": "own"} if page == "scenarios" else {}
    app = opened(page, lang="vi", at=f"{PICTURE}", zone=VECTORS[0], layer="own", **query)
    assert not app.exception
    shown = list(sentences(app))
    assert not [(kind, field, text[:300]) for kind, field, text in shown if _ACTING.search(text)]
    assert not [text for kind, _, text in shown if kind == "html" and "window.hit" in text]
    for found in app.get("component_instance"):
        for name, value in json.loads(found.proto.json_args).items():
            if isinstance(value, str):
                assert not [vector for vector in HOSTILE[:9] if vector in value], name


def test_b1_hostile_layers_are_on_the_map_as_text(hostile_store):
    drawing = own.draw("own", hostile_store.layer("own"), title=VECTORS[0])
    assert drawing.count == len(HOSTILE)
    assert not [text for text in VECTORS if text in drawing.payload]
    assert html.unescape(drawing.payload).count("window.hit=1>") >= 2  # of names, tips and ids


class Tags(HTMLParser):
    """What a page of HTML holds: tags, attributes, texts."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.texts = set(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.texts.append(data)


@pytest.mark.parametrize("text", HOSTILE)
def test_b1_the_sheet_of_a_zone_shows_texts_as_they_are(text):
    section = Section(text, (text, text), ((text, (text, "fail")), (text, (text, "#123456"))))
    page = Tags(sheet(text, text, "", [section], {text: [text]}, lang="vi", summary=[text]))
    assert page.tags <= {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "ul", "li", "div", "table",
                         "col", "thead", "tbody", "tr", "th", "td", "span"}  # fmt: skip
    assert not [name for name, value in page.attributes if name.startswith("on") or "javascript" in (value or "")]
    assert sum(one == text for one in page.texts) >= 8


def test_b3_nothing_writes_html_by_hand_round_data():
    # folium writes < as \\u003c inside its scripts; these would not
    for path in _sources():
        text = path.read_text(encoding="utf-8")
        assert "<script" not in text or path.name == "language.py", path
        assert "_repr_html_" not in text, path
        assert ".save(" not in text or "folium" not in text, path


def test_b4_html_from_pages_is_two_fixed_strings():
    found = []
    for path in _sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            assert not [word for word in node.keywords if word.arg == "unsafe_allow_html"], path
            assert name not in ("Popup", "Html", "iframe", "GeoJsonPopup"), path
            if name == "html":
                found.append(path.name)
    assert sorted(found) == ["app.py", "language.py"]


def _sources():
    return [ROOT / "app.py", *(ROOT / "pages").rglob("*.py"), *(ROOT / "layers").rglob("*.py")]


@pytest.mark.parametrize("text", FORMULAS)
def test_b5_no_cell_begins_as_a_formula(text):
    assert safe_cell(text).startswith("'")
    assert safe_cell(f"Khu {text}") == f"Khu {text}" or "\n" in text or "\t" in text
    assert safe_cell(-2.5) == "-2.5"


def _acts(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return cell.lstrip().startswith(("=", "+", "-", "@", "＝"))
    return False


@pytest.fixture(scope="module")
def formula_store(tmp_path_factory):
    store = open_store(tmp_path_factory.mktemp("formulas") / "region.gpkg")
    zones = store.layer("zones").copy()
    for column in ("name_vi", "name_en", "notes", "developer"):
        zones[column] = [FORMULAS[at % len(FORMULAS)] for at in range(len(zones))]
    store.write_layer("zones", zones)
    return store


def test_b5_tables_taken_home_run_no_formula(formula_store):
    data = export_layer(formula_store, "zones", "csv").data.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(data, newline="")))
    assert len(rows) == len(formula_store.layer("zones")) + 1
    assert not [cell for row in rows for cell in row if _acts(cell)]
    for kind in FORMATS:
        assert export_layer(formula_store, "zones", kind).count > 40


def test_b5_checks_taken_home_run_no_formula(formula_store):
    result = check.run(check.CheckRequest(as_of="2026-12-31"), StoreRegion(formula_store))
    rows = list(csv.reader(io.StringIO(export_checks(result, formula_store).data.decode("utf-8-sig"), newline="")))
    assert not [cell for row in rows for cell in row if _acts(cell)]
    book = openpyxl.load_workbook(io.BytesIO(export_checks(result, formula_store, "xlsx").data))
    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 1000
    assert not [cell for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if isinstance(cell.value, str) and _acts(cell.value)]


def test_b5_every_writer_of_tables_uses_the_guard():
    # whoever writes rows as CSV or XLSX does it through safe_cell; the two others write fixed texts of ours
    for path in (ROOT / "geodata").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "csv.writer" in text or "Workbook()" in text:
            assert "safe_cell" in text or path.name == "templates.py", path
    assert not [path for path in (ROOT / "pages").rglob("*.py") if "to_csv" in path.read_text(encoding="utf-8")]


def test_b5_programme_actions_taken_home_run_no_formula(tmp_path):
    store = open_store(tmp_path / "s.gpkg")
    save_actions(store, written(FORMULAS[:4]), author=FORMULAS[0], date="2026-11-22")
    assert actions(store)["name_vi"].tolist() == list(FORMULAS[:4])  # in the store they are what was typed
    rows = csv.reader(io.StringIO(export_layer(store, ACTIONS, "csv").data.decode("utf-8-sig"), newline=""))
    assert not [cell for row in rows for cell in row if _acts(cell)]
