"""The health page runs, is reached by its address only, and the number of a fault leads from a page to the log."""

import json
import re
from pathlib import Path

import pytest

from geodata.journal import log_path
from tests.pages.test_pages import opened


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_page_shows_all_checks_passed(language):
    app = opened("health", lang=language)
    assert not app.exception
    assert not app.error
    assert len(app.success) == 1
    table = app.table[0].value
    assert len(table) >= 6
    assert set(table.index) == {"✓"}


def test_it_names_the_store_and_no_other_folder():
    app = opened("health", lang="en")
    kinds = ("caption", "markdown", "success", "metric", "table", "dataframe")
    shown = " ".join(str(part.value) for kind in kinds for part in app.get(kind) if hasattr(part, "value"))
    folders = set(re.findall(r"(?<![\w.])/(?:[\w.-]+/)+[\w.-]+", shown))
    assert all("region.gpkg" in one for one in folders), folders


def test_the_number_of_a_fault_is_found_in_the_log(monkeypatch):
    def broken(*_args):
        raise KeyError("Nguyễn Văn A")

    monkeypatch.setattr("pages.ui.figures.figures", broken)
    app = opened("overview", lang="en")
    (said,) = [one.value for one in app.error]
    assert "KeyError" not in said
    assert "Nguyễn" not in said
    number = re.search(r"under ([0-9a-f]{8})\.", said)[1]
    lines = [json.loads(line) for line in Path(log_path()).read_text(encoding="utf-8").splitlines()]
    (line,) = [one for one in lines if one.get("fault") == number]
    assert (line["kind"], line["page"], line["level"]) == ("KeyError", "overview", "error")
    assert "Nguyễn" not in json.dumps(line, ensure_ascii=False)
