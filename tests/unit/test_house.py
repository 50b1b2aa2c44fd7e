"""The house stands as designed: imports run one way, and each library has its room."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FLOORS = ("zoning", "geodata", "layers", "pages")
SOURCES = sorted(path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")) + [ROOT / "app.py"]

# who may import whom, apart from itself; the command lines stand on the roof
MAY = {
    "zoning": set(),
    "geodata": {"zoning"},
    "layers": {"zoning", "geodata.crs"},
    "pages.ui": {"zoning", "geodata", "layers", "pages.ui"},
    "pages": {"zoning", "geodata", "layers", "pages.ui"},
    "app": {"pages.ui", "zoning", "geodata", "layers"},
    "roof": {"zoning", "geodata", "layers", "pages.ui"},
}
ROOMS = {  # library -> where it may be imported
    "streamlit": ("app.py", "pages/", "layers/assets.py"),
    "streamlit_folium": ("pages/ui/map.py",),
    "folium": ("layers/", "pages/ui/map.py"),
    "osmnx": ("geodata/",),
    "pyogrio": ("geodata/",),
    "requests": ("geodata/",),
    "osmium": ("geodata/",),
    "psycopg": ("geodata/",),
}


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def imports(path, *, top_level_only=False):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{name_of(path)}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def floor_of(path):
    name = name_of(path)
    if name in ("geodata/__main__.py", "zoning/__main__.py") or name.startswith("zoning/commands/"):
        return "roof"
    if name == "app.py":
        return "app"
    return "pages.ui" if name.startswith("pages/ui/") else name.split("/")[0]


def allowed(module, floor):
    own = {"roof": (), "app": ()}.get(floor, (floor,))
    return any(module == base or module.startswith(f"{base}.") for base in (*MAY[floor], *own))


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_imports_run_one_way(path):
    floor = floor_of(path)
    for module in imports(path):
        if module.split(".")[0] not in FLOORS or (module in ("pages", "geodata") and floor != "zoning"):
            continue
        assert allowed(module, floor), f"{name_of(path)} imports {module}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_each_library_has_its_room(path):
    name = name_of(path)
    for module in imports(path):
        rooms = ROOMS.get(module.split(".")[0])
        assert rooms is None or name.startswith(rooms), f"{name} imports {module}"


def test_only_one_module_of_layers_knows_streamlit():
    users = [name_of(p) for p in SOURCES if name_of(p).startswith("layers/") and "streamlit" in set(imports(p))]
    assert len(users) <= 1


def test_osmnx_is_imported_inside_functions_only():
    for path in SOURCES:
        assert not any(m.split(".")[0] == "osmnx" for m in imports(path, top_level_only=True)), name_of(path)


def test_only_crs_reprojects():
    users = [name_of(p) for p in SOURCES if ".to_crs(" in p.read_text(encoding="utf-8")]
    assert users in ([], ["geodata/crs.py"])


def test_zoning_opens_no_file_but_tables_and_networks():
    for path in (ROOT / "zoning").rglob("*.py"):
        called = {
            node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
        }
        if name_of(path) not in ("zoning/reach/netfile.py", "zoning/cli.py", "zoning/__main__.py"):
            assert not called & {"open", "read_file", "to_file", "urlopen", "connect"}, name_of(path)


@pytest.mark.parametrize("path", [p for p in SOURCES if p.name != "__init__.py"], ids=name_of)
def test_each_module_says_what_it_is_for(path):
    text = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(text)), f"{name_of(path)} has no docstring"
    limit = 60 if path.name == "app.py" else 80 if path.parent == ROOT / "pages" else 400
    assert len(text.splitlines()) <= limit, f"{name_of(path)} is longer than {limit} lines"


def test_the_top_level_is_as_designed():
    for name in ("app.py", "zoning", "layers", "geodata", "pages", "tests", "requirements.txt", "README.md",
                 "CHANGELOG.md", "pyproject.toml", ".streamlit", ".ci"):  # fmt: skip
        assert (ROOT / name).exists(), name


def test_every_dependency_is_pinned_with_a_reason():
    for file in ("requirements.txt", "tests/requirements.txt"):
        for line in (ROOT / file).read_text().splitlines():
            if line and not line.startswith("#"):
                package, _, reason = line.partition("#")
                assert "==" in package, line
                assert len(reason.split()) >= 2, f"no reason: {line}"
