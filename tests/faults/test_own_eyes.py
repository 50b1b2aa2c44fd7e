"""Row C6: what one session brings is never shown to another, whatever is kept between them."""

import ast

import pytest

from tests.browser.serving import ROOT, Server
from tests.faults.visitor import Visitor


def test_c6_a_preview_is_for_the_session_that_brought_it():
    with (
        Server(script="tests/faults/private_page.py") as server,
        Visitor(server.url) as one,
        Visitor(server.url) as other,
    ):
        assert "of one" in one.run("who=one")
        said = other.run("who=other")
        assert "of other" in said
        assert "of one" not in said
        assert "of one" in one.run("who=one")  # and who asks again gets their own


SHARED = {
    # functions whose cache all sessions share, and that are given something that is not part of the key: what tells
    # that thing apart is
    "_checks_export": "run_id, the hash of request and data",
    "_region": "text, the whole of the scenario",
    "_usable": "text, the whole of the scenario",
    "_empty": "the name of a template of ours",
}


def _cached():
    for path in (ROOT / "pages").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                for one in node.decorator_list:
                    text = ast.unparse(one)
                    if text.startswith(("st.cache_data", "st.cache_resource")):
                        yield node, text, path.name


def test_c6_what_is_not_part_of_a_key_is_told_apart_by_what_is():
    found = list(_cached())
    assert len(found) > 15
    for node, text, file in found:
        hidden = [one.arg for one in (*node.args.args, *node.args.kwonlyargs) if one.arg.startswith("_")]
        assert not hidden or 'scope="session"' in text.replace("'", '"') or node.name in SHARED, (file, node.name)


def test_c6_the_preview_of_a_file_is_kept_with_its_session_and_ends():
    ((node, text, _),) = [one for one in _cached() if one[0].name == "_read"]
    assert "_content" in [one.arg for one in node.args.args]
    assert "scope='session'" in text
    assert "max_entries" in text
    assert "ttl" in text


def test_c6_pages_keep_nothing_in_modules_but_answers_by_content():
    # module globals live as long as the server and are seen by all: each is named here with what its keys are
    known = {"_BASES": "hash of scenarios and data", "_planned": "timers", "_visit": "weak"}
    for path in (ROOT / "pages").rglob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            if not isinstance(target, ast.Name) or not isinstance(getattr(node, "value", None), ast.AST):
                continue
            grows = ast.unparse(node.value) in ("{}", "[]", "set()", "dict()", "OrderedDict()", "list()", "deque()")
            assert not grows or target.id in known, (path.name, target.id)
    for path in [*(ROOT / "pages").rglob("*.py"), *(ROOT / "layers").rglob("*.py")]:
        assert not any(isinstance(node, ast.Global) for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("word", ["secret", "password", "token", "api_key"])
def test_e_no_secret_is_written_down(word):
    import re

    for path in [
        ROOT / ".streamlit" / "config.toml",
        *(ROOT / "geodata").rglob("*.py"),
        *(ROOT / "pages").rglob("*.py"),
    ]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(rf"{word}\w*\s*=\s*[\"'][^\"'{{}}]{{6,}}[\"']", text, re.IGNORECASE), path
