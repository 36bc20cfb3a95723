"""Workers beside a base, in processes of their own, on one Postgres database."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from house.bases import PATIENCE, Machine, serving


class Working:
    """By its process id: it is nobody's child here."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def is_gone(self) -> bool:
        try:
            self.send_signal(0)
        except ProcessLookupError:
            return True
        return False

    def wait(self, patience: float) -> None:
        until = time.monotonic() + patience
        while not self.is_gone():
            assert time.monotonic() < until, "the worker doesn't end"
            time.sleep(0.01)


@contextmanager
def a_worker(machine: Machine) -> Generator[Working]:
    """`maquette serve --worker` in the machine's environment, once it is alive; ended by its own id."""
    log = machine.folder / "worker.log"
    log.touch()
    worker = Working(serving(machine.env, log, "--worker"))
    try:
        until = time.monotonic() + PATIENCE
        with psycopg.connect(machine.env["MAQUETTE_DATABASE"], autocommit=True) as conn:
            while worker.pid not in _at_work(conn):
                assert not worker.is_gone(), log.read_text()
                assert time.monotonic() < until, "the worker doesn't come up"
                time.sleep(0.02)
        yield worker
    finally:
        for number in (signal.SIGCONT, signal.SIGTERM):
            with suppress(ProcessLookupError):
                worker.send_signal(number)
        worker.wait(PATIENCE)


def alive(database: str) -> set[int]:
    """Process ids of all who work."""
    with psycopg.connect(database) as conn:
        return _at_work(conn)


def _at_work(conn: psycopg.Connection[Any]) -> set[int]:
    if conn.execute("SELECT to_regclass('workers')").fetchone() == (None,):
        return set()
    return {pid for (pid,) in conn.execute("SELECT pid FROM workers")}
