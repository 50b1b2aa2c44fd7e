"""Templates for what the facts lack: out as CSV and XLSX, in with each refused row's reason, kept as layers."""

import io
import zipfile

import openpyxl
import pytest

from geodata import sheets
from geodata.crs import PLANNING_CRS, planning_to_lonlat
from geodata.region import StoreRegion
from geodata.sheets import read_rows
from geodata.templates import CAPACITY, TEMPLATES, csv_template, missing, save, take, xlsx_template
from zoning.errors import BadFileError, ConflictError
from zoning.jobs.access import AccessRequest, run

KINDERGARTENS, SCHOOLS = TEMPLATES["kindergartens"], TEMPLATES["schools"]
HEAD = 'Tên,Số chỗ,Vĩ độ,Kinh độ,"X (bắc, m)","Y (đông, m)",Địa chỉ,Nguồn\n'
TWO = HEAD + "Hoa Mai,250,10.9804,106.6519,,,,Sở GD\nHoa Lan,,,,1214436,598371,Phú Lợi,\n"


def workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda t: t.name)
def test_templates_go_out_and_can_be_read_again(template):
    headers = [column.header for column in template.columns]
    assert read_rows(csv_template(template)) == [headers]
    assert read_rows(xlsx_template(template)) == [headers]
    guide = openpyxl.load_workbook(io.BytesIO(xlsx_template(template)))["Hướng dẫn"]
    assert guide.max_row == len(headers) + 1
    for data in (csv_template(template), xlsx_template(template)):
        with pytest.raises(BadFileError, match="headers and no rows"):
            take(data, template)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_filled_table_is_read(encoding):
    taken = take(TWO.encode(encoding), KINDERGARTENS)
    frame = taken.frame
    assert frame["name_vi"].tolist() == ["Hoa Mai", "Hoa Lan"]
    assert frame.crs == PLANNING_CRS
    assert taken.without_capacity == 1
    assert not taken.refused
    # VN-2000 as typed: X is north, Y is east
    assert frame.geometry.iloc[1].coords[0] == pytest.approx((598371, 1214436), abs=0.01)
    lon, lat = planning_to_lonlat(frame.geometry.iloc[0].x, frame.geometry.iloc[0].y)
    assert (float(lon), float(lat)) == pytest.approx((106.6519, 10.9804), abs=1e-7)


def test_letters_of_old_windows_are_read():
    # CP1258 writes the tones below and above a vowel as marks of their own: here i with a dot below
    simple = "ten,so cho,vi do,kinh do\nTh\u1ecb n\u00e1,5,10.98,106.65\n".replace("\u1ecb", "i\u0323").encode("cp1258")
    assert take(simple, KINDERGARTENS).frame["name_vi"].tolist() == ["Thị ná"]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_separators_and_headers_without_diacritics(mark):
    text = mark.join(["so cho", "TEN", "kinh do", "vi do"]) + "\n" + mark.join(["1.200", "A", "106,65", "10,98"])
    frame = take(text.encode(), KINDERGARTENS).frame
    assert frame[CAPACITY].tolist() == [1200.0]


def test_workbooks_hold_numbers_as_numbers():
    rows = [["Tên", "Số chỗ", "Vĩ độ", "Kinh độ"], ["A", 250, 10.98, 106.65], ["B", 12.345, 10.99, 106.65], [None] * 4]
    assert take(workbook(rows), KINDERGARTENS).frame[CAPACITY].tolist() == [250.0, 12.345]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (",5,10.98,106.65,,,,", "name is missing"),
        ("A,5,,,,,,", "position is missing"),
        ("A,5,10.98,,,,,", "position is missing"),
        ("A,5,48.85,2.35,,,,", "outside the study area"),
        ("A,5,,,1214436,1598371,,", "outside the study area"),
        ("A,-5,10.98,106.65,,,,", "no number of 0 or more"),
        ("A,many,10.98,106.65,,,,", "no number of 0 or more"),
        ("Hoa mai,5,10.9804,106.6519,,,,", "same name at the same place"),
    ],
)
def test_refused_rows_say_why_and_which(cells, said):
    taken = take((TWO + cells + "\n").encode(), KINDERGARTENS)
    assert len(taken.frame) == 2
    ((number, note),) = taken.refused
    assert number == 4
    assert said in note.text()


def test_schools_say_their_kind():
    text = "Tên,Loại,Số chỗ học,Vĩ độ,Kinh độ\nA,thcs,900,10.98,106.65\nB,Đại học,900,10.98,106.66\n"
    taken = take(text.encode(), SCHOOLS)
    assert taken.frame["kind"].tolist() == ["lower_secondary"]
    assert "none of the kinds: Tiểu học, THCS, THPT" in taken.refused[0][1].text()
    with pytest.raises(BadFileError, match="lacks these columns: Loại"):
        take(TWO.replace("Số chỗ", "Số chỗ học").encode(), SCHOOLS)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"\xd0\xcf\x11\xe0rest", "Excel 97"),
        (b"PK\x03\x04rest", "damaged"),
        (b"GIF89a\x00\x01", "neither CSV nor XLSX"),
        (b"\xff\xfe\x00", "neither CSV nor XLSX"),
        (b"a,b\n1,2\n", "lacks these columns"),
        ((HEAD + "A,x,10.98,106.65,,,,\n").encode(), "None of the 1 rows can be used. Row 2"),
        (b"x" * (sheets.MOST_BYTES + 1), "5 MB at most"),
        (("Tên,Số chỗ\n" + "A,1\n" * (sheets.MOST_ROWS + 1)).encode(), "more than 20,000 rows"),
    ],
    ids=["nothing", "blank", "xls", "zip", "gif", "utf-16", "columns", "rows", "size", "long"],
)
def test_files_that_are_no_table_are_a_sentence(data, said):
    with pytest.raises(BadFileError) as fault:
        take(data, KINDERGARTENS)
    assert said in str(fault.value)


def test_a_workbook_that_grows_too_large_is_refused():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (sheets.MOST_UNPACKED + 1))
    with pytest.raises(BadFileError, match="too large when unpacked"):
        take(data.getvalue(), KINDERGARTENS)


def test_a_zip_that_is_no_workbook_is_refused():
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("hello.txt", b"hello")
    with pytest.raises(BadFileError, match="damaged, or not an XLSX"):
        take(data.getvalue(), KINDERGARTENS)


def test_what_was_taken_in_can_be_reached(compiled, store):
    assert [template.name for template in missing(store)] == list(TEMPLATES)
    save(take(TWO.encode(), KINDERGARTENS), store, date="2026-11-22", expect="")
    assert "kindergartens" not in {template.name for template in missing(store)}
    row = store.layers().set_index("name").loc["kindergartens"]
    assert (row["count"], row["title_vi"], row["date"]) == (2, "Trường mầm non", "2026-11-22")
    found = run(AccessRequest("kindergartens", "2sfca", capacity=CAPACITY), StoreRegion(store))
    assert found.figures["places_left_out"] == {"no_capacity": 1}
    assert found.figures["capacity_used"] == 250
    with pytest.raises(ConflictError):
        save(take(TWO.encode(), KINDERGARTENS), store, date="2026-11-22", expect="")
