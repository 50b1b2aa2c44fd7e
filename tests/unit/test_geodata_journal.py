"""The log is one JSON line an event, in UTC, small, shared by processes, and holds nothing private."""

import datetime as dt
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from geodata import journal
from geodata.journal import JournalHandler, last_faults, log_path, plain
from zoning.errors import InputError


@pytest.fixture
def log(tmp_path):
    """Give a logger that writes to a journal of its own, and what reads it."""
    path = tmp_path / "data" / "app.log"
    logger = logging.Logger(f"{journal.OURS}.tests")  # noqa: LOG001 - of this test alone
    logger.addHandler(JournalHandler(path))

    def lines():
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    logger.lines, logger.path = lines, path
    return logger


def test_an_event_is_one_line_with_its_fields_in_utc(log):
    before = dt.datetime.now(dt.UTC)
    log.info("run", extra={"event": "run", "job": "catchment", "run": "abc", "duration_s": 0.25, "secret": "no"})
    (line,) = log.lines()
    told = {key: value for key, value in line.items() if key != "time"}
    assert told == {"level": "info", "event": "run", "from": "tests", "job": "catchment", "run": "abc",
                    "duration_s": 0.25}  # fmt: skip
    assert line["time"].endswith("Z")
    assert abs(dt.datetime.fromisoformat(line["time"]) - before) < dt.timedelta(seconds=5)


def test_what_breaks_lines_stays_in_one(log):
    log.warning("first\nsecond\r\n\u2028third “x”")
    assert len(log.path.read_bytes().split(b"\n")) == 2
    assert log.lines()[0]["message"] == "first second third '…'"


def test_a_fault_is_told_by_kind_number_and_place_without_values_or_folders(log):
    try:
        int("0912 345 678 Nguyễn Văn A")
    except ValueError:
        log.exception("fault", extra={"event": "fault", "page": "data", "fault": "12ab34cd"})
    (line,) = log.lines()
    text = log.path.read_text(encoding="utf-8")
    assert (line["kind"], line["fault"], line["page"]) == ("ValueError", "12ab34cd", "data")
    assert line["message"] == "invalid literal for int() with base 10: '…'"
    assert line["at"][-1].startswith("tests/unit/test_geodata_journal.py:")
    assert "Nguyễn" not in text
    assert str(Path(__file__).parent) not in text


def test_of_our_own_faults_the_sentence_is_kept_and_not_its_values(log):
    error = InputError("The file {name} is too large.", name="salaries.xlsx")
    log.error("fault", exc_info=error)
    assert log.lines()[0]["message"] == "The file {name} is too large."
    assert "salaries" not in log.path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("could not connect to postgresql://planner:s3cret@db.example:5432/region today",
         "could not connect to postgresql:… today"),
        ("cannot open /home/lan/Documents/plan.gpkg: denied", "cannot open …/plan.gpkg: denied"),
        (r"cannot open C:\Users\lan\plan.gpkg", "cannot open …/plan.gpkg"),
        ('column "Họ tên" has \'A, B\'', "column '…' has '…'"),
        ("3 of 4 rows", "3 of 4 rows"),
        ("1/2 of all, and/or none", "1/2 of all, and/or none"),
        ("x" * 1000, "x" * 299 + "…"),
    ],
)  # fmt: skip
def test_words_of_libraries_are_kept_without_what_is_private(words, kept):
    assert plain(words) == kept


def test_others_are_heard_from_warnings_on_ours_from_information_on(tmp_path):
    handler = JournalHandler(tmp_path / "log")
    for name, level in ((journal.OURS, logging.INFO), ("pyogrio", logging.INFO), ("pyogrio", logging.WARNING),
                        ("innovation_regional", logging.INFO), (f"{journal.OURS}.x", logging.DEBUG)):  # fmt: skip
        handler.handle(logging.LogRecord(name, level, "", 0, "said", None, None))
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [(line["from"], line["level"]) for line in lines] == [(journal.OURS, "info"), ("pyogrio", "warning")]


def test_the_file_stays_small_and_the_newest_is_never_lost(tmp_path):
    handler = JournalHandler(tmp_path / "log", largest_bytes=2_000)
    for number in range(200):
        handler.handle(logging.LogRecord("x", logging.WARNING, "", 0, f"event {number}", None, None))
        assert f"event {number}" in (tmp_path / "log").read_text().splitlines()[-1]
    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir() if not file.name.endswith(".lock")}
    assert set(sizes) == {"log", "log.1"}
    assert max(sizes.values()) <= 2_000
    newest = last_faults(5, tmp_path / "log")
    assert [event.message for event in newest] == [f"event {number}" for number in range(199, 194, -1)]
    assert len(last_faults(1000, tmp_path / "log")) > 10  # goes on into the file that was put aside


def test_processes_share_a_file_that_is_put_aside_meanwhile(tmp_path):
    code = (
        "import logging, sys; from pathlib import Path; from geodata.journal import JournalHandler\n"
        "handler = JournalHandler(Path(sys.argv[1]), largest_bytes=60_000)\n"
        "for number in range(200):\n"
        "    handler.handle(logging.LogRecord('x', 30, '', 0, f'{sys.argv[2]}-{number}', None, None))"
    )
    file = tmp_path / "log"
    command = [sys.executable, "-c", code, str(file)]
    children = [subprocess.Popen([*command, name]) for name in ("a", "b", "c")]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    lines = [json.loads(line) for part in (tmp_path / "log.1", file) if part.exists()
             for line in part.read_text().splitlines()]  # fmt: skip
    assert sorted(line["message"] for line in lines) == sorted(f"{name}-{n}" for name in "abc" for n in range(200))


def test_damaged_lines_are_passed_over(tmp_path):
    good = json.dumps({"time": "t", "level": "error", "kind": "KeyError", "fault": "1", "message": "m"})
    (tmp_path / "log").write_bytes(b'{"cut\n' + good.encode() + b"\n\xff\xfe\n[1]\n" + b"[" * 100_000 + b"\n")
    (event,) = last_faults(path=tmp_path / "log")
    assert (event.kind, event.fault) == ("KeyError", "1")
    assert last_faults(path=tmp_path / "none") == []


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    handler = JournalHandler(tmp_path / "file" / "log")
    handler.handle(logging.LogRecord("x", logging.ERROR, "", 0, "said", None, None))
    assert not handler.written


def test_the_settings_say_where_it_is(monkeypatch, tmp_path):
    monkeypatch.setenv("INNOVATION_REGION_STORE", str(tmp_path / "region.gpkg"))
    assert log_path() == tmp_path / journal.FILE
    monkeypatch.setenv(journal.LOG_VARIABLE, str(tmp_path / "other.log"))
    assert log_path() == tmp_path / "other.log"
    monkeypatch.setenv(journal.LOG_VARIABLE, " OFF ")
    assert log_path() is None
    assert last_faults() == []
    monkeypatch.delenv(journal.LOG_VARIABLE)
    monkeypatch.setenv("INNOVATION_REGION_STORE", "postgresql://planner:s3cret@127.0.0.1/region")
    assert "s3cret" not in str(log_path())


def test_the_command_line_writes_its_faults_there(tmp_path):
    code = "import sys, geodata.__main__ as m; from zoning.cli import run; "
    code += "sys.exit(run(lambda: {}['x'], str, m.JournalHandler()))"
    env = os.environ | {"INNOVATION_REGION_STORE": str(tmp_path / "region.gpkg")}
    env.pop(journal.LOG_VARIABLE, None)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 1
    (event,) = last_faults(path=tmp_path / journal.FILE)
    assert event.fault in done.stderr
    assert event.kind == "KeyError"


def test_a_process_listens_once(monkeypatch):
    root = logging.getLogger()
    before = list(root.handlers)
    try:
        assert journal.install() is journal.install()
        assert sum(isinstance(one, JournalHandler) for one in root.handlers) == 1
    finally:
        root.handlers = before
