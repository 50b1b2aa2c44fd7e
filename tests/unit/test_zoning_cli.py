"""A fault on the command line is one line in the reader's language, and an exit status."""

import json
import logging
import os
import re
import subprocess
import sys
import warnings

import pytest

from geodata.journal import JournalHandler
from pages.ui.text import translator
from zoning.cli import _USAGE, OneLineParser, run
from zoning.errors import InputError, StoreError

VI = translator("vi")


def parser(**more):
    root = OneLineParser(prog="prog", **more)
    verbs = root.add_subparsers(dest="verb", required=True, metavar="VERB")
    verb = verbs.add_parser("go")
    verb.add_argument("place")
    verb.add_argument("--minutes", type=float)
    verb.add_argument("--mode", choices=("walk", "car"))
    verb.add_argument("--flag", action="store_true")
    verb.add_argument("--two", nargs=2)
    either = verb.add_mutually_exclusive_group()
    either.add_argument("--a")
    either.add_argument("--b")
    needed = verbs.add_parser("need").add_mutually_exclusive_group(required=True)
    needed.add_argument("--c")
    needed.add_argument("--d")
    return root


WRONG = {
    "": ("Missing: VERB.", "Còn thiếu: VERB."),
    "fly": ("VERB: 'fly' is not known. There are: go, need.", "VERB: không có 'fly'."),
    "go": ("Missing: place.", "Còn thiếu: place."),
    "go x --minutes": ("--minutes needs a value behind it.", "Sau --minutes phải có một giá trị."),
    "go x --minutes ten": ("--minutes: 'ten' is not a value it can have.", "--minutes: 'ten' không phải"),
    "go x --mode boat": ("--mode: 'boat' is not known. There are: walk, car.", "--mode: không có 'boat'."),
    "go x --flag=1": ("--flag takes no value, but got '1'.", "--flag không nhận giá trị"),
    "go x --two 1": ("--two needs more values behind it.", "Sau --two phải có thêm giá trị."),
    "go x --a 1 --b 2": ("--b and --a exclude each other.", "Không dùng --b cùng với --a."),
    "go x --min 5": ("Unknown argument: --min 5.", "Không có tham số này: --min 5."),
    "go x y z": ("Unknown argument: y z.", "Không có tham số này: y z."),
    "need": ("One of these is needed: --c --d.", "Cần một trong các tham số: --c --d."),
}


@pytest.mark.parametrize("arguments", WRONG)
def test_what_argparse_finds_wrong_is_one_translated_line(arguments, capsys, tmp_path):
    english, vietnamese = WRONG[arguments]
    for translate, expected in ((str, english), (VI, vietnamese)):
        status = run(lambda: bool(parser().parse_args(arguments.split())), translate, JournalHandler(tmp_path / "log"))
        out, err = capsys.readouterr()
        assert status == 2
        assert err.startswith(expected)
        assert err.count("\n") == 1
        assert out == ""


def test_each_kind_of_usage_fault_was_tried():
    assert len(WRONG) >= len(_USAGE)
    for _, template in _USAGE:
        start = re.escape(template).replace(r"\{", "{").replace(r"\}", "}")
        pattern = re.compile(re.sub(r"{\w+}", ".+", start.split("\\.")[0]))
        assert any(pattern.match(english) for english, _ in WRONG.values()), template


def test_a_fault_unknown_to_us_is_still_one_line():
    with pytest.raises(InputError, match="cannot be understood: something new in Python 3.20"):
        OneLineParser(prog="p").error("something new\nin Python 3.20")


def test_what_is_right_is_parsed():
    args = parser().parse_args(["go", "x", "--minutes", "7.5", "--mode", "car", "--flag"])
    assert (args.verb, args.place, args.minutes, args.mode, args.flag) == ("go", "x", 7.5, "car", True)


def test_help_is_in_the_readers_language(capsys):
    with pytest.raises(SystemExit) as stop:
        parser(translate=VI).parse_args(["go", "--help"])
    text = capsys.readouterr().out
    assert stop.value.code == 0
    assert text.startswith("cách dùng: prog go")
    assert "tham số:" in text
    assert "tùy chọn:" in text
    assert "usage" not in text
    assert "options" not in text


def fail(error):
    def main():
        raise error

    return main


def test_our_own_faults_are_said_and_end_with_2(capsys, tmp_path):
    log = tmp_path / "log"
    assert run(fail(StoreError("No\nfolder {folder}.", folder="/x\ny")), str, JournalHandler(log)) == 2
    assert capsys.readouterr().err == "No folder /x y.\n"
    assert not log.exists()


def test_an_unexpected_fault_is_one_line_and_the_log_has_the_rest(capsys, tmp_path):
    log = tmp_path / "deep" / "er" / "log"
    assert run(fail(ZeroDivisionError("secret")), VI, JournalHandler(log)) == 1
    out, err = capsys.readouterr()
    assert err.count("\n") == 1
    assert err.startswith("Lỗi ngoài dự kiến (ZeroDivisionError).")
    assert str(log) in err
    assert "secret" not in err + out
    line = json.loads(log.read_text())
    assert (line["event"], line["level"], line["kind"]) == ("fault", "error", "ZeroDivisionError")
    assert line["at"][-1].startswith("tests/unit/test_zoning_cli.py:")
    assert line["fault"] in err


def test_a_fault_is_said_without_a_log_too(capsys, monkeypatch):
    monkeypatch.setenv("INNOVATION_REGION_LOG", "off")
    assert run(fail(ZeroDivisionError("secret")), VI, JournalHandler()) == 1
    assert capsys.readouterr().err == "Lỗi ngoài dự kiến (ZeroDivisionError). Nhật ký ghi chi tiết đang tắt.\n"


def test_a_log_that_cannot_be_written_makes_no_second_line(capsys, tmp_path):
    (tmp_path / "file").write_text("")
    assert run(fail(ZeroDivisionError()), str, JournalHandler(tmp_path / "file" / "log")) == 1
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "could not be written" in err


def test_warnings_go_to_the_log_not_to_the_screen(capsys, tmp_path):
    def main():
        logging.getLogger("some.library").warning("mind the gap")
        with warnings.catch_warnings():
            warnings.simplefilter("always")
            warnings.warn("old habit", stacklevel=1)
        return 0

    assert run(main, str, JournalHandler(tmp_path / "log")) == 0
    assert capsys.readouterr() == ("", "")
    assert "mind the gap" in (tmp_path / "log").read_text()


def test_nothing_stays_behind_in_the_process(tmp_path):
    before = list(logging.getLogger().handlers), warnings.showwarning
    run(lambda: 0, str, JournalHandler(tmp_path / "log"))
    run(fail(ValueError()), str, JournalHandler(tmp_path / "log"))
    assert (list(logging.getLogger().handlers), warnings.showwarning) == before


def test_statuses_are_passed_on(tmp_path):
    assert run(lambda: 0, str, JournalHandler(tmp_path / "log")) == 0
    assert run(lambda: 7, str, JournalHandler(tmp_path / "log")) == 7


def test_control_c_is_quiet(capsys, tmp_path):
    assert run(fail(KeyboardInterrupt()), VI, JournalHandler(tmp_path / "log")) == 130
    assert capsys.readouterr().err == "Đã dừng.\n"


def test_a_reader_that_has_gone_is_no_fault(tmp_path):
    code = (
        "import sys; from zoning.cli import run; sys.exit(run(lambda: [print('x' * 100) for _ in range(10**4)] and 0))"
    )
    env = os.environ | {"INNOVATION_REGION_LOG": str(tmp_path / "log")}
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env)
    child.stdout.readline()
    child.stdout.close()
    assert child.stderr.read() == b""
    assert child.wait(20) == 141
    child.stderr.close()


def test_vietnamese_is_written_where_the_terminal_knows_ascii_only(tmp_path):
    code = "import sys; from zoning.cli import run; sys.exit(run(lambda: print('Thủ Dầu Một') or 0))"
    env = os.environ | {"PYTHONIOENCODING": "ascii", "INNOVATION_REGION_LOG": str(tmp_path / "log")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=env, check=True)
    assert done.stdout.decode() == "Thủ Dầu Một\n"
