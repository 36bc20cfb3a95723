"""Workers beside a base, in processes of their own, on one Postgres database."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager

import psycopg

from house.bases import PATIENCE, Machine


@contextmanager
def a_worker(machine: Machine) -> Generator[subprocess.Popen[str]]:
    """`maquette serve --worker` in the machine's environment, once it is alive; ended by its own id."""
    log = (machine.folder / "worker.log").open("a")
    with (
        log,
        subprocess.Popen(
            machine.command("serve", "--worker"), env=machine.env, stdout=log, stderr=log, text=True
        ) as worker,
    ):
        try:
            until = time.monotonic() + PATIENCE
            while worker.pid not in alive(machine.env["MAQUETTE_DATABASE"]):
                assert worker.poll() is None, (machine.folder / "worker.log").read_text()
                assert time.monotonic() < until, "the worker doesn't come up"
                time.sleep(0.02)
            yield worker
        finally:
            if worker.poll() is None:
                worker.send_signal(signal.SIGCONT)
                worker.terminate()
                try:
                    worker.wait(PATIENCE)
                except subprocess.TimeoutExpired:
                    worker.kill()


def alive(database: str) -> set[int]:
    """Process ids of all who work."""
    with psycopg.connect(database) as conn:
        if conn.execute("SELECT to_regclass('workers')").fetchone() == (None,):
            return set()
        return {pid for (pid,) in conn.execute("SELECT pid FROM workers")}
