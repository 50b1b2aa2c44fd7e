"""A table of wards without coordinates comes in by its units; what is not plain is listed, never guessed."""

import numpy as np
import pandas as pd
import pytest

from geodata.importing.command import Said, import_file
from geodata.importing.fields import FieldMap
from geodata.importing.guess import propose_fields, propose_role
from geodata.importing.roles import role
from geodata.importing.take import Wish, take_in
from geodata.importing.units import NEW, OLD, place_rows, units_of
from geodata.importing.upload import read_upload
from geodata.people import own_totals
from tests.data import hostile
from zoning.errors import BadFileError, InputError
from zoning.names import fold

pytestmark = pytest.mark.usefixtures("readers")


@pytest.fixture(scope="module")
def units(built):
    from geodata.store import open_store

    return units_of(open_store(built))


def read(text, units):
    content = text if isinstance(text, bytes) else text.encode()
    return read_upload(content, name_hint="dân số.csv", units=units)


def both(units):
    """Return a name that both lists have, one that only the new and one that only the old list has."""
    new, old = set(units.new["name_vi"]), set(units.old["name_vi"])
    return min(new & old), min(new - old), min(old - new)


def short(name):
    for kind, form in (("Phường", "P. "), ("Xã", "x. "), ("Thị trấn", "TT ")):
        name = name.replace(f"{kind} ", form)
    return name


SPELLINGS = (str, str.upper, fold, short, lambda name: f"{name}, TP. Thủ Dầu Một", lambda name: f"{name} (cũ)")


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("layer", [NEW, OLD])
def test_every_unit_is_found_by_every_way_to_write_it(units, layer, spelling):
    frame = units.new if layer == NEW else units.old
    table = pd.DataFrame({"Dân số": 1, "Phường": [spelling(name) for name in frame["name_vi"]]})
    placed = place_rows(table, units)
    assert placed.column == "Phường"
    assert placed.units["id"].tolist() == frame["id"].tolist()
    assert set(placed.units["layer"]) == {layer}


def test_a_table_of_wards_counts_instead_of_the_published_figures(store, units):
    new = units.new["name_vi"].tolist()
    rows = "".join(f"{at + 1};{fold(name).title()};{1000 + at}\n" for at, name in enumerate(new))
    upload = read("STT;Tên phường, xã;Dân số\n" + rows, units)
    assert (upload.proposal.code, upload.proposal.sure) == ("EPSG:9210", True)
    assert upload.by_unit == "Tên phường xã"
    assert not upload.report.left_out
    assert propose_role(upload.frame, upload.report.layer, upload.name_hint) == "population"
    mapping = FieldMap(propose_fields(upload.frame, role("population")))
    kept = take_in(upload, store, "", Wish("population", mapping))
    assert (kept.layer, kept.count) == ("people", len(new))
    own = store.layer("people")
    totals, named = own_totals(own, units.new)
    assert named.all()
    assert totals.sum() == sum(range(1000, 1000 + len(new)))
    assert np.allclose(own.geometry.area, units.new.geometry.area)


def test_communes_until_july_2025_lie_where_they_did(store, units):
    upload = read("Xã;Số người\n" + "".join(f"{name};10\n" for name in units.old["name_vi"]), units)
    assert upload.frame["unit"].eq("").all()  # no ward of today is counted whole
    assert upload.frame["unit_id"].tolist() == units.old["id"].tolist()
    mapping = FieldMap(propose_fields(upload.frame, role("population")))
    take_in(upload, store, "", Wish("population", mapping))
    totals, named = own_totals(store.layer("people"), units.new)
    assert totals.empty
    assert not named.any()
    assert store.layer("people")["people"].sum() == 10 * len(units.old)


def test_a_name_of_both_lists_is_of_the_list_that_the_table_is_of(units):
    shared, new, old = both(units)
    for other, layer in ((new, "wards_2025"), (old, "communes_until_2025")):
        upload = read(f"Phường;Dân số\n{shared};5\n{other};6\n", units)
        frame = units.new if layer == NEW else units.old
        assert upload.frame["unit_id"].tolist() == [frame.set_index("name_vi")["id"][one] for one in (shared, other)]
    mixed = read(f"Phường;Dân số\n{shared};5\n{new};6\n{old};7\n", units)
    assert [one.name for one in mixed.report.left_out] == [shared]
    assert "several units" in mixed.report.sentences()[-1]
    assert shared in mixed.report.sentences()[-1]


def test_rows_that_name_no_unit_are_listed_and_kept_out_only_on_request(store, units):
    name = units.new["name_vi"].iloc[0]
    upload = read(f"Phường;Dân số\n{name};5\nPhường Không Có;6\nTổng cộng;11\n;3\n", units)
    assert [(one.feature + 1, one.name) for one in upload.report.left_out] == [
        (3, "Phường Không Có"), (4, "Tổng cộng"), (5, "")
    ]  # fmt: skip
    mapping = FieldMap(propose_fields(upload.frame, role("population")))
    with pytest.raises(InputError, match="3 rows.*row 3 “Phường Không Có”; 4 “Tổng cộng”"):
        take_in(upload, store, "", Wish("population", mapping))
    assert "people" not in store.names()
    assert take_in(upload, store, "", Wish("population", mapping, confirmed=True)).count == 1
    assert store.layer("people")["people"].tolist() == [5]


def test_other_roles_need_a_place_and_an_own_layer_has_the_units(store, units):
    name = units.new["name_vi"].iloc[3]
    upload = read(f"Phường;Trường học\n{name};5\n", units)
    with pytest.raises(InputError, match="needs a place for each row"):
        take_in(upload, store, "kindergartens", Wish("kindergartens", FieldMap({"capacity": "Trường học"})))
    assert take_in(upload, store, "truong_hoc", Wish()).count == 1
    kept = store.layer("truong_hoc").iloc[0]
    assert (kept["name_vi"], kept["Trường học"]) == (name, 5)


def test_tables_without_places_and_units_are_refused_as_before(units):
    for text in ("Tên;Số\nA;1\nB;2\n", "lon;lat;Tên\n;;A\n"):
        for known in (units, None):
            with pytest.raises(BadFileError, match="No columns with coordinates"):
                read(text, known)
    with pytest.raises(BadFileError, match="No columns with coordinates"):
        read(f"Phường;Dân số\n{units.new['name_vi'].iloc[0]};1\n", None)


def test_the_command_line_takes_a_workbook_of_wards(store, units, tmp_path):
    file = tmp_path / "dan so.xlsx"
    rows = [["Mã phường", "Dân số"], *([str(code), 7] for code in units.new["gso_code"].head(4)), ["99999", 1]]
    file.write_bytes(hostile.workbook(rows))
    with pytest.raises(InputError, match="99999"):
        import_file(store, file, "people", Said(role="population"))
    lines = import_file(store, file, "people", Said(role="population", confirmed=True))
    assert any("28 people in 4 of" in line for line in lines)
    assert any("99999" in line for line in lines)
    assert store.layer("people")["people"].tolist() == [7] * 4
