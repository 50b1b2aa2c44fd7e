"""Every row of the catalogue has a test that carries its number."""

import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMES = [
    name
    for path in sorted(HERE.glob("test_*.py"))
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
]
ROWS = [
    *(f"a{at}" for at in range(1, 20)),
    *(f"b{at}" for at in range(1, 8)),
    *(f"d{at}" for at in range(1, 9)),
    "c6",
    "e",
]


@pytest.mark.parametrize("row", ROWS)
def test_each_row_has_a_test(row):
    assert [name for name in NAMES if f"_{row}_" in name]


def test_the_table_names_files_that_are_there():
    table = (HERE / "README.md").read_text(encoding="utf-8")
    for name in re.findall(r"`(test_\w+\.py)`", table):
        assert (HERE / name).exists(), name
