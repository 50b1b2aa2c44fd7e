"""Rows B6, B7 and E: the running server refuses foreign hosts and uploads without a token, and tells no details."""

import tomllib
import urllib.error
import urllib.request
from importlib.metadata import version
from urllib.parse import urlsplit

import pytest
import websockets.exceptions
from streamlit import config

from layers import assets
from layers.basemap import TILES_URL
from tests.browser.serving import ROOT, Server
from tests.faults.visitor import Visitor
from zoning.errors import StoreError

SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture(scope="module")
def faulty():
    with Server(script="tests/faults/faulty_page.py") as running:
        yield running


def ask(url, *, method="GET", data=None, **headers):
    """Return status and headers of an answer, whatever the status."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(url, method=method, data=data, headers=names)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as fault:
        return fault.code, fault.headers, fault.read()


def test_b6_the_files_of_the_map_are_checked_before_a_map_is_shown(tmp_path):
    assets.check()
    with pytest.raises(StoreError, match=r"leaflet.js is missing"):
        assets.check(assets.FOLDERS | {"leaflet": tmp_path})


def test_b6_every_file_of_the_map_is_served_from_here(server):
    with Visitor(server.url) as visitor:
        visitor.run()  # components are registered by the first map
    for asset in (*assets.SCRIPTS, *assets.STYLES):
        status, headers, _ = ask(f"{server.url}/component/{assets.__name__}.{asset.component}/{asset.file}")
        kind = "javascript" if asset in assets.SCRIPTS else "css"
        assert (status, kind in headers["Content-Type"]) == (200, True), asset


@pytest.mark.parametrize("path", ["/", "/data", "/_stcore/health", "/_stcore/host-config", "/no/such", "/static/x.js"])
def test_b7_every_answer_has_the_headers(server, path):
    _, headers, _ = ask(server.url + path)
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"] == policy["base-uri"] == policy["form-action"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert policy["img-src"] == f"'self' data: blob: {TILES_URL.partition('/{z}')[0]}"
    assert "http" not in policy["default-src"] + policy["connect-src"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Access-Control-Allow-Origin" not in headers


def test_e_an_upload_without_a_token_is_refused(server):
    for method in ("PUT", "POST", "DELETE"):
        status, _, body = ask(f"{server.url}/_stcore/upload_file/a/b", method=method, data=b"x",
                              Content_Type="multipart/form-data; boundary=x")  # fmt: skip
        assert status in ((403,) if method != "POST" else (403, 405)), (method, body)


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8501"])
def test_e_a_foreign_host_gets_no_session(server, host):
    # DNS rebinding: a page of evil.example whose name points to this machine
    with pytest.raises(websockets.exceptions.InvalidStatus, match="403"), Visitor(server.url, host=host):
        pass


def test_e_a_page_of_another_site_gets_no_session(server):
    with (
        pytest.raises(websockets.exceptions.InvalidStatus, match="403"),
        Visitor(server.url, Origin="http://evil.example"),
    ):
        pass


def test_e_our_own_page_gets_one_with_all_its_places(server):
    with Visitor(server.url, Origin=server.url) as visitor:
        said = visitor.run("lang=en")
    assert "Thu Dau Mot" in said
    assert "Traceback" not in said


def test_e_figures_of_the_server_are_for_this_machine(server):
    assert ask(f"{server.url}/_stcore/metrics")[0] == 200
    status, headers, _ = ask(f"{server.url}/_stcore/metrics", X_Forwarded_For="10.1.2.3")
    assert status == 404
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("query", ["", "bare=1"])
def test_e_a_fault_shows_no_details(faulty, query):
    with Visitor(faulty.url) as visitor:
        said = visitor.run(query)
    assert "hello" in said
    for secret in ("hunter2", "/srv/region", "Traceback", "RuntimeError", 'faulty_page.py", line'):
        assert secret not in said
    if query:
        assert "hunter2" in faulty.log.read_text()  # what no page of ours lets through, the server's log has
    else:
        assert "Có lỗi ngoài dự kiến" in said


def test_e_every_setting_is_one_that_streamlit_knows():
    known = config._config_options_template
    for section, options in SETTINGS.items():
        for name in options:
            assert f"{section}.{name}" in known


def test_e_the_settings_are_the_safe_ones():
    server, client = SETTINGS["server"], SETTINGS["client"]
    assert server["enableXsrfProtection"] is True
    assert server["enableCORS"] is True
    assert server["enableStaticServing"] is False
    assert server["address"] == "127.0.0.1"
    assert server["allowedHosts"] == ["localhost", "127.0.0.1", "::1"]
    assert (server["maxUploadSize"], server["maxMessageSize"], server["disconnectedSessionTTL"]) == (50, 200, 120)
    assert server["fileWatcherType"] == "none"
    assert client == {"showErrorDetails": "none", "showErrorLinks": False, "toolbarMode": "viewer"}
    assert SETTINGS["browser"]["gatherUsageStats"] is False
    assert not any("agent" in name.lower() for options in SETTINGS.values() for name in options)


def test_e_the_packages_that_answer_the_network_are_not_known_to_be_flawed():
    # CVE-2026-48818 (paths on Windows) is mended in Starlette 1.1.0; allowed hosts came with Streamlit 1.61
    assert tuple(map(int, version("starlette").split(".")[:2])) >= (1, 1)
    assert tuple(map(int, version("streamlit").split(".")[:2])) >= (1, 61)


def test_e_the_server_listens_where_its_settings_say(server):
    assert urlsplit(server.url).hostname == SETTINGS["server"]["address"]
    assert "gatherUsageStats" not in server.log.read_text()
