"""The Programme page shows what is published, and keeps the list that planners write, never a guess."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from geodata.programme import (
    ACTION_COLUMNS,
    ACTIONS,
    CATEGORIES,
    actions,
    checked_actions,
    programme,
    read_actions,
    save_actions,
)  # fmt: skip
from geodata.store import open_store
from zoning.errors import BadFileError, ConflictError, InputError

APP = Path(__file__).resolve().parents[2] / "app.py"


def opened(language, view="scheme"):
    app = AppTest.from_file(str(APP), default_timeout=120)
    app.query_params["lang"] = language
    app.run()
    app.switch_page("pages/programme.py")
    app.session_state["programme_view"] = view
    app.run()
    return app


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("view", ["scheme", "projects", "icf", "after", "time", "actions"])
def test_every_view_runs_without_fault(view, language):
    app = opened(language, view)
    assert not app.exception
    assert not app.error
    assert len(app.title) == 1


def test_every_entry_of_the_facts_is_there_with_its_source(shared):
    facts = pd.read_csv(shared / "facts/navigator.csv", dtype=str, keep_default_na=False)
    table = programme()
    assert table["id"].tolist() == facts["id"].tolist()
    assert table["sources"].tolist() == facts["source_url"].tolist()
    assert table["date"].tolist() == facts["date"].tolist()
    assert (table["name_vi"].ne("") & table["name_en"].ne("")).all()


def test_places_are_features_of_their_layers():
    store = open_store()
    table = programme()
    tied = table[table["layer"].ne("")]
    assert len(tied) >= 10
    for row in tied.itertuples():
        assert row.feature_id in set(store.layer(row.layer)["id"]), row.id
    assert set(table["category"]) <= {"", *CATEGORIES}


def test_no_action_is_guessed(tmp_path):
    store = open_store(tmp_path / "region.gpkg")
    assert actions(store).empty
    assert ACTIONS not in store.names()


def one(**values):
    row = {"category": "people", "name_vi": "Hành động một", "source": "Sở KH&CN"} | values
    return pd.DataFrame([row], columns=list(ACTION_COLUMNS))


def test_a_list_is_kept_with_author_and_nobody_loses_rows(tmp_path):
    store = open_store(tmp_path / "region.gpkg")
    mark = save_actions(store, one(), author="Lan", date="2026-11-22", expect="")
    assert actions(store)["name_vi"].tolist() == ["Hành động một"]
    assert "Lan" in store.layers().set_index("name").loc[ACTIONS, "source"]
    with pytest.raises(ConflictError):
        save_actions(store, one(name_vi="Khác"), author="Minh", date="2026-11-22", expect="")
    save_actions(store, one(name_vi="Khác"), author="Minh", date="2026-11-22", expect=mark)
    assert actions(store)["name_vi"].tolist() == ["Khác"]


@pytest.mark.parametrize(
    "frame",
    [one(name_vi="", name_en=""), one(source=" "), one(category="magic"), one(name_vi="x" * 400),
     pd.concat([one(), one(name_vi="HÀNH ĐỘNG  MỘT")], ignore_index=True)],
)  # fmt: skip
def test_a_list_that_cannot_be_kept_is_a_clear_fault(frame):
    with pytest.raises(InputError):
        checked_actions(frame)


def test_empty_rows_are_dropped_and_an_author_is_asked(tmp_path):
    blank = pd.DataFrame([dict.fromkeys(ACTION_COLUMNS, "")])
    assert len(checked_actions(pd.concat([one(), blank]))) == 1
    with pytest.raises(InputError):
        save_actions(open_store(tmp_path / "region.gpkg"), one(), author="  ", date="2026-11-22")


def test_a_planners_own_headers_are_read():
    found = read_actions("Tên hành động;Nhóm;Nguồn\nMạng lưới FabLab;technology;Kế hoạch 2021\n".encode("utf-8-sig"))
    assert found.iloc[0][["name_vi", "category", "source"]].tolist() == [
        "Mạng lưới FabLab",
        "technology",
        "Kế hoạch 2021",
    ]
    with pytest.raises(BadFileError):
        read_actions(b"a,b\n1,2\n")
