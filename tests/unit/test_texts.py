"""Every text that a planner sees is there in Vietnamese, and says the same."""

import ast
import csv
import re
from pathlib import Path

import polib
import pytest

from pages.ui import text as text_module
from pages.ui.text import LOCALE, MISSING, catalogue, number, translator

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [
    ROOT / "app.py",
    *(p for floor in ("zoning", "geodata", "layers", "pages") for p in (ROOT / floor).rglob("*.py")),
]
MARKS = {"N_", "t"}
SHOWS_TEXT = {
    *("title", "header", "subheader", "caption", "write", "markdown", "error", "warning", "info", "success"),
    *("selectbox", "radio", "text_input", "number_input", "slider", "checkbox", "toggle", "metric", "expander"),
    *("download_button", "form_submit_button", "segmented_control", "pills", "multiselect", "spinner", "status"),
    *("button", "text", "popover", "toast", "tabs", "file_uploader", "text_area"),
}
SAME_IN_BOTH = {"GeoJSON", "GeoPackage", "CSV", "KML", "OpenStreetMap", "VN-2000"}


def marked(path):
    """Yield (line, text) of every literal marked for translation."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


TEXTS = sorted({text for path in SOURCES for _, text in marked(path)})


def places(text):
    return sorted(re.findall(r"\{(\w+)", text))


def test_there_are_texts():
    assert len(TEXTS) > 50


@pytest.mark.parametrize("text", TEXTS)
def test_no_text_is_missing_in_vietnamese(text):
    vietnamese = catalogue("vi").get(text)
    assert vietnamese, "no Vietnamese text"
    assert vietnamese != text or text in SAME_IN_BOTH, "the Vietnamese text is the English one"
    assert places(vietnamese) == places(text), "other {places} than the English text"


@pytest.mark.parametrize("path", sorted((LOCALE / "vi").glob("*.po")), ids=lambda path: path.stem)
def test_catalogues_read_as_babel_reads_them(path):
    read = text_module._plain(path.read_text(encoding="utf-8"))
    assert read  # or else the slow way is taken
    assert read == text_module._by_babel(path, "vi")


@pytest.mark.parametrize(
    "entry",
    [
        'msgid "one"\nmsgid_plural "many"\nmsgstr[0] "một"\n',
        'msgctxt "map"\nmsgid "a"\nmsgstr "b"\n',
        'msgid "a\nmsgstr "b"\n',
    ],
)
def test_what_is_more_than_pairs_is_left_to_babel(entry):
    assert text_module._plain('msgid "x"\nmsgstr "y"\n\n' + entry) == {}


def test_quotes_and_lines_within_a_text_are_read():
    assert (
        text_module._plain('msgid ""\n"a \\"b\\""\n"\\n\\\\c"\n# note\nmsgstr "d"\n"e"') == {}
    )  # a note in between: Babel's
    assert text_module._plain('msgid ""\n"a \\"b\\""\n"\\n\\\\c"\nmsgstr "d"\n"e"') == {'a "b"\n\\c': "de"}


def test_no_catalogue_is_fuzzy_or_contradicts_another():
    seen = {}
    for path in sorted((LOCALE / "vi").glob("*.po")):
        for entry in polib.pofile(path):
            assert not entry.fuzzy, f"{path.name}: {entry.msgid}"
            assert seen.setdefault(entry.msgid, entry.msgstr) == entry.msgstr, f"two translations of: {entry.msgid}"


def test_no_catalogue_keeps_texts_that_nobody_shows():
    dynamic = {node.value for path in SOURCES for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
               if isinstance(node, ast.Constant) and isinstance(node.value, str)}  # fmt: skip
    from_data = {
        cell
        for table in (ROOT / "geodata/sources").glob("*.csv")
        for row in csv.reader(table.read_text("utf-8").splitlines())
        for cell in row
    }
    unused = [text for text in catalogue("vi") if text not in dynamic and text not in from_data]
    assert not unused


@pytest.mark.parametrize("path", [p for p in SOURCES if "pages" in p.parts or p.name == "app.py"], ids=lambda p: p.name)
def test_no_literal_goes_to_the_page_untranslated(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in SHOWS_TEXT
            and isinstance(node.func.value, ast.Name | ast.Attribute)
            and node.args
            and isinstance(node.args[0], ast.Constant | ast.JoinedStr)
        ):
            root = node.func.value
            name = root.id if isinstance(root, ast.Name) else root.attr
            if name in ("st", "sidebar"):
                shown = ast.unparse(node.args[0])
                assert not re.search(r"[A-Za-zÀ-ỹ]{2}", re.sub(r"\{[^}]*\}", "", shown)) or "Ngôn ngữ" in shown, (
                    f"line {node.lineno}: {shown}"
                )


def test_translator_falls_back_to_english():
    assert translator("en")("Overview") == "Overview"
    assert translator("vi")("no such text") == "no such text"
    assert translator("fr")("Overview") == "Overview"


def test_numbers_are_written_as_readers_write_them():
    assert number(1234567.891, "vi", 1) == "1.234.567,9"
    assert number(1234567.891, "en", 1) == "1,234,567.9"
    assert number(None, "vi") == number(float("nan"), "vi") == number(float("inf"), "en") == MISSING
    assert number(0, "vi") == "0"
