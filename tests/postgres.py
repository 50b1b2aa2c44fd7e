"""Start a PostgreSQL server with PostGIS for tests: on a socket in a folder of its own, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

PASSWORD = "mật-khẩu 7"  # looked for in messages and logs


def missing():
    """Return why no server can be started here, empty where one can."""
    if sys.platform == "win32":
        return "needs Unix sockets"
    programs = _programs()
    if programs is None:
        return "PostgreSQL is not installed (Debian: apt-get install postgresql-postgis)"
    share = subprocess.run([programs / "pg_config", "--sharedir"], capture_output=True, text=True, check=False)
    folder = Path(share.stdout.strip() or "/usr/share/postgresql" / Path(programs.parent.name))
    if not (folder / "extension/postgis.control").exists():
        return "PostGIS is not installed (Debian: apt-get install postgresql-postgis)"
    if os.geteuid() == 0 and _user() is None:
        return "PostgreSQL does not run as root, and there is no user postgres"
    return ""


class Server:
    """A running server; `address` names its databases, `run` asks it something as its owner."""

    def __init__(self, folder, programs):
        self.folder, self.programs = folder, programs

    def address(self, database, user="planner", password=PASSWORD):
        return f"postgresql://{user}:{quote(password)}@/{database}?host={self.folder}"

    def run(self, *statements, database="postgres"):
        import psycopg

        with psycopg.connect(host=str(self.folder), user="keeper", dbname=database, autocommit=True) as connection:
            rows = [connection.execute(statement) for statement in statements]
            return rows[-1].fetchall() if rows[-1].description else []

    def copy(self, database, name):
        """Copy a database, whose connections are ended for that; return the name of the copy."""
        ended = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'"
        self.run(ended, f"CREATE DATABASE {name} TEMPLATE {database} OWNER planner STRATEGY file_copy")
        return name

    def stop(self):
        _as_owner([self.programs / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop"])

    def start(self):
        # nothing here outlives the tests: no flushing
        options = f"-c listen_addresses= -k {self.folder} -c fsync=off -c full_page_writes=off -c max_connections=60"
        log = self.folder / "log"
        _as_owner([self.programs / "pg_ctl", "-D", self.folder / "data", "-w", "-l", log, "-o", options, "start"])


@contextmanager
def server():
    """Start a server that knows two users: `keeper`, who owns it, and `planner`, who needs a password."""
    programs = _programs()
    # not pytest's folder: that is root's alone, and too long for the name of a socket
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    running = Server(folder, programs)
    try:
        if os.geteuid() == 0:
            user = _user()
            os.chown(folder, user.pw_uid, user.pw_gid)
        _as_owner([programs / "initdb", *f"-D {folder}/data -U keeper -A trust -E UTF8 --locale=C --no-sync".split()])
        (folder / "data/pg_hba.conf").write_text("local all keeper trust\nlocal all all scram-sha-256\n")
        running.start()
        # as in an office: the administrator makes the database and its extension, the application does the rest
        running.run(f"CREATE ROLE planner LOGIN PASSWORD '{PASSWORD}'", "CREATE DATABASE empty OWNER planner")
        running.run("CREATE EXTENSION postgis", database="empty")
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _as_owner(command):
    user = _user() if os.geteuid() == 0 else None
    as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    done = subprocess.run(
        [str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        text=True, check=False, cwd="/", **as_user,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def _programs():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda file: int(file.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


def _user():
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return None
